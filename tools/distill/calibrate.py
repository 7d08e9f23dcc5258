"""Chooses the gate's thresholds on the first two test sets, through the program that will serve them.

    python calibrate.py FOLDER BUNDLE CAIRN

FOLDER holds gate.npz; BUNDLE is where gate.py writes; CAIRN is a release build of the program. Tries
what a term of the lexicon adds and a torn-out sentence loses, and takes the lowest threshold at which
everyday messages are blocked no more often than wanted: recall is worth more than a false block, but not at any price. The topic
cosine is the largest that keeps the share of everyday messages wanted. FOLDER/verdict.json holds the
choice; the other test sets are not looked at.
"""
import itertools
import json
import subprocess
import sys
from pathlib import Path

import numpy as np

import bundle
import finetune
import gate
import messages

TERM_LOGITS = (0.0,)
SENTENCE_LOGITS = (0.0, 1.0, 2.0, 3.0)
EVERYDAY_BLOCKED, HARD_BLOCKED = 0.095, 0.19  # the targets are 10 and 20 %
TOPICAL_KEPT = 0.86
SETS = ("first", "second")


def classify(program, path, bundle_path):
    done = subprocess.run(
        [program, "text", "classify", "--input", path, "--gate", bundle_path],
        capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def odds_min(scores, kinds):
    """The lowest odds at which no more of either kind of harmless ones are blocked than wanted."""
    least = max(np.quantile(scores[kinds == "everyday"], 1 - EVERYDAY_BLOCKED),
                np.quantile(scores[kinds == "hard"], 1 - HARD_BLOCKED))
    return least / (1 - least)


def main(folder, bundle_path, program):
    trained = finetune.restore(folder / "gate.npz")
    paths = [messages.FOLDER / "test" / f"{name}.tsv" for name in SETS]
    chosen = [m for m in messages.load(messages.FOLDER / "test") if m.writer in SETS]
    kinds = np.array([m.kind for m in chosen])
    topical = np.array([m.label == "none" and m.topic != messages.NO_TOPIC for m in chosen])
    best = None
    for term_logit, sentence_logit in itertools.product(TERM_LOGITS, SENTENCE_LOGITS):
        verdict = {"odds_min": 1.0, "term_logit": term_logit, "sentence_logit": sentence_logit,
                   "topic_cosine_min": 0.0}
        bundle_path.write_bytes(bundle.pack(
            gate.sections(trained, verdict), gate.MAGIC, gate.VERSION, gate.BYTES_MAX))
        found = [line for path in paths for line in classify(program, path, bundle_path)]
        scores = np.array([min(f["score"], 1 - 1e-12) for f in found])
        cosines = np.array([max([t["cosine"] for t in f["topics"]], default=0) for f in found])
        verdict["odds_min"] = float(odds_min(scores, kinds))
        verdict["topic_cosine_min"] = float(np.quantile(cosines[topical], 1 - TOPICAL_KEPT))
        blocked = scores >= verdict["odds_min"] / (1 + verdict["odds_min"])
        recall = blocked[np.isin(kinds, ["plain", "indirect"])].mean()
        print(f"a term adds {term_logit}, a sentence loses {sentence_logit}: "
              f"odds {verdict['odds_min']:.3f}, recall {recall:.3f}, "
              f"indirect {blocked[kinds == 'indirect'].mean():.3f}, everyday blocked "
              f"{blocked[kinds == 'everyday'].mean():.3f}, hard {blocked[kinds == 'hard'].mean():.3f}")
        if best is None or recall > best[0]:
            best = recall, verdict
    (folder / "verdict.json").write_text(json.dumps(best[1], indent=1))
    print(best[1])


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]).resolve())
