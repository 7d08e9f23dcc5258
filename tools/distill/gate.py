"""Quantises the fine-tuned encoder and packs it with its topics and thresholds as gate.bundle.

    python gate.py FOLDER BUNDLE

FOLDER holds gate.npz (finetune.py) and verdict.json (calibrate.py). The container is bundle.py's,
with magic "CAIRNGAT"; Sources/Text/Models/MODEL.md draws the sections.
"""
import json
import struct
import sys
from pathlib import Path

import numpy as np

import bundle
import encoder
import finetune
import topics

MAGIC, VERSION, BYTES_MAX = b"CAIRNGAT", 1, 24 << 20
OUTPUTS_TOGETHER, INPUTS_TOGETHER = 16, 4


def rounded(rows):
    """int8 rows and their scales: the largest magnitude of a row is 127."""
    scales = np.abs(rows).max(1) / 127
    scales = np.where(scales > 0, scales, 1).astype(np.float32)
    return np.rint(rows / scales[:, None]).astype(np.int8), scales


def packed(matrix):
    """[outputs, inputs] -> [outputs / 16][inputs / 4][16][4], as vpdpbusd reads it."""
    outputs, inputs = matrix.shape
    tiles = matrix.reshape(outputs // OUTPUTS_TOGETHER, OUTPUTS_TOGETHER,
                           inputs // INPUTS_TOGETHER, INPUTS_TOGETHER)
    return np.ascontiguousarray(tiles.transpose(0, 2, 1, 3)).tobytes()


def layer_sections(layer):
    """A layer's matrices and floats, in the order in which the core reads them."""
    matrices, floats = b"", []
    for name, norm in (("qkv", None), ("out", "attention_norm"), ("up", None),
                       ("down", "output_norm")):
        levels, scales = rounded(layer[name]["weight"].T)
        bias = layer[name]["bias"].copy()
        if name == "qkv":  # the query carries the softmax's 1 / sqrt(32)
            shrink = np.float32(encoder.HEAD_WIDTH ** -0.5)
            scales[:encoder.WIDTH] *= shrink
            bias[:encoder.WIDTH] *= shrink
        matrices += packed(levels)
        floats += [scales, bias]
        if norm:
            floats += [layer[norm]["weight"], layer[norm]["bias"]]
    return matrices, floats


def sections(trained, verdict):
    weights, heads = trained["encoder"], trained["heads"]
    words, word_scales = rounded(trained["words"])
    matrices, floats = b"", [weights["embedding_norm"]["weight"], weights["embedding_norm"]["bias"]]
    for layer in weights["layers"]:
        layer_matrices, layer_floats = layer_sections(layer)
        matrices += layer_matrices
        floats += layer_floats
    rows = heads["topics"] / np.linalg.norm(heads["topics"], axis=1, keepdims=True)
    names = [name for name, _ in topics.load()]
    shape = (encoder.LAYERS, encoder.WIDTH, encoder.HEADS, encoder.INNER, encoder.POSITIONS,
             len(words), len(encoder.LABELS), encoder.TOPIC_DIMENSION)
    return {
        "SHAPE": struct.pack("<8I", *shape),
        "WORDS": words.tobytes(),
        "WORDSCAL": _f32(word_scales),
        "POSITION": _f32(weights["positions"]),
        "MATRICES": matrices,
        "FLOATS": b"".join(map(_f32, floats)),
        "HEADS": _f32(heads["labels"]) + _f32(heads["bias"]) + _f32(heads["projection"]),
        "TOPICS": struct.pack("<I", len(names)) + bundle.strings(names),
        "TOPICROW": np.clip(np.rint(127 * rows), -127, 127).astype(np.int8).tobytes(),
        "VERDICT": struct.pack(
            "<2I3fi", encoder.CLS, encoder.SEP, verdict["odds_min"], verdict["term_logit"],
            verdict["sentence_logit"], round(verdict["topic_cosine_min"] * 127 * 127)),
    }


def _f32(array):
    return np.ascontiguousarray(array, dtype="<f4").tobytes()


def main(folder, path):
    trained = finetune.restore(folder / "gate.npz")
    verdict = json.loads((folder / "verdict.json").read_text())
    content = bundle.pack(sections(trained, verdict), magic=MAGIC, version=VERSION,
                          bytes_max=BYTES_MAX)
    path.write_bytes(content)
    print(f"{path.name}: {len(content)} bytes, SHA-256 {content[24:56].hex()}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
