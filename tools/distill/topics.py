"""Reads the closed list of topics and builds their rows: the mean direction of the phrases."""
from pathlib import Path

import numpy as np

PATH = Path(__file__).parent / "data" / "topics.tsv"
NAME_BYTES_MAX = 64


def load(path=PATH):
    """[(name, phrases)] in file order; the name itself counts as a phrase."""
    found = []
    for line in path.read_text("utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        name, phrases = line.split("\t")
        assert len(name.encode()) <= NAME_BYTES_MAX, name
        found.append((name, [name] + [phrase.strip() for phrase in phrases.split(" | ")]))
    assert len({name for name, _ in found}) == len(found), "a topic stands twice"
    return found


def phrases():
    return [phrase for _, texts in load() for phrase in texts]


def rows(embed):
    """int8 [topics, 128], 127 = 1.0; `embed` turns texts into unit vectors."""
    out = []
    for _, texts in load():
        mean = embed(texts).mean(0)
        out.append(np.rint(127 * mean / np.linalg.norm(mean)))
    return np.clip(np.array(out), -127, 127).astype(np.int8)
