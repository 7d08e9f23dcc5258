"""A tiny stand-in for the server: the few commands the evaluation uses, over a real socket.

It keeps items, likes and surfaces in dictionaries and scores with int8 dot products, every like at
full weight. It checks what the server checks of vectors, so that the tools cannot rely on more.
"""
import math
import socketserver
import threading

import numpy as np

from learn import space


class FakeCairn(socketserver.ThreadingTCPServer):
    """Start with `serve`; `commands` holds the names of the commands seen."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Connection)
        self.items, self.likes, self.surfaces, self.commands = {}, {}, {}, []
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def port(self):
        return self.server_address[1]

    def answer(self, command):
        self.commands.append(command[0].decode())
        name, *rest = command
        if name == b"ITEM.ADD":
            return self.add_item(rest)
        if name == b"USER.SET":
            return b"+OK\r\n"
        if name == b"SURFACE.SET":
            weights = {rest[i + 1]: float(rest[i + 2])
                       for i, word in enumerate(rest) if word == b"WEIGHT"}
            self.surfaces[rest[0]] = (rest[2], weights[b"behaviour.taste"])
            return b"+OK\r\n"
        if name == b"SIGNAL":
            user, _, _, item = rest[:4]
            if item not in self.items:
                return b"-ERR unknown item\r\n"
            self.likes.setdefault(user, []).append(item)
            return b"+USED\r\n"
        if name == b"RECOMMEND":
            return self.recommend(rest[0], rest[2], int(rest[4]))
        return b"-ERR unknown command\r\n"

    def add_item(self, rest):
        fields = dict(zip(rest[1::2], rest[2::2]))
        vectors = None
        if b"VECTOR" in rest:
            at = rest.index(b"VECTOR")
            vectors = [np.frombuffer(rest[at + step], "<f4") for step in (2, 5)]
            for vector in vectors:
                if not np.isfinite(vector).all() or not 0 < np.abs(vector).max() <= 1:
                    return b"-ERR vector\r\n"
            vectors = [space.quantise(vector).astype(np.int64) for vector in vectors]
        self.items[rest[0]] = (fields[b"KIND"], vectors)
        return b"+OK\r\n"

    def recommend(self, user, surface, top):
        kind, weight = self.surfaces[surface]
        liked = [self.items[item][1] for item in self.likes.get(user, [])]
        fold = sum((vectors[1] for vectors in liked if vectors), np.int64(0))
        scores = {}
        for item, (item_kind, vectors) in self.items.items():
            if item_kind == kind:
                affinity = int(np.sum(vectors[0] * fold)) if vectors else 0
                scores[item] = 1 / (1 + math.exp(-affinity * weight / 127 ** 2))
        best = sorted(scores, key=lambda item: (-scores[item], item))[:top]
        parts = [b"*%d\r\n" % (2 * len(best))]
        for item in best:
            score = repr(scores[item]).encode()
            parts.append(b"$%d\r\n%s\r\n$%d\r\n%s\r\n" % (len(item), item, len(score), score))
        return b"".join(parts)


class Connection(socketserver.StreamRequestHandler):
    """Reads commands, writes replies."""

    def handle(self):
        while True:
            line = self.rfile.readline()
            if not line:
                return
            command = []
            for _ in range(int(line[1:])):
                count = int(self.rfile.readline()[1:])
                command.append(self.rfile.read(count + 2)[:-2])
            self.wfile.write(self.server.answer(command))
