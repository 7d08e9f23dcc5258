"""A small client for servers that speak RESP2, the Redis protocol: commands out, replies in.

Standard library only. Commands may be pipelined: they go out in windows, and the replies of one
window are read before the next is sent, so that neither side waits for the other with full buffers.
"""
from __future__ import annotations

import socket
from typing import Iterable, Iterator, Sequence, Union

Argument = Union[bytes, str, int, float]
Reply = Union[bytes, str, int, float, None, list]

WINDOW_COMMANDS = 128
TIMEOUT_SECONDS = 60.0
# A reply nested deeper than this, or a longer line or string, is not one of ours.
DEPTH_MAX = 8
BULK_BYTES_MAX = 64 << 20


class ReplyError(Exception):
    """The server refused a command; the text is the server's."""


class ProtocolError(Exception):
    """What came back is not RESP, or the connection ended in the middle of a reply."""


def encode(arguments: Sequence[Argument]) -> bytes:
    """One command as an array of bulk strings. Floats keep every digit."""
    parts = [b"*%d\r\n" % len(arguments)]
    for argument in arguments:
        data = argument if isinstance(argument, bytes) else str(argument).encode()
        parts.append(b"$%d\r\n%s\r\n" % (len(data), data))
    return b"".join(parts)


class Client:
    """One connection."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.reader = connection.makefile("rb")

    @classmethod
    def connect(cls, host: str, port: int) -> Client:
        connection = socket.create_connection((host, port), timeout=TIMEOUT_SECONDS)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return cls(connection)

    def close(self) -> None:
        self.reader.close()
        self.connection.close()

    def call(self, *arguments: Argument) -> Reply:
        """Sends one command and returns its reply; raises ReplyError when it is refused."""
        return next(self.pipeline([arguments]))

    def pipeline(self, commands: Iterable[Sequence[Argument]]) -> Iterator[Reply]:
        """The replies in order. The first refused command raises, with the command's name."""
        window: list[Sequence[Argument]] = []
        for command in commands:
            window.append(command)
            if len(window) == WINDOW_COMMANDS:
                yield from self.exchange(window)
                window = []
        if window:
            yield from self.exchange(window)

    def exchange(self, commands: Sequence[Sequence[Argument]]) -> list[Reply]:
        """Sends all commands, then reads all replies."""
        self.connection.sendall(b"".join(encode(command) for command in commands))
        replies = [self.read_reply() for _ in commands]
        for command, reply in zip(commands, replies):
            if isinstance(reply, ReplyError):
                raise ReplyError(f"{' '.join(map(str, command[:2]))}: {reply}")
        return replies

    def read_reply(self, depth: int = 0) -> Union[Reply, ReplyError]:
        """One whole reply; an error reply is returned, not raised."""
        line = self.read_line()
        kind, rest = line[:1], line[1:]
        if kind == b"+":
            return rest.decode()
        if kind == b"-":
            return ReplyError(rest.decode())
        if kind == b":":
            return self.number(rest)
        if kind == b",":
            return float(rest)
        if kind == b"_":
            return None
        if kind == b"$":
            return self.read_bulk(self.number(rest))
        if kind == b"*" and depth < DEPTH_MAX:
            count = self.number(rest)
            return None if count < 0 else [self.read_reply(depth + 1) for _ in range(count)]
        raise ProtocolError(f"not a reply: {line[:40]!r}")

    def read_line(self) -> bytes:
        line = self.reader.readline()
        if not line.endswith(b"\r\n"):
            raise ProtocolError("the connection ended in the middle of a reply")
        return line[:-2]

    def read_bulk(self, count: int) -> Union[bytes, None]:
        if count < 0:
            return None
        if count > BULK_BYTES_MAX:
            raise ProtocolError(f"a bulk string of {count} bytes")
        data = self.reader.read(count + 2)
        if len(data) != count + 2 or not data.endswith(b"\r\n"):
            raise ProtocolError("the connection ended in the middle of a reply")
        return data[:-2]

    @staticmethod
    def number(text: bytes) -> int:
        try:
            return int(text)
        except ValueError as error:
            raise ProtocolError(f"not a number: {text[:40]!r}") from error
