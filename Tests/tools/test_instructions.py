"""tools/instructions judges what callgrind has counted against what is recorded."""
import subprocess
import tempfile
import unittest
from pathlib import Path

TOOL = Path(__file__).parents[2] / "tools" / "instructions"
COMPILER = "a compiler"


class InstructionsTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.record = self.folder / "record.tsv"

    def count(self, **totals):
        for place, (name, total) in enumerate(totals.items(), 1):
            (self.folder / f"counts.{place}").write_text(
                f"desc: Trigger: Client Request: {name}\ntotals: {total}\n")

    def judge(self, *options, compiler=COMPILER):
        return subprocess.run([TOOL, self.folder, self.record, compiler, *options],
                              capture_output=True, text=True)

    def test_the_same_counts_pass(self):
        self.count(rank=1000, prepare=50)
        self.assertEqual(self.judge("--record").returncode, 0)
        self.assertEqual(self.judge().returncode, 0)

    def test_a_dearer_piece_fails_by_name(self):
        self.count(rank=1000, prepare=50)
        self.judge("--record")
        self.count(rank=1011, prepare=50)
        done = self.judge()
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("dearer", done.stderr)
        self.assertIn("rank", done.stderr)
        self.assertNotIn("prepare", done.stderr)

    def test_a_cheaper_or_new_piece_asks_to_be_recorded(self):
        self.count(rank=1000)
        self.judge("--record")
        self.count(rank=980, prepare=50)
        done = self.judge()
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("prepare, rank", done.stderr)

    def test_another_compiler_is_shown_and_not_judged(self):
        self.count(rank=1000)
        self.judge("--record")
        self.count(rank=2000)
        done = self.judge(compiler="another")
        self.assertEqual(done.returncode, 0)
        self.assertIn("not judged", done.stdout)

    def test_nothing_counted_is_an_error(self):
        self.assertNotEqual(self.judge("--record").returncode, 0)


if __name__ == "__main__":
    unittest.main()
