"""What keeping everything does to those who rank, and how long a server takes to be back.

* RANK's throughput while signals are 10 % of what comes, beside RANK alone (`cairn load --closed`), in
  turns; the target: at least 0.8 x.
* RANK's p99 while a snapshot is written, beside the same without, in turns, one connection that waits
  for each reply; the target: at most 2 x.
* Seconds from the start of a server to `cairn ready`, with a snapshot of everything, and with what the
  shipped settings leave to be replayed; INFO state must say the same as before the stop. The target:
  at most 15 seconds for a million items and a million users with 20 signals each.

    python3 Benchmarks/recovery.py [--items 1000000] [--users 1000000] [--signals 20] [--rounds 5]

A million of each takes some 5 GB of memory, 5 GB of disk and ten minutes. Needs the release build of
cairn (CAIRN names another); standard library only.
"""
from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from resp import Connection, ROOT, encode, start_cairn

CANDIDATES = 1_000
BATCH = 1_000
SIGNALS_SHARE = 10
RANK_TARGET, SNAPSHOT_TARGET, SECONDS_TARGET = 0.8, 2.0, 15.0


def load(server: Connection, items: int, users: int, signals: int) -> None:
    """Items with vectors; each user likes so many, no event of which is like another."""
    rng = random.Random(1)
    rows = [struct.pack("<128f", *(rng.gauss(0, 0.08) for _ in range(128))) for _ in range(997)]
    start = time.monotonic()
    send(server, items, (encode("ITEM.ADD", i, "KIND", "post", "VECTOR", "text", rows[i % 997])
                         for i in range(items)))
    print(f"{items:,} items in {time.monotonic() - start:.0f} s", flush=True)
    start = time.monotonic()
    like = b"*7\r\n$6\r\nSIGNAL\r\n$%d\r\n%s\r\n$4\r\nLIKE\r\n$4\r\nITEM\r\n$%d\r\n%s\r\n" \
           b"$2\r\nID\r\n$%d\r\n%s\r\n"
    items_words = [b"%d" % i for i in range(items)]

    def likes() -> Iterator[bytes]:
        for number in range(users * signals):
            user = b"u%d" % (number % users)
            item = items_words[number * 7_919 % items]
            event = b"e%d" % number
            yield like % (len(user), user, len(item), item, len(event), event)

    send(server, users * signals, likes())
    print(f"{users * signals:,} signals in {time.monotonic() - start:.0f} s", flush=True)


def send(server: Connection, count: int, commands: Iterator[bytes]) -> None:
    for done in range(0, count, BATCH):
        size = min(BATCH, count - done)
        server.pipeline([next(commands) for _ in range(size)], size)


def requests(items: int, users: int) -> list[bytes]:
    rng = random.Random(2)
    return [encode("RANK", f"u{rng.randrange(users)}", "SURFACE", "feed", "TOP", 100, "PACKED",
                   struct.pack(f"<{CANDIDATES}Q", *(rng.randrange(items)
                                                    for _ in range(CANDIDATES))))
            for _ in range(512)]


def rank_latencies(server: Connection, asked: list[bytes], goes_on: Iterator[bool]) -> list[float]:
    # All replies have as many lines: a hundred identifiers with their scores.
    server.socket.sendall(asked[0])
    time.sleep(0.3)
    lines = server.socket.recv(1 << 20).count(b"\n")
    times = []
    for number, _ in enumerate(goes_on):
        start = time.perf_counter_ns()
        server.pipeline([asked[number % len(asked)]], lines)
        times.append((time.perf_counter_ns() - start) / 1e3)
    return times


def snapshot(port: int, items: int, users: int, rounds: int) -> None:
    ranking, asking = Connection(port), Connection(port)
    asked = requests(items, users)
    p99: dict[str, list[float]] = {"without": [], "during": []}
    p50: dict[str, list[float]] = {"without": [], "during": []}
    worst, seconds = 0.0, []

    def as_long_as(begun: float, limit: float) -> Iterator[bool]:
        while time.monotonic() - begun < limit:
            yield True

    def while_written() -> Iterator[bool]:
        # Asked for between requests, four times a second.
        begun = last = time.monotonic()
        while True:
            if time.monotonic() - last > 0.25:
                last = time.monotonic()
                if asking.info("persistence")["snapshot_in_progress"] == "0":
                    seconds.append(last - begun)
                    return
            yield True

    for _ in range(rounds):
        times = rank_latencies(ranking, asked, as_long_as(time.monotonic(), 4))
        p50["without"].append(statistics.median(times))
        p99["without"].append(statistics.quantiles(times, n=100)[98])
        assert asking.ask("SNAPSHOT") == "+STARTED"
        times = rank_latencies(ranking, asked, while_written())
        p50["during"].append(statistics.median(times))
        p99["during"].append(statistics.quantiles(times, n=100)[98])
        worst = max(worst, *times)
        # So that the next one has something new to cover.
        ranking.ask("SIGNAL", "u0", "VIEW", "ITEM", 0)
        time.sleep(1)
    ratio = statistics.median(b / a for a, b in zip(p99["without"], p99["during"]))
    print(f"RANK of {CANDIDATES:,} during snapshots of {statistics.median(seconds):.1f} s: p99 "
          f"{ratio:.2f} x {'held' if ratio <= SNAPSHOT_TARGET else 'MISSED'}; load average "
          f"{os.getloadavg()[0]:.1f}")
    for name in p99:
        print(f"  {name:8} p50 {statistics.median(p50[name]):8,.0f} us   "
              f"p99 {statistics.median(p99[name]):8,.0f} us")
    print(f"  the worst of all was {worst:,.0f} us")


def throughput(port: int, items: int, users: int, rounds: int, folder: str) -> None:
    binary = os.environ.get("CAIRN", str(ROOT / ".build/release/cairn"))
    mixes = {"RANK alone": "rank=1",
             f"with {SIGNALS_SHARE} % signals": f"rank={100 - SIGNALS_SHARE},like={SIGNALS_SHARE}"}
    rates: dict[str, list[float]] = {name: [] for name in mixes}
    for turn in range(rounds):
        for name, mix in mixes.items():
            path = Path(folder) / "load.json"
            subprocess.run(
                [binary, "load", "--port", str(port), "--no-setup", "--items", str(items),
                 "--users", str(users), "--closed", "--connections", "16", "--pipeline", "1",
                 "--mix", mix, "--candidates", str(CANDIDATES), "--warmup", "1", "--duration", "4",
                 "--seed", str(turn), "--no-progress", "--json", str(path)],
                check=False, stdout=subprocess.DEVNULL)
            run = json.loads(path.read_text())["run"]
            ranked = next(kind["answered"] for kind in run["kinds"] if kind["name"] == "RANK")
            rates[name].append(ranked / run["seconds"])
    first, second = rates.values()
    ratio = statistics.median(b / a for a, b in zip(first, second))
    print(f"RANK of {CANDIDATES:,} with signals as {SIGNALS_SHARE} % of requests: {ratio:.2f} x "
          f"{'held' if ratio >= RANK_TARGET else 'MISSED'}; load average {os.getloadavg()[0]:.1f}")
    for name, found in rates.items():
        print(f"  {name:17} {statistics.median(found):9,.0f} RANK a second")


class Kept:
    """A server on a directory."""

    def __init__(self, data: str) -> None:
        self.data = data
        self.process, self.port = start_cairn("--data", data)

    def end(self) -> None:
        self.process.kill()
        self.process.wait()

    def restart(self, what: str) -> None:
        """Kills the server, starts another on its directory, and compares."""
        asking = Connection(self.port)
        before = asking.info("state")
        while asking.info("persistence")["snapshot_in_progress"] == "1":
            time.sleep(0.1)
        time.sleep(1.5)
        self.end()
        start = time.monotonic()
        self.process, self.port = start_cairn("--data", self.data)
        seconds = time.monotonic() - start
        asking = Connection(self.port)
        found = asking.info("persistence")
        same = asking.info("state") == before
        print(f"back in {seconds:.1f} s {'held' if seconds <= SECONDS_TARGET else 'MISSED'}, {what}; "
              f"the state is {'the same' if same else 'NOT THE SAME'}: {before['state_items']} items, "
              f"{before['state_users']} users, {before['state_signals']} signals; snapshot of "
              f"{found['snapshot_sequence']} and {found['last_sequence']} in all; "
              f"load average {os.getloadavg()[0]:.1f}", flush=True)
        assert same


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--items", type=int, default=1_000_000)
    parser.add_argument("--users", type=int, default=1_000_000)
    parser.add_argument("--signals", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", help="on the disk that is to be measured")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        data = str(Path(folder) / "data")
        Path(data).mkdir()
        server = Kept(data)
        try:
            load(Connection(server.port), options.items, options.users, options.signals)
            server.restart("with what the shipped settings leave to be replayed")
            throughput(server.port, options.items, options.users, options.rounds, folder)
            snapshot(server.port, options.items, options.users, options.rounds)
            server.restart("with a snapshot of everything")
        finally:
            server.end()
    return 0


if __name__ == "__main__":
    sys.exit(main())
