"""What it costs to lose nothing: SIGNAL beside redis-server's XADD of the same payload.

Starts both servers on directories of the same disk, Cairn with --durability MODE and redis with
appendonly yes and appendfsync MODE, and has redis-benchmark ask both in turns, round by round:

* signals per second through one pipelined connection, and through 50, pipelined and not;
* p50 and p99 of an acknowledged signal: one connection, no pipelining;
* bytes on disk per signal, after 50 connections and after one that waited for each reply;
* the processor's time that a server spends on a signal, which a busy machine changes least.

    python3 Benchmarks/durability.py [--mode everysec] [--mode always] [--rounds 7]

Needs the release build of cairn (CAIRN names another), redis-server and redis-benchmark (Debian:
redis-server, redis-tools); standard library only. redis-benchmark is a C program that sends what it is
given to any server; `PING` beside it tells what the client can do.
"""
from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from resp import Connection, encode, start_cairn, start_redis

# Users and items; redis-benchmark draws one of them wherever it says __rand_int__.
RANGE = 20_000
COMMANDS = {
    "cairn": "SIGNAL u__rand_int__ LIKE ITEM __rand_int__ ID e__rand_int__",
    "redis": "XADD u__rand_int__ * type LIKE item __rand_int__ id e__rand_int__",
}
TARGET = 0.8


@dataclass
class Work:
    """What the client does in one round."""

    name: str  # requests are a multiple of the pipeline, or redis-benchmark may miss its end
    connections: int
    pipeline: int
    requests: int
    has_target: bool = False


WORKS = {
    "everysec": [
        Work("one connection, pipelined by 256", 1, 256, 256 * 1_000, True),
        Work("50 connections", 50, 1, 60_000, True),
        Work("50 connections, pipelined by 16", 50, 16, 200_000, True),
        Work("one connection, each reply waited for", 1, 1, 10_000),
    ],
    "always": [
        Work("one connection, pipelined by 256", 1, 256, 256 * 200),
        Work("50 connections", 50, 1, 25_000, True),
        Work("50 connections, pipelined by 16", 50, 16, 100_000, True),
        Work("one connection, each reply waited for", 1, 1, 1_000),
    ],
}


@dataclass
class Figures:
    """Medians over rounds."""

    rates: list[float] = field(default_factory=list)
    p50: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def add(self, line: list[str], cpu: float) -> None:
        """A line of redis-benchmark's, and microseconds of the server's processor for a signal."""
        # "test","rps","avg","min","p50","p95","p99","max", in milliseconds
        self.rates.append(float(line[-7]))
        self.p50.append(1_000 * float(line[-4]))
        self.p99.append(1_000 * float(line[-2]))
        self.cpu.append(cpu)

    def text(self) -> str:
        rate, p50, p99, cpu = map(statistics.median, (self.rates, self.p50, self.p99, self.cpu))
        return (f"{rate:9,.0f} a second   p50 {p50:7,.0f} us   p99 {p99:7,.0f} us   "
                f"{cpu:5.1f} us of processor each")


def ask(port: int, command: str, work: Work) -> list[str]:
    result = subprocess.run(
        ["redis-benchmark", "-p", str(port), "-c", str(work.connections), "-P", str(work.pipeline),
         "-n", str(work.requests), "-r", str(RANGE), "--csv", *command.split()],
        capture_output=True, text=True, check=True)
    return result.stdout.splitlines()[-1].replace('"', "").split(",")


class Servers:
    """Both, each with a directory of its own, and as many items as signals are about."""

    def __init__(self, mode: str, folder: str) -> None:
        self.folders = {name: Path(folder) / name for name in COMMANDS}
        for path in self.folders.values():
            path.mkdir()
        data = str(self.folders["cairn"])
        # The items come from a server that waits for no sync.
        server, port = start_cairn("--data", data)
        items = [encode("ITEM.ADD", f"{item:012}", "KIND", "post") for item in range(RANGE)]
        Connection(port).pipeline(items, RANGE)
        stop(server)
        cairn, cairn_port = start_cairn("--data", data, "--durability", mode)
        redis, redis_port = start_redis(
            str(self.folders["redis"]), "redis-server", "--appendonly", "yes", "--appendfsync",
            mode, "--auto-aof-rewrite-percentage", "0")
        self.processes = {"cairn": cairn, "redis": redis}
        self.ports = {"cairn": cairn_port, "redis": redis_port}

    def __enter__(self) -> Servers:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self.processes.values():
            stop(process)

    def cpu_seconds(self, name: str) -> float:
        words = Path(f"/proc/{self.processes[name].pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")

    def signals(self) -> int:
        """How many Cairn has used: a refused signal must not look fast."""
        return int(Connection(self.ports["cairn"]).info("stats")["signals_used"])


def stop(process: subprocess.Popen[str]) -> None:
    process.terminate()
    process.wait()


def size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def rates(mode: str, rounds: int, folder: str) -> None:
    with Servers(mode, folder) as servers:
        print(f"\n{mode}; load average {os.getloadavg()[0]:.1f} at the start")
        ping = ask(servers.ports["redis"], "PING", Work("", 50, 16, 300_000))
        print(f"  the client: {float(ping[-7]):,.0f} PING a second of redis, 50 x 16")
        for work in WORKS[mode]:
            figures = {name: Figures() for name in COMMANDS}
            used = servers.signals()
            for _ in range(rounds):
                for name, command in COMMANDS.items():
                    os.sync()
                    before = servers.cpu_seconds(name)
                    line = ask(servers.ports[name], command, work)
                    spent = servers.cpu_seconds(name) - before
                    figures[name].add(line, 1e6 * spent / work.requests)
            used = servers.signals() - used
            assert used > 0.99 * rounds * work.requests, f"{used} signals were used"
            ratio = statistics.median(
                a / b for a, b in zip(figures["cairn"].rates, figures["redis"].rates))
            verdict = "" if not work.has_target else "held" if ratio >= TARGET else "MISSED"
            print(f"  {work.name}: {ratio:.2f} x {verdict}")
            for name, found in figures.items():
                print(f"    {name}  {found.text()}")
        print(f"  load average {os.getloadavg()[0]:.1f} at the end")


def disk(mode: str, folder: str) -> None:
    """Bytes that so many signals add, while they are written and after a stop."""
    for work in (Work("50 connections", 50, 1, 100_000),
                 Work("one connection, each reply waited for", 1, 1, 5_000)):
        inside = Path(folder) / f"disk-{work.connections}"
        inside.mkdir()
        with Servers(mode, str(inside)) as servers:
            before = {name: size(path) for name, path in servers.folders.items()}
            for name, command in COMMANDS.items():
                ask(servers.ports[name], command, work)
            time.sleep(1.5)
            written = {name: size(path) - before[name] for name, path in servers.folders.items()}
        words = []
        for name, path in servers.folders.items():
            stopped = size(path) - before[name]
            words.append(f"{name} {written[name] / work.requests:,.0f} "
                         f"({stopped / work.requests:,.0f} after a stop)")
        print(f"  bytes on disk per signal, {work.name}: {', '.join(words)}")
        shutil.rmtree(inside)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--mode", action="append", choices=list(WORKS))
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--folder", help="on the disk that is to be measured")
    options = parser.parse_args()
    for mode in options.mode or list(WORKS):
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            rates(mode, options.rounds, folder)
            disk(mode, folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
