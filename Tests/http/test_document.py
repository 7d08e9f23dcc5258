"""The OpenAPI document is valid, and the live server does what it says."""

import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
DOCUMENT = HERE.parent.parent / "Sources" / "HTTP" / "Resources" / "openapi.json"


class DocumentTests(unittest.TestCase):
    def test_the_document_is_valid(self):
        subprocess.run([sys.executable, "-m", "openapi_spec_validator", DOCUMENT], check=True)

    def test_the_server_does_what_it_says(self):
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        config = folder / "cairn.toml"
        config.write_text('[server]\npassword = "sesame"\n')
        process = subprocess.Popen(
            [os.environ["CAIRN"], "serve", "--port", "0", "--http-port", "0"]
            + ["--log-level", "error", "--config", config],
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            line = process.stdout.readline()
            self.assertTrue(line.startswith("cairn http on 127.0.0.1:"), line)
            port = int(line.rsplit(":", 1)[1])
            run = subprocess.run(
                [pathlib.Path(sys.executable).parent / "schemathesis"]
                + ["--config-file", HERE / "schemathesis.toml", "run"]
                + ["--header", "Authorization: Bearer sesame"]
                + [f"http://127.0.0.1:{port}/openapi.json"],
                env=os.environ | {"PYTHONPATH": str(HERE), "SCHEMATHESIS_HOOKS": "hooks"},
                cwd=folder,
                capture_output=True,
                text=True,
            )
            self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        finally:
            process.send_signal(signal.SIGTERM)
            self.assertEqual(process.wait(timeout=60), 0)
            process.stdout.close()


if __name__ == "__main__":
    unittest.main()
