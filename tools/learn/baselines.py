"""The methods that Cairn is compared with: each maps rows of likes to scores of all items.

All learn from the same training likes. Similarities are held as whole matrices of items by items,
so these are for data sets that fit a laptop.
"""
from __future__ import annotations

from typing import Callable

import numpy as np
import scipy.sparse
import scipy.sparse.linalg

Likes = scipy.sparse.csr_matrix
Score = Callable[[Likes], np.ndarray]

NEIGHBOURS_DEFAULT = 100
SVD_RANK_DEFAULT = 32


def popularity(training: Likes) -> Score:
    """How many people liked the item."""
    counts = np.asarray(training.sum(axis=0)).ravel()
    return lambda history: np.tile(counts, (history.shape[0], 1))


def co_occurrence(training: Likes) -> Score:
    """How often the item was liked by people who liked the same things."""
    together = without_diagonal(training)
    return lambda history: (history @ together).toarray()


def item_neighbours(training: Likes, neighbours_count: int = NEIGHBOURS_DEFAULT) -> Score:
    """Cosine item-kNN: each item's likeness to the likes among its nearest neighbours."""
    lengths = np.sqrt(np.asarray(training.sum(axis=0)).ravel())
    inverse = scipy.sparse.diags(1.0 / np.maximum(lengths, 1e-12))
    likeness = (inverse @ without_diagonal(training) @ inverse).tocsc()
    for column in range(likeness.shape[1]):
        values = likeness.data[likeness.indptr[column]:likeness.indptr[column + 1]]
        if len(values) > neighbours_count:
            least = np.partition(values, -neighbours_count)[-neighbours_count]
            values[values < least] = 0.0
    return lambda history: (history @ likeness).toarray()


def pure_svd(training: Likes, rank: int = SVD_RANK_DEFAULT, seed: int = 1) -> Score:
    """PureSVD (Cremonesi 2010): likes projected on the leading directions of all likes."""
    rank = min(rank, min(training.shape) - 1)
    start = np.random.default_rng(seed).standard_normal(min(training.shape))
    _, _, right = scipy.sparse.linalg.svds(training.astype(np.float64), k=rank, v0=start)
    return lambda history: (history @ right.T) @ right


def without_diagonal(training: Likes) -> Likes:
    """Counts of people who liked both of two items."""
    together = (training.T @ training).tolil()
    together.setdiag(0)
    together = together.tocsr()
    together.eliminate_zeros()
    return together
