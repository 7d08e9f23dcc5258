"""Turns data/lexicon.tsv and WordNet's names of illnesses and medicines into token sequences, with
simple plurals and without joiners."""
import struct
from pathlib import Path

import wordnet

PATH = Path(__file__).parent / "data" / "lexicon.tsv"
# The raw values of SensitiveLabel in Sources/Domain; 0 covers shorter terms and counts for nothing.
LABELS = {"none": 0, "religion": 1, "sexuality": 2, "politics": 3, "health": 4, "ethnicity": 5,
          "philosophy": 6, "union": 7}
JOINERS = ["-", "'", "\u2019", "\u2018", "\u2010", "\u2011", "\u2013", "`"]
HEALTH_ROOTS = ["disease:1", "ill_health:1", "mental_disorder:1", "medicine:2", "narcotic:1",
                "surgical_procedure:1", "health_professional:1", "sick_person:1", "vaccine:1",
                "inflammation:1", "tumor:1"]
# Names from WordNet that people use for other things.
HEALTH_EXCEPT = {"altering", "blight", "crazy", "cutting out", "frostbite", "galls", "looney",
                 "madman", "maniac", "mary jane", "nut", "physic", "psycho", "surgeon general",
                 "weirdo"}


def load(path=PATH):
    """[(label, term)], the project's own in file order, then WordNet's."""
    found = []
    for line in path.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            category, term = line.split("\t")
            found.append((LABELS[category], term))
    own = {term for _, term in found}
    assert len(own) == len(found), "a term stands twice"
    names = set(wordnet.names_under(HEALTH_ROOTS)) - own - HEALTH_EXCEPT
    return found + [(LABELS["health"], name) for name in sorted(names)]


def section(tokenizer):
    """u16 joiners, the joiners' tokens, then for each term u16 label, u16 length, its tokens."""
    unknown = tokenizer.token_to_id("[UNK]")
    joiners = [tokenizer.token_to_id(joiner) for joiner in JOINERS]
    joiners = [joiner for joiner in joiners if joiner is not None]
    sequences = {}
    terms = load()
    # Plurals give way to what stands in the file.
    for label, term in terms:
        sequences.setdefault(_tokens(term, tokenizer, joiners, unknown), label)
    for label, term in terms:
        for plural in _plurals(term) if label else []:
            sequences.setdefault(_tokens(plural, tokenizer, joiners, unknown), label)
    out = struct.pack(f"<{1 + len(joiners)}H", len(joiners), *joiners)
    for tokens, label in sequences.items():
        out += struct.pack(f"<{2 + len(tokens)}H", label, len(tokens), *tokens)
    return out


def _tokens(term, tokenizer, joiners, unknown):
    ids = tokenizer.encode(term, add_special_tokens=False).ids
    tokens = tuple(token for token in ids if token not in joiners)
    assert tokens and unknown not in tokens, term
    return tokens


def _plurals(term):
    if not term[-1].isalpha() or term.endswith("s"):
        return []
    if term.endswith("y") and term[-2:-1] not in "aeiou":
        return [term[:-1] + "ies"]
    if term.endswith(("x", "z", "ch", "sh")):
        return [term + "es"]
    return [term + "s"]
