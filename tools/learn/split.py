"""Hides a part of each user's likes, so that what is recommended can be compared with it.

Per user, the likes in time order: `time` hides the last fifth, `random` a fifth drawn by a seeded
generator. A fifth is rounded up; a user with a single like keeps it, and nothing is hidden. Nothing
hidden ever reaches learning, popularity or the server.
"""
from __future__ import annotations

import hashlib
import math
from typing import NamedTuple

import numpy as np

from .log import Like, by_user

MODES = ("time", "random")
HALVES = ("tune", "report", "all")


class Split(NamedTuple):
    """Each user's likes in time order: those that may be used, and those that are hidden."""

    training: dict[str, list[Like]]
    hidden: dict[str, list[Like]]


def split_likes(likes: list[Like], mode: str, seed: int = 1, share: float = 0.2) -> Split:
    """Splits `likes`, which are in time order, user by user."""
    if mode not in MODES:
        raise ValueError(f"a split is one of {', '.join(MODES)}")
    generator = np.random.default_rng(seed)
    training: dict[str, list[Like]] = {}
    hidden: dict[str, list[Like]] = {}
    for user, own in by_user(likes).items():
        count = min(math.ceil(share * len(own)), len(own) - 1)
        if mode == "time":
            chosen = set(range(len(own) - count, len(own)))
        else:
            chosen = set(generator.permutation(len(own))[:count].tolist())
        training[user] = [like for index, like in enumerate(own) if index not in chosen]
        hidden[user] = [like for index, like in enumerate(own) if index in chosen]
    return Split(training, hidden)


def in_half(user: str, half: str) -> bool:
    """Whether a user belongs to a half. The halves do not depend on the data or on the order."""
    if half == "all":
        return True
    digest = hashlib.sha256(user.encode()).digest()
    return (digest[0] % 2 == 0) == (half == "tune")
