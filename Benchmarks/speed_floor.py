"""A first speed floor: RANK of 1,000 packed candidates beside redis-server, on one connection each.

Starts both servers on loopback, gives Cairn a catalogue and a user with 64 likes and 8 chats, and
asks in turn, round by round: RANK of 1,000 random candidates (all of them back, and the best 100),
and GET of a value whose reply has as many bytes. Prints p50 and p99 in microseconds and the ratio.

Each server is asked for as long as the other in every round, after a start that does not count: a
system moves two processes that talk to each other together or apart within some 50 milliseconds, and
the one that is asked for a shorter time would be measured before that.

    python3 Benchmarks/speed_floor.py [--items 100000] [--seconds 0.5] [--rounds 5]

Needs the release build of cairn and redis-server (Debian: redis-server); standard library only.
"""
from __future__ import annotations

import argparse
import random
import statistics
import struct
import sys
import tempfile
import time

from resp import Connection, encode, start_cairn, start_redis

DIMENSION = 128
SIGNALS = 64
CANDIDATES = 1_000
USERS = {"liker": "64 likes", "chatter": "64 likes and 8 chats"}


def load(cairn: Connection, items: int, rng: random.Random) -> None:
    """Items with random vectors in both spaces, and two users who liked 64 of them; one chats too."""
    batch: list[bytes] = []
    for item in range(items):
        vector = struct.pack(f"<{DIMENSION}f", *(rng.gauss(0, 0.08) for _ in range(DIMENSION)))
        batch.append(encode("ITEM.ADD", item, "KIND", "post", "VECTOR", "taste", vector,
                            "VECTOR", "text", vector))
        if len(batch) == 1_000 or item == items - 1:
            cairn.pipeline(batch, len(batch))
            batch = []
    commands = [encode("USER.SET", user, "REGION", "US", "NOTICE", "2025-10-07T00:00:00Z")
                for user in USERS]
    commands += [encode("SIGNAL", user, "LIKE", "ITEM", rng.randrange(items), "ID", f"e{i}")
                 for user in USERS for i in range(SIGNALS)]
    commands += [encode("SIGNAL", "chatter", "CHAT", "TEXT", f"planning a mountain hike number {i}")
                 for i in range(8)]
    cairn.pipeline(commands, len(commands))


def measure(connection: Connection, requests: list[bytes], reply_bytes: list[int],
            seconds: float) -> list[float]:
    """Microseconds of each request, the requests in turn, after half as long that does not count."""
    times = []
    begin = time.perf_counter() + seconds / 2
    while (now := time.perf_counter()) < begin + seconds:
        for request, size in zip(requests, reply_bytes):
            start = time.perf_counter_ns()
            connection.exchange(request, size)
            if now >= begin:
                times.append((time.perf_counter_ns() - start) / 1e3)
    return times


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=0.5)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    rng = random.Random(1)
    with tempfile.TemporaryDirectory() as folder:
        cairn_server, cairn_port = start_cairn()
        redis_server, redis_port = start_redis(folder)
        try:
            cairn, redis = Connection(cairn_port), Connection(redis_port)
            load(cairn, options.items, rng)
            for user in USERS:
                for top in (CANDIDATES, 100):
                    report(cairn, redis, options, user, top, rng)
        finally:
            for server in (cairn_server, redis_server):
                server.terminate()
                server.wait()
    return 0


def report(cairn: Connection, redis: Connection, options: argparse.Namespace, user: str, top: int,
           rng: random.Random) -> None:
    clock = int(time.time() * 1000)
    requests = [
        encode("RANK", user, "SURFACE", "feed", "TOP", top, "AT", clock, "PACKED",
               struct.pack(f"<{CANDIDATES}Q", *rng.sample(range(options.items), CANDIDATES)))
        for _ in range(64)]
    sizes = [cairn.reply_size(request) for request in requests]
    get = encode("GET", "value")
    redis.pipeline([encode("SET", "value", b"x" * sizes[0])], 1)
    redis_size = redis.reply_size(get)
    figures: dict[str, list[float]] = {"cairn": [], "redis": []}
    for _ in range(options.rounds):
        figures["cairn"].append(measure(cairn, requests, sizes, options.seconds))
        figures["redis"].append(measure(redis, [get] * len(requests), [redis_size] * len(requests),
                                        options.seconds))
    print(f"RANK of {CANDIDATES} packed, {USERS[user]}, {options.items} items, "
          f"TOP {top}; replies of {sizes[0]} bytes")
    middle = {}
    for name, rounds in figures.items():
        times = [statistics.quantiles(times, n=100) for times in rounds]
        p50 = statistics.median(time[49] for time in times)
        p99 = statistics.median(time[98] for time in times)
        middle[name] = p50
        print(f"  {name:6} p50 {p50:8.1f} us   p99 {p99:8.1f} us")
    bound = 2 * middle["redis"] + 100
    print(f"  floor: p50 at most 2 x redis + 100 us = {bound:.1f} us: "
          f"{'held' if middle['cairn'] <= bound else 'MISSED'}")


if __name__ == "__main__":
    sys.exit(main())
