"""Conversations through redis-cli and a short run of redis-benchmark."""

import hashlib
import os
import subprocess

from server import ServerCase


class RedisCLITests(ServerCase):
    def ask(self, *words, options=(), input=None):
        """The reply as redis-cli prints it for people."""
        done = subprocess.run(
            ["redis-cli", "-p", str(self.port), "--no-raw", *options, *words],
            capture_output=True,
            input=input,
            text=True,
            timeout=60,
            check=True,
        )
        return done.stdout.rstrip("\n")

    def test_a_conversation(self):
        conversation = [
            (("PING",), "PONG"),
            (("ECHO", "two words"), '"two words"'),
            (("ITEM.ADD", "cli:1", "KIND", "reel", "PRIOR", "0.5"), "OK"),
            (("ITEM.ADD", "cli:2", "KIND", "wombat"),
             "(error) ERR unknown kind 'wombat': no surface ranks it"),
            (("RANK", "u", "SURFACE", "feed", "ITEMS", "cli:1", "nosuch"), '1) "cli:1"\n2) "0.5"'),
            (("SIGNAL", "u", "LIKE", "ITEM", "cli:1", "ID", "e1"), "USED"),
            (("SIGNAL", "u", "LIKE", "ITEM", "cli:1", "ID", "e1"), "IGNORED duplicate"),
            (("USER.GET", "nobody"), "(nil)"),
            (("ITEM.DEL", "cli:1", "cli:2"), "(integer) 1"),
            (("SELECT", "1"), "(error) ERR DB index is out of range"),
        ]
        for words, reply in conversation:
            with self.subTest(words=words):
                self.assertEqual(self.ask(*words), reply)

    def test_resp3_has_doubles_and_maps(self):
        self.ask("ITEM.ADD", "cli:3", "KIND", "group", "PRIOR", "0.5")
        reply = self.ask(
            "RANK", "u", "SURFACE", "groups", "FULL", "ITEMS", "cli:3", options=["-3"])
        self.assertRegex(reply, r'1# "items" =>\s+1\) 1\) "cli:3"\s+2\) \(double\) 0.5')
        self.assertIn('5# "coverage" => (double) 1', reply)
        self.assertTrue(self.ask("INFO", "server", options=["-3"]).startswith("# Server"))

    def test_a_policy_comes_from_a_file(self):
        printed = subprocess.run(
            [os.environ["CAIRN"], "serve", "--print-policy"], capture_output=True, check=True)
        self.assertEqual(self.ask("-x", "POLICY.SET", input=printed.stdout.decode()), "OK")
        shown = self.ask("--raw", "POLICY.GET").splitlines()
        text = "\n".join(shown[5:]).rstrip() + "\n"
        digest = hashlib.sha256(text.encode()).hexdigest()
        self.assertEqual(shown[:5], ["version", "1", "digest", f"1:{digest[:16]}", "text"])
        stricter = "version = 1\n[link]\nacross_products = 'never'"
        trial = self.ask("-x", "POLICY.CHECK", input=stricter)
        self.assertIn('"link.across_products"', trial)
        self.assertEqual(
            self.ask("-x", "POLICY.SET", input="version = 1\n[notice]\nrequired = 0"),
            "(error) ERR invalid policy for 'policy.set' command: notice.required: expected true or "
            "false")

    def test_bulk_loading_through_a_pipe(self):
        count = 5_000
        commands = "".join(
            f"ITEM.ADD pipe:{number} KIND event PRIOR 0.25\r\n" for number in range(count))
        done = subprocess.run(
            ["redis-cli", "-p", str(self.port), "--pipe"],
            input=commands,
            capture_output=True,
            text=True,
            timeout=120,
        )
        self.assertIn(f"errors: 0, replies: {count}", done.stdout)
        self.assertIn('"kind"', self.ask("ITEM.GET", f"pipe:{count - 1}"))

    def test_a_short_benchmark(self):
        self.ask("ITEM.ADD", "bench", "KIND", "ad", "BID", "1000")
        for test in (["-t", "ping_mbulk"], ["RANK", "u", "SURFACE", "ads", "ITEMS", "bench"],
                     ["SIGNAL", "u__rand_int__", "VIEW", "ITEM", "bench"]):
            with self.subTest(test=test):
                done = subprocess.run(
                    ["redis-benchmark", "-p", str(self.port), "-n", "2000", "-c", "10", "-P", "16",
                     "-r", "100", "-q", *test],
                    capture_output=True,
                    text=True,
                    timeout=120,
                )
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertIn("requests per second", done.stdout)
                self.assertNotIn("rror", done.stdout + done.stderr)
