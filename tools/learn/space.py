"""A taste space: two vectors an item, one as a candidate and one as a signal.

EASE scores a user by x B, where x marks the user's likes. The space keeps those scores as well as
`rank` dimensions can: with the truncated SVD of all training scores, W X B = U S V', the best
approximation of X B is X B V V', so an item's signal vector is its row of B V and its candidate
vector its row of V. W divides a user's row by the root of the number of likes, else the few who
like a thousand things take all dimensions. (Cutting B itself spends dimensions on items that
hardly anyone likes; EXPERIMENTS.md compares.) Three steps let vectors survive one byte a value:

* Each dimension's length is split evenly over both sides: sqrt of the singular value on each.
* Both sides are turned by the same random rotation, which keeps every dot product. Without it the
  first dimensions hold most of the length and the others round to nothing.
* Each side is divided by one number for the whole side, `candidate_scale` and `signal_scale`, and
  clipped to [-1, 1]. The product of the two scales is the surface weight that gives back B's units.

The file is an .npz: `ids`, `candidates` and `signals` (float32, one row an item) and `meta`, JSON.
"""
from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

import numpy as np
import scipy.sparse
import scipy.sparse.linalg

from .ease import Ease

STEPS = 127  # a byte holds -127...127
RANK_MIN, RANK_DEFAULT, RANK_MAX = 16, 128, 256
# The share of values that a side keeps unclipped; measured in EXPERIMENTS.md.
CLIP_QUANTILE = 0.99999
# A row whose largest value is below this is rounding noise of zeros.
NOTHING = 1e-9
# Up to this many users or items the whole decomposition is as fast as a truncated one.
WHOLE_MAX = 1_500


class Space(NamedTuple):
    """Vectors in [-1, 1] and how they were made."""

    ids: list[str]
    candidates: np.ndarray
    signals: np.ndarray
    meta: dict

    @property
    def weight(self) -> float:
        """The surface weight with which a sum of dot products is in units of the model."""
        return self.meta["candidate_scale"] * self.meta["signal_scale"]


def factorise(model: Ease, training: scipy.sparse.csr_matrix, rank: int,
              seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Candidate and signal vectors, `rank` values each; the same every time."""
    directions = leading_directions(model, training, rank, seed)
    signals = model.times(directions)
    lengths = np.sqrt(np.linalg.norm(signals, axis=0))
    lengths[lengths == 0] = 1.0
    candidates, signals = directions * lengths, signals / lengths
    # Fewer users or items than the rank leave dimensions empty.
    padding = ((0, 0), (0, rank - directions.shape[1]))
    return np.pad(candidates, padding), np.pad(signals, padding)


def leading_directions(model: Ease, training: scipy.sparse.csr_matrix, rank: int,
                       seed: int) -> np.ndarray:
    """The leading right singular vectors of W X B as columns, each with a fixed sign."""
    likes_counts = np.asarray(training.sum(axis=1)).ravel()
    weights = scipy.sparse.diags(1.0 / np.sqrt(np.maximum(likes_counts, 1.0)))
    weighted = (weights @ training).tocsr()
    users_count, items_count = training.shape
    if items_count <= WHOLE_MAX:
        whole = model.matrix()
        _, vectors = np.linalg.eigh(whole.T @ (weighted.T @ weighted @ whole))
        right = vectors.T[::-1][:rank]
    elif users_count <= max(WHOLE_MAX, rank):
        _, _, right = np.linalg.svd(model.scores(weighted), full_matrices=False)
        right = right[:rank]
    else:
        operator = scipy.sparse.linalg.LinearOperator(
            training.shape, dtype=np.float64,
            matvec=lambda vector: weighted @ model.times(vector.ravel()),
            rmatvec=lambda vector: model.transposed_times(weighted.T @ vector.ravel()))
        start = np.random.default_rng(seed).standard_normal(min(training.shape))
        _, values, right = scipy.sparse.linalg.svds(operator, k=rank, v0=start)
        right = right[np.argsort(-values)]
    largest = right[np.arange(len(right)), np.argmax(np.abs(right), axis=1)]
    return right.T * np.sign(largest)


def rotation(dimension: int, seed: int) -> np.ndarray:
    """A random rotation (an orthogonal matrix), the same for the same seed."""
    square = np.random.default_rng(seed).standard_normal((dimension, dimension))
    orthogonal, upper = np.linalg.qr(square)
    return orthogonal * np.sign(np.diag(upper))


def make_space(ids: list[str], model: Ease, training: scipy.sparse.csr_matrix, rank: int,
               seed: int = 1, clip_quantile: float = CLIP_QUANTILE) -> Space:
    """The space of a model; items that nothing was learned about are left out."""
    candidates, signals = factorise(model, training, rank, seed)
    turn = rotation(rank, seed)
    candidates, candidate_scale = to_unit_range(candidates @ turn, clip_quantile)
    signals, signal_scale = to_unit_range(signals @ turn, clip_quantile)
    learned = np.minimum(np.abs(candidates).max(axis=1), np.abs(signals).max(axis=1)) > NOTHING
    meta = {"model": "EASE", "rank": rank, "seed": seed, "clip_quantile": clip_quantile,
            "candidate_scale": candidate_scale, "signal_scale": signal_scale}
    return Space([name for name, kept in zip(ids, learned) if kept],
                 keep_one_step(candidates[learned]), keep_one_step(signals[learned]), meta)


def to_unit_range(vectors: np.ndarray, clip_quantile: float) -> tuple[np.ndarray, float]:
    """Vectors divided by one scale and clipped to [-1, 1], and the scale."""
    scale = float(np.quantile(np.abs(vectors), clip_quantile)) or float(np.abs(vectors).max())
    if scale == 0.0:
        return vectors.astype(np.float32), 1.0
    return np.clip(vectors / scale, -1.0, 1.0).astype(np.float32), scale


def keep_one_step(vectors: np.ndarray) -> np.ndarray:
    """Makes sure that no row rounds to zero: its largest value becomes at least one step."""
    kept = vectors.copy()
    rows = np.arange(len(kept))
    largest = np.argmax(np.abs(kept), axis=1)
    values = kept[rows, largest]
    kept[rows, largest] = np.where(
        np.abs(values) < 1 / STEPS, np.copysign(1 / STEPS, values), values)
    return kept


def quantise(vectors: np.ndarray) -> np.ndarray:
    """What the server stores: round(value * 127), halves away from zero, as int8."""
    scaled = vectors.astype(np.float64) * STEPS
    return np.copysign(np.floor(np.abs(scaled) + 0.5), scaled).astype(np.int8)


def save(space: Space, path: Path) -> None:
    """Writes a space under exactly this name."""
    with path.open("wb") as file:
        np.savez_compressed(
            file, ids=np.array(space.ids, dtype=np.str_),
            candidates=space.candidates.astype("<f4"), signals=space.signals.astype("<f4"),
            meta=np.array(json.dumps(space.meta)))


def load(path: Path) -> Space:
    """Reads what `save` wrote."""
    with np.load(path, allow_pickle=False) as file:
        return Space(file["ids"].tolist(), file["candidates"], file["signals"],
                     json.loads(str(file["meta"])))
