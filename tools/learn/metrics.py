"""The three figures by which rankings are compared.

NDCG@20 with binary relevance: a hit at position p (from 1) counts 1 / log2(p + 1), and the sum is
divided by the best possible one, that of min(20, hidden likes) hits at the top. HR@10 is the share
of users with a hit among the first ten. Coverage@20 is the share of the catalogue that appears in
anyone's first twenty. The mean is over users with a training like and a hidden like.
"""
from __future__ import annotations

import math
from typing import Iterable, NamedTuple, Sequence

NDCG_DEPTH = 20
HIT_DEPTH = 10


class Quality(NamedTuple):
    """How well one method ranked."""

    ndcg: float
    hit_rate: float
    coverage: float
    users_count: int


def ndcg(ranking: Sequence[str], relevant: set[str], depth: int = NDCG_DEPTH) -> float:
    """Normalised discounted cumulative gain of the first `depth` of a ranking."""
    gain = sum(1 / math.log2(position + 2)
               for position, item in enumerate(ranking[:depth]) if item in relevant)
    best = sum(1 / math.log2(position + 2) for position in range(min(depth, len(relevant))))
    return gain / best


def quality(rankings: Iterable[tuple[Sequence[str], set[str]]], catalogue_count: int) -> Quality:
    """The figures over (ranking, hidden likes) of each user."""
    gains, hits, shown = [], [], set()
    for ranking, relevant in rankings:
        gains.append(ndcg(ranking, relevant))
        hits.append(any(item in relevant for item in ranking[:HIT_DEPTH]))
        shown.update(ranking[:NDCG_DEPTH])
    if not gains:
        return Quality(0.0, 0.0, 0.0, 0)
    return Quality(sum(gains) / len(gains), sum(hits) / len(hits), len(shown) / catalogue_count,
                   len(gains))
