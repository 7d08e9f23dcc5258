"""Fits the token table: a sentence is the weighted sum of its tokens' vectors.

    python regress.py FOLDER

Ridge regression by conjugate gradients, from a start that maps the teacher's single-token vectors
linearly. The target is the teacher's sentence vector, centred and turned to its 128 main axes.
Writes FOLDER/table.npz: `rows` int8 [tokens, 128] and `weights` int32 [tokens]; the contribution of
a token is weight x row, all in integers.
"""
import json
import sys
import time
from pathlib import Path

import numpy as np
import scipy.sparse as sparse

import teacher
import topics

DIMENSION = 128
RIDGE = 3.0
STEPS = 40
# Frequent tokens weigh less (smooth inverse frequency); 3e-4 is about the share of "with".
FREQUENCY_HALF = 3e-4
# A weight fits 16 bits, so that 512 tokens x weight x 127 fit 32 bits: csimd_text.h leans on it.
WEIGHT_MAX = 32_767


def bags(texts, tokenizer, tokens_max=96):
    """Sparse [texts, vocabulary] token counts, without the special tokens."""
    encoded = [e.ids[:tokens_max]
               for e in tokenizer.encode_batch(list(texts), add_special_tokens=False)]
    starts = np.concatenate([[0], np.cumsum([len(e) for e in encoded])])
    columns = np.concatenate([np.asarray(e, np.int64) for e in encoded])
    shape = (len(encoded), tokenizer.get_vocab_size())
    return sparse.csr_matrix((np.ones(len(columns), np.float32), columns, starts), shape=shape)


def damping(counts):
    """The weight of each token before the fit."""
    share = (counts + 1) / (counts.sum() + len(counts))
    return (FREQUENCY_HALF / (FREQUENCY_HALF + share)).astype(np.float32)


def main_axes(vectors):
    centred = vectors - vectors.mean(0)
    axes, _, _ = np.linalg.svd(centred.T @ centred / len(centred))
    return axes[:, :DIMENSION]


def fit(features, target, start):
    """Minimises |features (start + change) - target|^2 + RIDGE |change|^2 column by column."""
    change = np.zeros_like(start)
    residual = features.T @ (target - features @ start)
    direction = residual.copy()
    size = (residual * residual).sum(0)
    for step in range(STEPS):
        image = features.T @ (features @ direction) + RIDGE * direction
        stride = size / np.maximum((direction * image).sum(0), 1e-12)
        change += stride * direction
        residual -= stride * image
        newer = (residual * residual).sum(0)
        direction = residual + newer / np.maximum(size, 1e-12) * direction
        size = newer
    return start + change


def quantise(contributions):
    """Rows of int8 with one weight each; the largest row gets WEIGHT_MAX."""
    scale = np.abs(contributions).max(1) / 127
    rows = np.rint(contributions / np.maximum(scale, 1e-12)[:, None])
    weights = np.rint(scale / scale.max() * WEIGHT_MAX)
    return rows.clip(-127, 127).astype(np.int8), weights.astype(np.int32)


def embed(rows, weights, counts):
    """Unit vectors of bags by the quantised table: what the C code computes, in floats."""
    sums = counts @ (rows.astype(np.float32) * weights[:, None].astype(np.float32))
    return sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9)


def main(folder):
    began = time.time()
    tokenizer = teacher.tokenizer()
    texts = json.loads((folder / "corpus.json").read_text()) + topics.phrases()
    vectors = np.concatenate(
        [np.load(folder / "corpus.npy"), np.load(folder / "phrases.npy")]).astype(np.float32)
    counts = bags(texts, tokenizer)
    weight = damping(np.asarray(counts.sum(0)).ravel())
    damped = counts @ sparse.diags(weight)
    lengths = np.sqrt(np.asarray(damped.multiply(damped).sum(1)).ravel())
    features = (sparse.diags(1 / np.maximum(lengths, 1e-9)) @ damped).tocsr().astype(np.float32)
    axes = main_axes(vectors)
    target = (vectors - vectors.mean(0)) @ axes
    single = np.load(folder / "tokens.npy")
    start = (single - single.mean(0)) @ axes
    image = features @ start
    bend = np.linalg.solve(image.T @ image + 10 * np.eye(DIMENSION), image.T @ target)
    table = fit(features, target, (start @ bend).astype(np.float32))
    contributions = table * weight[:, None]
    unused = [i for token, i in tokenizer.get_vocab().items()
              if token.startswith("[") and token.endswith("]") and len(token) > 2]
    contributions[unused] = 0
    rows, weights = quantise(contributions)
    learned = embed(rows, weights, counts)
    cosine = (learned * target / np.linalg.norm(target, axis=1, keepdims=True)).sum(1).mean()
    np.savez(folder / "table.npz", rows=rows, weights=weights)
    print(f"mean cosine to the teacher {cosine:.3f}, {time.time() - began:.0f} s")
    print("weights, percentiles 0 1 50 99 100:",
          np.percentile(weights, [0, 1, 50, 99, 100]).astype(int))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
