"""The text models on the project's own test messages, through the shipped program.

Bounds are a little below what was measured when the models were made (Sources/Text/Models/MODEL.md
has the figures), so that a change that makes them worse fails here.
"""
from __future__ import annotations

import collections
import json
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
MESSAGES = ROOT / "tools/distill/data/messages/test"
PROGRAM = Path(os.environ.get("CAIRN", ROOT / ".build/release/cairn"))


def classify(path: Path, environment: dict[str, str] | None = None) -> list[dict]:
    """What `cairn text classify` says of each row."""
    done = subprocess.run([PROGRAM, "text", "classify", "--input", path, "--column", "text"],
                          capture_output=True, text=True, check=True,
                          env={**os.environ, **(environment or {})})
    return [json.loads(line) for line in done.stdout.splitlines()]


def rows(path: Path) -> list[dict[str, str]]:
    head, *lines = path.read_text(encoding="utf-8").splitlines()
    return [dict(zip(head.split("\t"), line.split("\t"))) for line in lines]


class TextModelTests(unittest.TestCase):
    messages: list[dict[str, str]]
    found: list[dict]

    @classmethod
    def setUpClass(cls) -> None:
        cls.messages, cls.found = [], []
        for path in sorted(MESSAGES.glob("*.tsv")):
            cls.messages += rows(path)
            cls.found += classify(path)
        assert len(cls.messages) == len(cls.found)

    def share(self, of, where) -> float:
        """Of the messages that `where` picks, how many `of` picks too."""
        picked = [(m, f) for m, f in zip(self.messages, self.found) if where(m)]
        self.assertGreater(len(picked), 20)
        return sum(of(m, f) for m, f in picked) / len(picked)

    def test_the_sets_are_large_enough_to_judge_by(self) -> None:
        labels = collections.Counter(m["label"] for m in self.messages)
        for label in set(labels) - {"none"}:
            self.assertGreaterEqual(labels[label], 100, label)
        self.assertEqual(len(labels), 8)
        self.assertGreaterEqual(labels["none"], 600)
        hard = sum(m["kind"] == "hard" for m in self.messages)
        self.assertGreaterEqual(hard, labels["none"] / 4 - 1)
        sensitive = [m for m in self.messages if m["label"] != "none"]
        self.assertGreaterEqual(sum(m["kind"] == "indirect" for m in sensitive),
                                len(sensitive) / 3)

    def test_sensitive_messages_are_recognised(self) -> None:
        blocked = lambda m, f: f["sensitive"]
        self.assertGreaterEqual(self.share(blocked, lambda m: m["label"] != "none"), 0.95)
        self.assertGreaterEqual(self.share(blocked, lambda m: m["kind"] == "indirect"), 0.93)
        for label in {m["label"] for m in self.messages} - {"none"}:
            with self.subTest(label=label):
                self.assertGreaterEqual(self.share(blocked, lambda m: m["label"] == label), 0.92)

    def test_everyday_messages_pass(self) -> None:
        blocked = lambda m, f: f["sensitive"]
        self.assertLessEqual(self.share(blocked, lambda m: m["label"] == "none"), 0.10)
        self.assertLessEqual(self.share(blocked, lambda m: m["kind"] == "hard"), 0.16)

    def test_few_sensitive_messages_serve_ads(self) -> None:
        self.assertLessEqual(
            self.share(lambda m, f: f["ads"]["used"], lambda m: m["label"] != "none"), 0.03)

    def test_messages_in_other_languages_are_not_used(self) -> None:
        lines = (MESSAGES / "foreign.txt").read_text(encoding="utf-8").splitlines()
        self.assertGreaterEqual(len(lines), 60)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "foreign.tsv"
            path.write_text("text\n" + "\n".join(lines) + "\n", encoding="utf-8")
            for line, found in zip(lines, classify(path), strict=True):
                with self.subTest(text=line):
                    self.assertFalse(found["ads"]["used"])

    def test_every_instruction_set_says_the_same(self) -> None:
        some = self.messages[::40]
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "some.tsv"
            path.write_text("text\n" + "\n".join(m["text"] for m in some) + "\n", encoding="utf-8")
            best = classify(path)
            for isa in ("sse2", "scalar") if os.uname().machine == "x86_64" else ("scalar",):
                with self.subTest(isa=isa):
                    self.assertEqual(classify(path, {"CAIRN_ISA": isa}), best)


if __name__ == "__main__":
    unittest.main()
