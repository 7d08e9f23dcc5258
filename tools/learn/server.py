"""Starts a Cairn server of this project's own build for one run, and stops it afterwards."""
from __future__ import annotations

import contextlib
import re
import subprocess
import threading
from pathlib import Path
from typing import IO, Iterator, Sequence

from .environment import PROJECT

BINARY = PROJECT / ".build" / "release" / "cairn"
READY = re.compile(r"ready on (\S+):(\d+)")
READY_SECONDS_MAX = 60.0
STOP_SECONDS_MAX = 10.0


class StartError(Exception):
    """The server did not start; the text says what was seen."""


@contextlib.contextmanager
def started(arguments: Sequence[str] = (), binary: Path = BINARY) -> Iterator[tuple[str, int]]:
    """Host and port of a server on a free port, which ends with the `with` block."""
    if not binary.exists():
        raise StartError("there is no release build yet: swift build -c release")
    command = [str(binary), "serve", "--port", "0", *arguments]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          text=True) as process:
        try:
            yield wait_until_ready(process)
        finally:
            process.terminate()
            try:
                process.wait(timeout=STOP_SECONDS_MAX)
            except subprocess.TimeoutExpired:
                process.kill()


def wait_until_ready(process: subprocess.Popen) -> tuple[str, int]:
    """Reads the server's output until it names its address; the rest is read and dropped."""
    timer = threading.Timer(READY_SECONDS_MAX, process.kill)
    timer.start()
    seen = []
    try:
        for line in process.stdout:
            seen.append(line)
            match = READY.search(line)
            if match:
                threading.Thread(target=drain, args=(process.stdout,), daemon=True).start()
                return match[1], int(match[2])
    finally:
        timer.cancel()
    raise StartError("the server ended before it was ready:\n" + "".join(seen[-20:]))


def drain(stream: IO[str]) -> None:
    """Keeps the server from waiting on a full pipe; ends when the server does."""
    with contextlib.suppress(ValueError):
        for _ in stream:
            pass
