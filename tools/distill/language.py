"""What is not English, as log-odds of single tokens: 16 units are a factor of e.

English is the teacher's corpus, the rest is data/foreign.tsv. Few foreign words are known, so each
token's share is blended with that of its class: foreign words break into short pieces that continue
a word, and classes (does it continue, how long is it) see that.
"""
from pathlib import Path

import numpy as np

import regress

PATH = Path(__file__).parent / "data" / "foreign.tsv"
UNIT = 16
# Tokens' worth of trust in the class against the token itself.
CLASS_TOKENS_FOREIGN = 2_000
CLASS_TOKENS_ENGLISH = 20_000


def foreign_texts(path=PATH):
    lines = path.read_text("utf-8").splitlines()
    return [line.split("\t")[1] for line in lines if line and not line.startswith("#")]


def odds(english_texts, tokenizer):
    """int8 [tokens]: above 0 looks foreign."""
    classes = _classes(tokenizer)
    foreign = _shares(foreign_texts(), tokenizer, classes, CLASS_TOKENS_FOREIGN)
    english = _shares(english_texts, tokenizer, classes, CLASS_TOKENS_ENGLISH)
    return np.clip(np.rint(UNIT * np.log(foreign / english)), -127, 127).astype(np.int8)


def _classes(tokenizer):
    """A number for each token: continues a word or not, times its length up to 7; others apart."""
    out = np.zeros(tokenizer.get_vocab_size(), np.int64)
    for token, number in tokenizer.get_vocab().items():
        piece = token.removeprefix("##")
        if piece.isalpha():
            out[number] = 1 + min(len(piece), 7) + (8 if token.startswith("##") else 0)
    return out


def _shares(texts, tokenizer, classes, class_tokens):
    counts = np.asarray(regress.bags(texts, tokenizer, 512).sum(0)).ravel()
    class_counts = np.bincount(classes, weights=counts, minlength=17) + 1
    class_sizes = np.maximum(np.bincount(classes, minlength=17), 1)
    backing = (class_counts / class_counts.sum() / class_sizes)[classes]
    return (counts + class_tokens * backing) / (counts.sum() + class_tokens)
