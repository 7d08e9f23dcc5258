"""What the benchmarks share: a socket that speaks RESP, and servers to speak to on loopback."""
from __future__ import annotations

import os
import socket
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def encode(*words: object) -> bytes:
    """One command as a RESP array of bulk strings."""
    parts = [b"*%d\r\n" % len(words)]
    for word in words:
        data = word if isinstance(word, bytes) else str(word).encode()
        parts.append(b"$%d\r\n%s\r\n" % (len(data), data))
    return b"".join(parts)


class Connection:
    """A socket that sends prepared bytes and reads replies."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = bytearray(1 << 20)

    def exchange(self, request: bytes, reply_bytes: int) -> None:
        """Sends a request whose reply's size is known."""
        self.socket.sendall(request)
        view = memoryview(self.buffer)
        received = 0
        while received < reply_bytes:
            received += self.socket.recv_into(view)

    def reply_size(self, request: bytes) -> int:
        """Sends a request and waits until nothing more comes."""
        self.socket.sendall(request)
        size = 0
        self.socket.settimeout(0.3)
        try:
            while True:
                size += len(self.socket.recv(1 << 20))
        except TimeoutError:
            pass
        self.socket.settimeout(None)
        return size

    def ask(self, *words: object) -> str:
        """One command whose reply is a line or a bulk string."""
        self.socket.sendall(encode(*words))
        reply = self.socket.recv(1 << 20)
        if reply[:1] != b"$":
            return reply.decode().strip()
        head, _, rest = reply.partition(b"\r\n")
        while len(rest) < int(head[1:]) + 2:
            rest += self.socket.recv(1 << 20)
        return rest.decode().strip()

    def info(self, section: str) -> dict[str, str]:
        """The lines of a section of INFO."""
        lines = self.ask("INFO", section).splitlines()
        return dict(line.split(":", 1) for line in lines if ":" in line)

    def pipeline(self, commands: list[bytes], replies: int) -> None:
        """Sends many commands and counts one-line replies."""
        self.socket.sendall(b"".join(commands))
        lines = 0
        while lines < replies:
            lines += self.socket.recv(1 << 20).count(b"\r\n")


def start_cairn(*options: str) -> tuple[subprocess.Popen[str], int]:
    """The release build, or the program that CAIRN names."""
    binary = os.environ.get("CAIRN", str(ROOT / ".build/release/cairn"))
    server = subprocess.Popen([binary, "serve", "--port", "0", "--log-level", "error", *options],
                              stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    return server, int(server.stdout.readline().rsplit(":", 1)[1])


def start_redis(folder: str, binary: str = "redis-server",
                *options: str) -> tuple[subprocess.Popen[str], int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [binary, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly",
         "no", "--dir", folder, *options], stdout=subprocess.DEVNULL, text=True)
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            break
        except OSError:
            time.sleep(0.05)
    return server, port
