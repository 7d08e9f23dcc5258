"""Scores as the server does, offline: the same integers, for experiments and tests.

A profile is a user's newest likes, up to a number. Each like weighs 2^(-age / half-life) in 15-bit
fixed point, the newest at full weight; a candidate's affinity is the sum of those weights times
int8 dot products, in whole numbers. The server takes its powers of two from a table, so single
weights may differ from these by one step in 32,767.
"""
from __future__ import annotations

from typing import Callable, NamedTuple, Optional, Sequence

import numpy as np

from .log import Like
from .space import STEPS, Space, quantise

WEIGHT_ONE = 32_767
SIGNALS_MAX = 512


class Profile(NamedTuple):
    """The rows of the liked items, newest last, and what each weighs."""

    rows: np.ndarray
    weights: np.ndarray


def decay_weights(ages_ms: np.ndarray, half_life_seconds: float) -> np.ndarray:
    """2^(-age / half-life), scaled so that the newest is at most one, in steps of 1 / 32,767."""
    halvings = ages_ms / (half_life_seconds * 1000.0)
    return np.rint(np.exp2(halvings.min(initial=np.inf) - halvings) * WEIGHT_ONE).astype(np.int64)


def make_profile(likes: Sequence[Like], row_of: dict[str, int], now_ms: int,
                 signals_count: int = SIGNALS_MAX,
                 half_life_seconds: Optional[float] = None) -> Profile:
    """The newest `signals_count` likes; those of items without a vector weigh nothing."""
    newest = [like for like in likes[-signals_count:] if like.item in row_of]
    rows = np.array([row_of[like.item] for like in newest], dtype=np.int64)
    if half_life_seconds is None:
        return Profile(rows, np.full(len(rows), WEIGHT_ONE, dtype=np.int64))
    ages = np.array([now_ms - like.time_ms for like in newest], dtype=np.float64)
    return Profile(rows, decay_weights(ages, half_life_seconds))


class Scorer:
    """Affinities of all items of a space."""

    def __init__(self, space: Space) -> None:
        self.candidates = quantise(space.candidates).astype(np.float64)
        self.signals = quantise(space.signals).astype(np.int64)
        self.row_of = {name: row for row, name in enumerate(space.ids)}
        self.weight = space.weight

    def logits(self, profile: Profile) -> np.ndarray:
        """The taste term of each item with the space's own weight; exact below 2^53."""
        fold = profile.weights @ self.signals[profile.rows]
        sums = self.candidates @ fold.astype(np.float64)
        return sums * (self.weight / (WEIGHT_ONE * STEPS * STEPS))


def ranker(space: Space, catalogue: Sequence[str], signals_count: int,
           half_life_seconds: Optional[float]) -> Callable[[str, Sequence[Like]], list[str]]:
    """Ranks the catalogue for a user, as RECOMMEND would a millisecond after the newest like.

    An item without vectors scores 0, which is above what a bad match gets.
    """
    scorer = Scorer(space)
    names = sorted(catalogue, key=str.encode)
    learned = [column for column, name in enumerate(names) if name in scorer.row_of]
    rows = [scorer.row_of[names[column]] for column in learned]

    def rank(_user: str, likes: Sequence[Like]) -> list[str]:
        profile = make_profile(
            likes, scorer.row_of, likes[-1].time_ms + 1, signals_count, half_life_seconds)
        logits = np.zeros(len(names))
        logits[learned] = scorer.logits(profile)[rows]
        return [names[column] for column in np.argsort(-logits, kind="stable")]

    return rank
