"""Texts for the teacher: the glosses and examples of Debian's `wordnet-base`.

WordNet is the one corpus whose licence allows everything and that any Debian machine can install.
The order is shuffled with a fixed seed, so that the first N texts are the same everywhere.
"""
import random
import re
from pathlib import Path

FOLDER = Path("/usr/share/wordnet")
# Lexicographer files 5 and 20 name animals and plants: thousands of near-equal Latin entries.
SPECIES_FILES = {5, 20}
SPECIES_KEPT = 0.3


def texts(count, folder=FOLDER):
    """The first `count` shuffled texts: "word, word: gloss" and each example sentence."""
    rng = random.Random(11)
    found = {}
    for part in ("noun", "verb", "adj", "adv"):
        for line in _lines(folder / f"data.{part}"):
            if _is_species(line) and rng.random() > SPECIES_KEPT:
                continue
            for text in _of_line(line):
                found[text] = None
    shuffled = list(found)
    rng.shuffle(shuffled)
    return shuffled[:count]


def names_under(roots, folder=FOLDER):
    """The lower-case names of up to three words below the given noun senses ("disease:1"), as far
    as a name has no other meaning in WordNet."""
    senses, offsets = _senses(folder)
    names, below = {}, {}
    for line in _lines(folder / "data.noun"):
        fields = line.partition(" | ")[0].split()
        count = int(fields[3], 16)
        names[fields[0]] = [name.replace("_", " ") for name in fields[4:4 + 2 * count:2]]
        pointers = fields[5 + 2 * count:]
        for symbol, target in zip(pointers[0::4], pointers[1::4]):
            if symbol in ("@", "@i"):
                below.setdefault(target, []).append(fields[0])
    waiting = [offsets[word][int(sense) - 1] for word, sense in (r.split(":") for r in roots)]
    seen = set()
    while waiting:
        offset = waiting.pop()
        if offset not in seen:
            seen.add(offset)
            waiting += below.get(offset, [])
    return sorted({name for offset in seen for name in names[offset]
                   if re.fullmatch(r"[a-z][a-z' -]{3,}", name)
                   and name.count(" ") <= 2 and senses[name] == 1})


def _lines(path):
    """Without the licence, which is indented."""
    lines = path.read_text("utf-8", "replace").splitlines()
    return [line for line in lines if not line.startswith("  ")]


def _senses(folder):
    """How many senses each name has in all, and where each sense of a noun stands."""
    senses, offsets = {}, {}
    for part in ("noun", "verb", "adj", "adv"):
        for line in _lines(folder / f"index.{part}"):
            fields = line.split()
            count = int(fields[2])
            name = fields[0].replace("_", " ")
            senses[name] = senses.get(name, 0) + count
            if part == "noun":
                offsets[fields[0]] = fields[-count:]
    return senses, offsets


def _is_species(line):
    return int(line.split(" ", 2)[1]) in SPECIES_FILES


def _of_line(line):
    head, _, gloss = line.partition(" | ")
    fields = head.split()
    count = int(fields[3], 16)
    names = [re.sub(r"\(.*\)", "", fields[4 + 2 * i]).replace("_", " ") for i in range(count)]
    examples = re.findall(r'"([^"]+)"', gloss)
    definition = re.sub(r';?\s*"[^"]*"', "", gloss).strip(" ;")
    yield ", ".join(names[:3]) + ": " + definition
    yield from examples
