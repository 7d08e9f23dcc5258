"""Conversations through redis-py, in RESP2 and in RESP3."""

import struct
import threading

import redis
from server import ServerCase


def vector(values):
    return struct.pack(f"<{len(values)}f", *values)


class RedisPyTests(ServerCase):
    def client(self, protocol, **options):
        client = redis.Redis(port=self.port, protocol=protocol, socket_timeout=60, **options)
        self.addCleanup(client.close)
        return client

    def each_protocol(self):
        for protocol in (2, 3):
            with self.subTest(protocol=protocol):
                yield protocol, self.client(protocol, decode_responses=True)

    def test_what_clients_do_by_themselves(self):
        for _, client in self.each_protocol():
            self.assertTrue(client.ping())
            self.assertEqual(client.echo("hello"), "hello")
            self.assertGreater(client.client_id(), 0)
            self.assertTrue(client.client_setname("tester"))
            self.assertEqual(client.client_getname(), "tester")
            self.assertEqual(client.info("server")["cairn_version"], client.info()["cairn_version"])
            self.assertEqual(client.command_count(), len(client.command()))
            self.assertEqual(client.command()["rank"]["arity"], -4)

    def test_a_ranking(self):
        for protocol, client in self.each_protocol():
            execute = client.execute_command
            self.assertEqual(execute("ITEM.ADD", "py:a", "KIND", "post", "PRIOR", "0.5"), "OK")
            execute("ITEM.ADD", "py:b", "KIND", "post", "PRIOR", "0.25")
            ranking = execute("RANK", "u", "SURFACE", "feed", "ITEMS", "py:b", "py:a")
            score = 0.2499999962811086
            if protocol == 3:
                self.assertEqual(ranking, [["py:a", 0.5], ["py:b", score]])
            else:
                self.assertEqual(ranking, ["py:a", "0.5", "py:b", repr(score)])
            full = execute("RANK", "u", "SURFACE", "feed", "FULL", "ITEMS", "nosuch", "py:a")
            if protocol == 2:
                full = dict(zip(full[::2], full[1::2]))
            self.assertEqual(full["unknown"], ["nosuch"])
            self.assertEqual(float(full["coverage"]), 1.0)

    def test_errors_are_errors(self):
        for _, client in self.each_protocol():
            with self.assertRaisesRegex(redis.ResponseError, "no surface 'nosuch'"):
                client.execute_command("RANK", "u", "SURFACE", "nosuch")
            with self.assertRaisesRegex(redis.ResponseError, "unknown command 'GET'"):
                client.get("key")
            self.assertTrue(client.ping())

    def test_vectors_and_packed_ids_are_bytes(self):
        for _, client in self.each_protocol():
            near = vector([1.0] + [0.0] * 127)
            far = vector([0.0, 1.0] + [0.0] * 126)
            for name, row in (("101", near), ("102", far)):
                client.execute_command("ITEM.ADD", name, "KIND", "post", "VECTOR", "text", row)
            ranking = client.execute_command(
                "RANK", "v", "SURFACE", "feed", "CONTEXT", "VECTOR", "text", near,
                "PACKED", struct.pack("<3Q", 102, 103, 101))
            ids = [entry[0] if isinstance(entry, list) else entry for entry in ranking]
            self.assertEqual([name for name in ids if name in ("101", "102")], ["101", "102"])

    def test_a_pipeline_reads_its_own_writes(self):
        for _, client in self.each_protocol():
            pipeline = client.pipeline(transaction=False)
            for number in range(2_000):
                pipeline.execute_command("ITEM.ADD", f"pipe:{number}", "KIND", "event")
                pipeline.execute_command("ITEM.GET", f"pipe:{number}")
            replies = pipeline.execute()
            self.assertEqual(len(replies), 4_000)
            for number in range(2_000):
                item = replies[2 * number + 1]
                name = item["id"] if isinstance(item, dict) else item[1]
                self.assertEqual(name, f"pipe:{number}")

    def test_many_clients_at_once(self):
        failures = []

        def work(worker):
            try:
                client = redis.Redis(port=self.port, protocol=3, socket_timeout=60)
                for number in range(200):
                    client.execute_command("ITEM.ADD", f"t{worker}:{number}", "KIND", "group")
                    reply = client.execute_command(
                        "RANK", f"t{worker}", "SURFACE", "groups", "ITEMS", f"t{worker}:{number}")
                    if reply[0][0] != f"t{worker}:{number}".encode():
                        failures.append(reply)
                client.close()
            except Exception as error:
                failures.append(error)

        threads = [threading.Thread(target=work, args=(worker,)) for worker in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])
