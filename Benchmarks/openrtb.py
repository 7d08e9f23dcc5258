"""Bid requests a second on one core, beside a bare Hummingbird route.

Starts both servers on core 0 with one event loop, wrk (Debian: wrk) on core 1, and asks in turn,
round by round, over keep-alive connections with the same bodies. The catalogue has 20 eligible ads for
each request: those of the country that it comes from. A third of the requests come from pages with a
title, and users have liked ads. Prints requests a second, the same per second of the server's own
processor time (which does not count what other programs take of a shared core), and wrk's share of
its core: below 1 it is not what limits.

    CAIRN_BENCH=1 swift build -c release --product cairn
    CAIRN_BENCH=1 swift build -c release --product HelloBench
    python3 Benchmarks/openrtb.py [--seconds 5] [--rounds 3] [--connections 32]

Standard library only.
"""
from __future__ import annotations

import argparse
import http.client
import json
import os
import pathlib
import random
import resource
import statistics
import subprocess
import sys
import tempfile

BINARIES = pathlib.Path(__file__).resolve().parent.parent / ".build" / "release"
COUNTRIES = {
    "US": "USA", "CA": "CAN", "AU": "AUS", "BR": "BRA", "MX": "MEX", "JP": "JPN", "IN": "IND",
    "AR": "ARG", "CL": "CHL", "NZ": "NZL", "ZA": "ZAF", "TR": "TUR", "TH": "THA", "VN": "VNM",
    "PH": "PHL", "MY": "MYS", "SG": "SGP", "ID": "IDN", "CO": "COL", "PE": "PER",
}
ADS_PER_COUNTRY = 20
USERS = 1_000
LIKES = 10
REQUESTS = 1_000
PAGES = 100
WORDS = ("hiking boots lipstick weather garden guitar camera coffee bread bicycle river mountain "
         "summer winter jacket kitchen paint travel train island").split()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--binaries", type=pathlib.Path, default=BINARIES)
    options = parser.parse_args()
    rng = random.Random(1)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        cairn, port = start_cairn(folder, options.binaries)
        hello = start([str(options.binaries / "HelloBench"), str(port + 1)])
        try:
            load(port, rng)
            bodies = [bid_request(number, rng) for number in range(REQUESTS)]
            check(port, bodies)
            script = folder / "requests.lua"
            script.write_text(lua(bodies))
            ask(port + 1, "/hello", bodies[:1])
            figures: dict[str, list[tuple[float, float, float]]] = {"hello": [], "bid": []}
            for _ in range(options.rounds):
                for what, process, to, path in (("hello", hello, port + 1, "/hello"),
                                                ("bid", cairn, port, "/openrtb2/bid")):
                    figures[what].append(measure(process.pid, to, path, script, options))
        finally:
            for process in (cairn, hello):
                process.terminate()
                process.wait()
    for what, rounds in figures.items():
        rate, own, client = (statistics.median(values) for values in zip(*rounds))
        print(f"{what:6} {rate:9,.0f} /s  {own:9,.0f} per second of its processor  "
              f"{1e6 / own:6.1f} us each  wrk {client:.0%} of its core")
    return 0


def start(command: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(["taskset", "--cpu-list", "0", *command], stdout=subprocess.PIPE,
                            text=True)


def start_cairn(folder: pathlib.Path, binaries: pathlib.Path) -> tuple[subprocess.Popen[str], int]:
    config = folder / "cairn.toml"
    config.write_text("[server]\nevent_loops = 1\n")
    process = start([str(binaries / "cairn"), "serve", "--port", "0", "--http-port", "0",
                     "--log-level", "error", "--config", str(config)])
    assert process.stdout
    line = process.stdout.readline()
    process.stdout.readline()  # ready
    return process, int(line.rsplit(":", 1)[1])


def load(port: int, rng: random.Random) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port)

    def send(method: str, path: str, body: str, kind: str) -> bytes:
        connection.request(method, path, body, {"Content-Type": kind})
        reply = connection.getresponse()
        text = reply.read()
        assert reply.status < 300, text
        return text

    items = []
    for region in COUNTRIES:
        for number in range(ADS_PER_COUNTRY):
            items.append(json.dumps({
                "id": f"ad:{region}:{number}", "kind": "ad", "regions": [region],
                "bid": rng.randrange(1_000_000, 3_000_000), "text": text(rng, 6),
                "domains": [f"shop{number}.example"], "categories": ["IAB18-1"],
                "creative": f"c{number}"}))
    counts = send("POST", "/v1/items?outcomes=failed", "\n".join(items), "application/x-ndjson")
    assert json.loads(counts.splitlines()[-1])["failed"] == 0, counts
    for user in range(USERS):
        for like in range(LIKES):
            region = rng.choice(list(COUNTRIES))
            item = f"ad:{region}:{rng.randrange(ADS_PER_COUNTRY)}"
            send("POST", f"/v1/users/u{user}/signals", json.dumps({"type": "LIKE", "item": item}),
                 "application/json")


def text(rng: random.Random, words: int) -> str:
    return " ".join(rng.choice(WORDS) for _ in range(words))


def bid_request(number: int, rng: random.Random) -> str:
    """Two impressions of an app or a site, a device, a person, blocks and regulations; 1.5 KB."""
    pages = random.Random(number % PAGES)
    place = {"id": "agltb3B1Yi1pbmNyDAsSA0FwcBiJkfIUDA", "name": "Weather", "cat": ["IAB15"],
             "publisher": {"id": "8953", "name": "weather", "domain": "weather.example"}}
    if number % 3 == 0:
        place["content"] = {"id": "c", "title": text(pages, 8), "keywords": "huts, passes, boots"}
    request = {
        "id": f"80ce30c53c16e6ede735f123ef6e32361bf{number:05}", "at": 2, "tmax": 120,
        "cur": ["USD"], "bcat": ["IAB25", "IAB7-39", "IAB8-18", "IAB8-5", "IAB9-9"],
        "badv": ["rival.example", "another.example", "third.example"],
        "imp": [
            {"id": "1", "bidfloor": 0.01, "tagid": "agltb3B1Yi1pbmNyDQsSBFNpdGUY7fD0FAw",
             "secure": 1, "banner": {"w": 728, "h": 90, "pos": 1, "btype": [4], "battr": [14],
                                     "api": [3]}},
            {"id": "2", "bidfloor": 0.02, "instl": 1,
             "video": {"w": 640, "h": 480, "minduration": 5, "maxduration": 30,
                       "mimes": ["video/mp4"], "protocols": [2, 3], "startdelay": 0}}],
        "app" if number % 3 else "site": place,
        "device": {
            "dnt": 0, "lmt": 0, "ua": "Mozilla/5.0 (iPhone; CPU iPhone OS 16_1 like Mac OS X)",
            "ip": "192.0.2.17", "ifa": "AA000DFE74168477C70D291f574D344790E0BB11",
            "language": "en", "make": "Apple", "model": "iPhone", "os": "iOS", "osv": "16.1",
            "js": 1, "connectiontype": 3, "devicetype": 1,
            "geo": {"lat": 35.012345, "lon": -115.12345,
                    "country": rng.choice(list(COUNTRIES.values()))}},
        "user": {"id": f"u{rng.randrange(USERS)}",
                 "data": [{"id": "6", "name": "P", "segment": [{"id": "1", "value": "30"}]}]},
        "regs": {"coppa": 0, "gdpr": 0, "gpp": "DBABLA~BVVqAAAAAmA.QA", "gpp_sid": [7]},
        "source": {"tid": "0af2", "schain": {"complete": 1, "ver": "1.0", "nodes": []}}}
    return json.dumps(request, separators=(",", ":"))


def ask(port: int, path: str, bodies: list[str]) -> list[bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    replies = []
    for body in bodies:
        connection.request("POST", path, body, {"Content-Type": "application/json"})
        reply = connection.getresponse()
        replies.append(reply.read())
        assert reply.status == 200, (reply.status, replies[-1])
    return replies


def check(port: int, bodies: list[str]) -> None:
    """Each request is answered with two bids; afterwards all titles have been read."""
    for reply in ask(port, "/openrtb2/bid", bodies):
        bids = json.loads(reply)["seatbid"][0]["bid"]
        assert [bid["impid"] for bid in bids] == ["1", "2"], reply


def lua(bodies: list[str]) -> str:
    lines = ["local bodies = {"] + [f"[==[{body}]==]," for body in bodies] + ["}"]
    return "\n".join(lines) + """
local headers = {["Content-Type"] = "application/json", ["x-openrtb-version"] = "2.6"}
local requests = {}
function init(args)
    for i, body in ipairs(bodies) do
        requests[i] = wrk.format("POST", nil, headers, body)
    end
end
local i = 0
function request()
    i = i % #requests + 1
    return requests[i]
end
function done(summary, latency, requests)
    local e = summary.errors
    print(string.format("RESULT %d %d %d", summary.requests, summary.duration,
                        e.connect + e.read + e.write + e.status + e.timeout))
end
"""


def processor_seconds(process: int) -> float:
    fields = pathlib.Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(process: int, port: int, path: str, script: pathlib.Path,
            options: argparse.Namespace) -> tuple[float, float, float]:
    """Requests a second, per second of the server's processor time, and wrk's share of a core."""
    before = processor_seconds(process)
    client = resource.getrusage(resource.RUSAGE_CHILDREN)
    output = subprocess.run(
        ["taskset", "--cpu-list", "1", "wrk", "--threads", "1", "--connections",
         str(options.connections), "--duration", f"{options.seconds}s", "--script", str(script),
         f"http://127.0.0.1:{port}{path}"], check=True, capture_output=True, text=True).stdout
    used = processor_seconds(process) - before
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    result = next(line for line in output.splitlines() if line.startswith("RESULT"))
    requests, microseconds, errors = (int(word) for word in result.split()[1:])
    assert errors == 0, output
    seconds = microseconds / 1e6
    client_used = (after.ru_utime + after.ru_stime) - (client.ru_utime + client.ru_stime)
    return requests / seconds, requests / used, client_used / seconds


if __name__ == "__main__":
    sys.exit(main())
