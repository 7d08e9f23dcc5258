"""What a live server says at /metrics, and that rules, dashboard and documentation speak of it."""

import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import tempfile
import unittest
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TOOLS = ROOT / "tools" / "prometheus"
NAME = re.compile(r"\b(?:cairn|process)_[a-z_]+")
# Of histograms and summaries the samples have endings of their own.
ENDINGS = re.compile(r"_(bucket|sum|count)$")
COMMANDS = [
    "ITEM.ADD ad:a KIND ad BID 1000000 TEXT boots",
    "SIGNAL u CHAT TEXT hiking",
    "RANK u SURFACE ads TOP 2",
    "RANK u SURFACE nowhere",
    "FLY",
    "SNAPSHOT",
]


class PrometheusTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        data = cls.enterClassContext(tempfile.TemporaryDirectory())
        cls.process = subprocess.Popen(
            [os.environ["CAIRN"], "serve", "--port", "0", "--http-port", "0", "--data", data]
            + ["--log-level", "error"],
            stdout=subprocess.PIPE,
            text=True,
        )
        cls.addClassCleanup(cls.stop)
        http, resp = (int(cls.process.stdout.readline().rsplit(":", 1)[1]) for _ in range(2))
        with socket.create_connection(("127.0.0.1", resp), timeout=30) as client:
            for command in COMMANDS:
                client.sendall(f"{command}\r\n".encode())
            client.shutdown(socket.SHUT_WR)
            while client.recv(65_536):
                pass
        # The first scrape counts as a request of the second.
        for _ in range(2):
            with urllib.request.urlopen(f"http://127.0.0.1:{http}/metrics", timeout=30) as reply:
                cls.metrics = reply.read().decode()
        cls.families = {
            line.split()[2]: line.split()[3]
            for line in cls.metrics.splitlines()
            if line.startswith("# TYPE ")
        }

    @classmethod
    def stop(cls):
        cls.process.send_signal(signal.SIGTERM)
        assert cls.process.wait(timeout=60) == 0
        cls.process.stdout.close()

    def promtool(self, *arguments, **options):
        run = subprocess.run(
            ["promtool", *arguments], capture_output=True, text=True, cwd=TOOLS, **options
        )
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        return run.stdout + run.stderr

    def known(self, text, where):
        """All names of metrics in a text; each is one that the server gives."""
        names = {ENDINGS.sub("", name) for name in NAME.findall(text)}
        self.assertEqual(names - set(self.families), set(), where)
        return names

    def test_the_metrics_are_as_prometheus_wants_them(self):
        self.assertEqual(self.promtool("check", "metrics", input=self.metrics), "")

    def test_every_family_comes_once_and_has_a_help(self):
        heads = [line for line in self.metrics.splitlines() if line.startswith("# TYPE ")]
        helps = [line for line in self.metrics.splitlines() if line.startswith("# HELP ")]
        self.assertEqual(len(heads), len(self.families))
        self.assertEqual([line.split()[2] for line in helps], [line.split()[2] for line in heads])
        self.assertNotIn("Counted by a library.", self.metrics)

    def test_histograms_never_fall_and_end_with_their_count(self):
        buckets, counts = {}, {}
        for line in self.metrics.splitlines():
            if line.startswith("#"):
                continue
            name, value = line.rsplit(" ", 1)
            if "_bucket{" in name:
                key = re.sub(r',?le="[^"]*"', "", name).replace("_bucket", "").replace("{}", "")
                buckets.setdefault(key, []).append(int(value))
            elif re.search(r"_count(\{|$)", name):
                counts[re.sub(r"_count(?=\{|$)", "", name)] = int(value)
        self.assertGreater(len(buckets), 10)
        for key, values in buckets.items():
            self.assertEqual(values, sorted(values), key)
            self.assertEqual(values[-1], counts[key], key)

    def test_the_rules_are_right_and_fire(self):
        self.promtool("check", "rules", "cairn.rules.yml")
        self.promtool("test", "rules", "cairn.tests.yml")

    def test_rules_speak_of_what_there_is(self):
        text = (TOOLS / "cairn.rules.yml").read_text()
        self.assertGreater(len(self.known(text, "rules")), 15)

    def test_the_dashboard_speaks_of_what_there_is(self):
        dashboard = json.loads((TOOLS / "dashboard.json").read_text())
        places = set()
        for panel in dashboard["panels"]:
            place = panel["gridPos"]
            places.add((place["x"], place["y"]))
            self.assertTrue(panel["title"] and panel["description"])
            for target in panel["targets"]:
                self.assertTrue(self.known(target["expr"], panel["title"]))
        self.assertEqual(len(places), len(dashboard["panels"]), "panels lie on each other")

    def test_the_dashboard_asks_in_promql(self):
        dashboard = json.loads((TOOLS / "dashboard.json").read_text())
        rules = [
            {"record": f"panel:{panel['id']}:{number}", "expr": expression}
            for panel in dashboard["panels"]
            for number, expression in enumerate(
                target["expr"].replace("$__rate_interval", "1m").replace("$instance", ".*")
                for target in panel["targets"]
            )
        ]
        with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
            json.dump({"groups": [{"name": "dashboard", "rules": rules}]}, file)
            file.flush()
            self.promtool("check", "rules", file.name)

    def test_every_family_is_documented(self):
        text = (ROOT / "docs" / "operations.md").read_text()
        self.assertEqual(set(self.families) - self.known(text, "operations.md"), set())

    def test_every_alert_is_documented(self):
        alerts = re.findall(r"alert: (\w+)", (TOOLS / "cairn.rules.yml").read_text())
        text = (ROOT / "docs" / "operations.md").read_text()
        self.assertEqual([alert for alert in alerts if f"`{alert}`" not in text], [])


if __name__ == "__main__":
    unittest.main()
