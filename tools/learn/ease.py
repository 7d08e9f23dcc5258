"""EASE: the closed-form item-item model of Steck, "Embarrassingly Shallow Autoencoders for Sparse
Data" (2019), https://arxiv.org/abs/1905.03375.

X holds a 1 for each user (row) who liked an item (column). EASE is the matrix B of items by items
that minimises |X - X B|^2 + lambda |B|^2 with a zero diagonal:

    P = (X'X + lambda I)^-1,    B = I - P diag(1 / diag P)

and a user's scores are the sum of the rows of B behind the user's likes. There are two exact ways
to it. By items: invert a matrix of items by items. By users, when those are fewer: by the Woodbury
identity P = (I - Z'Z) / lambda with Z = L^-1 X, LL' = XX' + lambda I; B is never written out, but
multiplied with, as a diagonal and a product of thin matrices.
"""
from __future__ import annotations

from typing import NamedTuple, Optional

import numpy as np
import scipy.linalg
import scipy.sparse

# Floating-point operations a second assumed for the estimate: one modest core.
OPERATIONS_PER_SECOND = 5e9


class Cost(NamedTuple):
    """What solving will take, and which way."""

    by_users: bool
    memory_bytes: int
    seconds: float


def estimate(users_count: int, items_count: int, rank: int) -> Cost:
    """The cheaper way for this shape, with its peak memory and a rough time."""
    users, items = float(users_count), float(items_count)
    products = 10.0 * rank  # matrix-vector products that a truncated decomposition needs
    by_items = Cost(False, int(8 * (3 * items ** 2 + 6 * items * rank)),
                    (3 * items ** 3 + 4 * products * items ** 2) / OPERATIONS_PER_SECOND)
    by_users = Cost(True, int(8 * (2 * users ** 2 + 8 * users * items + 6 * items * rank)),
                    (users ** 3 + 12 * users ** 2 * items + 4 * products * users * items)
                    / OPERATIONS_PER_SECOND)
    return by_users if by_users.memory_bytes < by_items.memory_bytes else by_items


class Ease:
    """B = diag(`diagonal`) + `left` @ `right`, either with thin factors or with `right` whole."""

    def __init__(self, diagonal: np.ndarray, left: Optional[np.ndarray], right: np.ndarray) -> None:
        self.diagonal = diagonal
        self.left = left
        self.right = right

    @property
    def items_count(self) -> int:
        return len(self.diagonal)

    def scores(self, history: scipy.sparse.csr_matrix) -> np.ndarray:
        """history @ B: the scores of all items for each row of likes."""
        inner = history if self.left is None else history @ self.left
        return np.asarray(inner @ self.right) + history.toarray() * self.diagonal

    def matrix(self) -> np.ndarray:
        """B written out: items by items."""
        product = self.right.copy() if self.left is None else self.left @ self.right
        product[np.diag_indices_from(product)] += self.diagonal
        return product

    def times(self, vectors: np.ndarray) -> np.ndarray:
        """B @ vectors."""
        inner = self.right @ vectors
        product = inner if self.left is None else self.left @ inner
        return product + (self.diagonal * vectors.T).T

    def transposed_times(self, vectors: np.ndarray) -> np.ndarray:
        """B' @ vectors."""
        inner = vectors if self.left is None else self.left.T @ vectors
        return self.right.T @ inner + (self.diagonal * vectors.T).T


def solve(likes: scipy.sparse.csr_matrix, regularisation: float, by_users: bool) -> Ease:
    """EASE of a matrix of users by items that holds ones."""
    return (solve_by_users if by_users else solve_by_items)(likes, regularisation)


def solve_by_items(likes: scipy.sparse.csr_matrix, regularisation: float) -> Ease:
    """Inverts the items' Gram matrix: items^2 memory, items^3 time."""
    gram = (likes.T @ likes).toarray().astype(np.float64)
    gram[np.diag_indices_from(gram)] += regularisation
    factor = scipy.linalg.cho_factor(gram, lower=True, overwrite_a=True, check_finite=False)
    inverse = scipy.linalg.cho_solve(
        factor, np.eye(len(gram)), overwrite_b=True, check_finite=False)
    inverse /= -np.diag(inverse).copy()
    inverse[np.diag_indices_from(inverse)] = 0.0
    return Ease(np.zeros(len(inverse)), None, inverse)


def solve_by_users(likes: scipy.sparse.csr_matrix, regularisation: float) -> Ease:
    """Factors the users' Gram matrix: users * items memory, users^2 * items time."""
    gram = (likes @ likes.T).toarray().astype(np.float64)
    gram[np.diag_indices_from(gram)] += regularisation
    lower = np.linalg.cholesky(gram)
    thin = scipy.linalg.solve_triangular(
        lower, likes.toarray().astype(np.float64), lower=True, overwrite_b=True,
        check_finite=False)
    # The diagonal of lambda P; B = I - P / diag P = (I - 1 / scale) + Z'Z / scale.
    scale = 1.0 - np.einsum("ui,ui->i", thin, thin)
    return Ease(1.0 - 1.0 / scale, np.ascontiguousarray(thin.T), thin / scale)
