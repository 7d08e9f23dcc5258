"""Puts the text model together from the fitted table and the project's own lists.

    python build.py FOLDER BUNDLE

FOLDER is what teacher.py and regress.py filled; BUNDLE is Sources/Text/Models/text.bundle.
"""
import json
import struct
import sys
from pathlib import Path

import numpy as np

import bundle
import fold
import language
import lexicon
import regress
import teacher
import topics

# A text is about a topic from this cosine on, and foreign from this mean of the tokens' odds on;
# measured on texts that are not here (MODEL.md says how).
TOPIC_COSINE_MIN = 0.36
FOREIGN_ODDS_MIN = 0
OUTSIDE_LATIN_PERCENT_MAX = 30
UNKNOWN_PERCENT_MAX = 15


def vocabulary(tokenizer):
    by_number = sorted(tokenizer.get_vocab().items(), key=lambda entry: entry[1])
    assert [number for _, number in by_number] == list(range(len(by_number)))
    head = struct.pack("<II", len(by_number), tokenizer.token_to_id("[UNK]"))
    return head + bundle.strings([token for token, _ in by_number])


def topic_names():
    names = [name for name, _ in topics.load()]
    return struct.pack("<I", len(names)) + bundle.strings(names)


def main(folder, path):
    tokenizer = teacher.tokenizer()
    table = np.load(folder / "table.npz")
    rows, weights = table["rows"], table["weights"]

    def embed(texts):
        return regress.embed(rows, weights, regress.bags(texts, tokenizer))

    english = json.loads((folder / "corpus.json").read_text()) + topics.phrases()
    packed = bundle.pack({
        "VOCAB": vocabulary(tokenizer),
        "ROWS": rows.tobytes(),
        "WEIGHTS": weights.astype("<i4").tobytes(),
        "FOLD": fold.section(tokenizer),
        "TOPICS": topic_names(),
        "TOPICROW": topics.rows(embed).tobytes(),
        "LEXICON": lexicon.section(tokenizer),
        "FOREIGN": language.odds(english, tokenizer).tobytes(),
        "LIMITS": struct.pack("<4i", round(TOPIC_COSINE_MIN * 16_129), FOREIGN_ODDS_MIN,
                              OUTSIDE_LATIN_PERCENT_MAX, UNKNOWN_PERCENT_MAX),
    })
    path.write_bytes(packed)
    print(f"{path.name}: {len(packed)} bytes, {len(topics.load())} topics, "
          f"{len(lexicon.load())} terms, SHA-256 {packed[24:56].hex()}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
