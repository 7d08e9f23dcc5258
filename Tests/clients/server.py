"""A Cairn of its own for each class of tests, on a free port of the loopback."""

import os
import signal
import subprocess
import unittest


class ServerCase(unittest.TestCase):
    """Starts the program that CAIRN names before the first test, and ends it after the last."""

    @classmethod
    def setUpClass(cls):
        cls.process = subprocess.Popen(
            [os.environ["CAIRN"], "serve", "--port", "0", "--log-level", "error"],
            stdout=subprocess.PIPE,
            text=True,
        )
        line = cls.process.stdout.readline()
        if not line.startswith("cairn ready on 127.0.0.1:"):
            cls.process.kill()
            cls.process.wait()
            raise RuntimeError(f"the server did not start: {line!r}")
        cls.port = int(line.rsplit(":", 1)[1])

    @classmethod
    def tearDownClass(cls):
        cls.process.send_signal(signal.SIGTERM)
        status = cls.process.wait(timeout=60)
        cls.process.stdout.close()
        assert status == 0, f"the server ended with {status}"
