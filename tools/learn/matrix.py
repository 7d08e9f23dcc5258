"""Likes as a sparse matrix: a row for each history, a column for each item, a one for each like."""
from __future__ import annotations

from typing import Iterable

import numpy as np
import scipy.sparse

from .log import Like


def item_order(likes: Iterable[Like]) -> list[str]:
    """The liked items by the bytes of their ids, the order in which the server breaks ties."""
    return sorted({like.item for like in likes}, key=str.encode)


def like_matrix(histories: Iterable[Iterable[Like]], items: list[str]) -> scipy.sparse.csr_matrix:
    """One row for each history; every liked item must be among `items`."""
    column_of = {item: column for column, item in enumerate(items)}
    columns: list[int] = []
    starts = [0]
    for history in histories:
        columns.extend(column_of[like.item] for like in history)
        starts.append(len(columns))
    return scipy.sparse.csr_matrix(
        (np.ones(len(columns)), np.array(columns, dtype=np.int64), np.array(starts)),
        shape=(len(starts) - 1, len(items)))
