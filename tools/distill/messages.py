"""The project's own messages: data/messages/{train,test}/WRITER.tsv.

The first line names the columns: label, kind, topic and text, set apart by tabs. The data card is
data/messages/README.md.
"""
from dataclasses import dataclass
from pathlib import Path

import encoder
import topics

FOLDER = Path(__file__).parent / "data" / "messages"
NO_TOPIC = "-"
KINDS = {"plain", "indirect", "everyday", "hard"}
COLUMNS = ["label", "kind", "topic", "text"]


@dataclass(frozen=True)
class Message:
    label: str
    kind: str
    topic: str
    text: str
    writer: str


def load(folder):
    """The messages of every file of a folder, each file checked line by line."""
    names = {name for name, _ in topics.load()} | {NO_TOPIC}
    found = []
    for path in sorted(Path(folder).glob("*.tsv")):
        lines = path.read_text(encoding="utf-8").splitlines()
        if not lines or lines[0].split("\t") != COLUMNS:
            raise ValueError(f"{path.name}: the first line does not name the columns")
        for number, line in enumerate(lines[1:], 2):
            fields = line.split("\t")
            if len(fields) != len(COLUMNS):
                raise ValueError(f"{path.name}:{number}: {len(fields)} columns, expected 4")
            label, kind, topic, text = fields
            if label not in encoder.LABELS or kind not in KINDS or topic not in names:
                raise ValueError(f"{path.name}:{number}: unknown {label}, {kind} or {topic}")
            found.append(Message(label, kind, topic, text, path.stem))
    return found
