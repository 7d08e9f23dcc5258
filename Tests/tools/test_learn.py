"""Tests of the offline learner and of the ranking evaluation, on data made here.

Run with `python3 -m pytest Tests/tools` or `python3 Tests/tools/test_learn.py`.
"""
import contextlib
import io
import math
import socket
import sys
import tempfile
import threading
import unittest
from pathlib import Path
from unittest import mock

PROJECT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(PROJECT / "tools"), str(Path(__file__).resolve().parent)]

from learn import environment  # noqa: E402

environment.ensure()

import numpy as np  # noqa: E402
import scipy.sparse  # noqa: E402
from fake_cairn import FakeCairn  # noqa: E402
from learn import (  # noqa: E402
    affinity, baselines, ease, log, matrix, metrics, movielens, resp, server, serving, space,
    split, train)


def random_likes(users_count=30, items_count=20, seed=3):
    """Users of two tastes: each likes mostly one half of the items."""
    generator = np.random.default_rng(seed)
    likes = []
    for user in range(users_count):
        chance = np.where(np.arange(items_count) % 2 == user % 2, 0.7, 0.1)
        chosen = np.flatnonzero(generator.random(items_count) < chance)
        likes += [log.Like(f"u{user}", f"i{item}", 1_000 * order)
                  for order, item in enumerate(generator.permutation(chosen))]
    return sorted(likes, key=lambda like: like.time_ms)


def training_matrix(likes):
    items = matrix.item_order(likes)
    return items, matrix.like_matrix(log.by_user(likes).values(), items)


class EaseTests(unittest.TestCase):
    def test_equals_a_direct_least_squares_solve_without_the_item_itself(self):
        _, training = training_matrix(random_likes(12, 7))
        dense, regularisation = training.toarray(), 2.5
        expected = np.zeros((7, 7))
        for item in range(7):
            others = [other for other in range(7) if other != item]
            stacked = np.vstack([dense[:, others], math.sqrt(regularisation) * np.eye(6)])
            target = np.concatenate([dense[:, item], np.zeros(6)])
            expected[others, item] = np.linalg.lstsq(stacked, target, rcond=None)[0]
        for by_users in (False, True):
            solved = ease.solve(training, regularisation, by_users).matrix()
            np.testing.assert_allclose(solved, expected, atol=1e-10)

    def test_products_agree_with_the_matrix(self):
        _, training = training_matrix(random_likes(9, 14))
        vectors = np.random.default_rng(1).standard_normal((training.shape[1], 3))
        for by_users in (False, True):
            model = ease.solve(training, 5.0, by_users)
            whole = model.matrix()
            np.testing.assert_allclose(model.times(vectors), whole @ vectors, atol=1e-12)
            np.testing.assert_allclose(
                model.transposed_times(vectors[:, 0]), whole.T @ vectors[:, 0], atol=1e-12)
            np.testing.assert_allclose(
                model.scores(training), training.toarray() @ whole, atol=1e-12)

    def test_the_estimate_takes_the_smaller_side(self):
        self.assertTrue(ease.estimate(600, 6_000, 128).by_users)
        self.assertFalse(ease.estimate(100_000, 5_000, 128).by_users)


class SpaceTests(unittest.TestCase):
    def setUp(self):
        self.items, self.training = training_matrix(random_likes())
        self.model = ease.solve(self.training, 5.0, by_users=False)
        self.expected = self.model.scores(self.training)

    def test_a_full_rank_space_gives_back_the_scores(self):
        candidates, signals = space.factorise(self.model, self.training, rank=24)
        self.assertEqual(candidates.shape, (20, 24))
        np.testing.assert_allclose(
            self.training @ signals @ candidates.T, self.expected, atol=1e-9)

    def test_all_three_decompositions_agree(self):
        spaces = [space.factorise(self.model, self.training, rank=6)]
        with mock.patch.object(space, "WHOLE_MAX", 0):
            spaces.append(space.factorise(self.model, self.training, rank=6))
            few = self.training[:6]
            by_svd = space.factorise(self.model, few, rank=6)
        np.testing.assert_allclose(*(self.training @ s @ c.T for c, s in spaces), atol=1e-8)
        np.testing.assert_allclose(
            few @ by_svd[1] @ by_svd[0].T, self.model.scores(few), atol=1e-8)

    def test_bytes_keep_the_scores(self):
        learned = space.make_space(self.items, self.model, self.training, 24)
        self.assertLessEqual(float(np.abs(learned.candidates).max()), 1.0)
        scorer = affinity.Scorer(learned)
        for history, expected in zip(self.training, self.expected):
            rows = history.indices
            profile = affinity.Profile(rows, np.full(len(rows), affinity.WEIGHT_ONE))
            self.assertLess(np.abs(scorer.logits(profile) - expected).max(), 0.03)

    def test_quantising_rounds_halves_away_from_zero_and_never_gives_minus_128(self):
        values = np.array([0.5, 1.5, -0.5, -1.5, 126.6, -127.0]) / 127
        self.assertEqual(space.quantise(values).tolist(), [1, 2, -1, -2, 127, -127])

    def test_an_item_of_which_nothing_was_learned_is_left_out(self):
        likes = random_likes() + [log.Like("hermit", "alone", 0)]
        items, training = training_matrix(likes)
        learned = space.make_space(items, ease.solve(training, 5.0, True), training, 16)
        self.assertNotIn("alone", learned.ids)
        self.assertEqual(len(learned.ids), len(items) - 1)

    def test_a_row_that_would_round_to_zero_keeps_one_step(self):
        kept = space.keep_one_step(np.array([[0.001, -0.002], [0.5, 0.0]], np.float32))
        self.assertEqual(space.quantise(kept).tolist(), [[0, -1], [64, 0]])

    def test_a_file_gives_back_what_was_saved(self):
        learned = space.make_space(self.items, self.model, self.training, 16)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "taste.npz"
            space.save(learned, path)
            loaded = space.load(path)
        self.assertEqual((loaded.ids, loaded.meta), (learned.ids, learned.meta))
        np.testing.assert_array_equal(loaded.candidates, learned.candidates)
        np.testing.assert_array_equal(loaded.signals, learned.signals)


class AffinityTests(unittest.TestCase):
    def test_a_half_life_halves(self):
        weights = affinity.decay_weights(np.array([7_000.0, 5_000.0, 1_000.0]), 2.0)
        self.assertEqual(weights.tolist(), [4096, 8192, 32767])

    def test_only_the_newest_likes_with_a_vector_count(self):
        likes = [log.Like("u", item, time) for time, item in enumerate("abcx")]
        profile = affinity.make_profile(likes, {"a": 0, "b": 1, "c": 2}, 10, signals_count=3)
        self.assertEqual(profile.rows.tolist(), [1, 2])


class LogTests(unittest.TestCase):
    def read(self, name, data, reader=log.read_likes):
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / name).write_bytes(data)
            return reader(Path(folder))

    def test_every_layout_of_a_log_gives_the_same_likes(self):
        expected = [log.Like("7", "2", 5_000), log.Like("7", "1", 9_000)]
        layouts = {
            "interactions.tsv": b"user\titem\trating\ttimestamp\n"
                                b"7\t1\t4.0\t9\n7\t2\t5\t5\n8\t1\t3\t1",
            "ratings.csv": b"userId,movieId,rating,timestamp\r\n"
                           b"7,1,4.0,9\r\n7,2,5,5\r\n8,1,3.5,1\r\n",
            "ratings.dat": b"7::1::4::9\n7::2::5::5\n8::1::3::1\n",
            "u.data": b"7\t1\t4\t9\n7\t2\t5\t5\n8\t1\t3\t1\n",
        }
        for name, data in layouts.items():
            with self.subTest(name):
                self.assertEqual(self.read(name, data), expected)

    def test_missing_ratings_and_times_are_filled_in(self):
        likes = self.read("interactions.tsv", b"item\tuser\nb\tu\na\tu\n")
        self.assertEqual([like.item for like in likes], ["b", "a"])

    def test_the_newest_rating_of_a_pair_counts(self):
        data = b"user\titem\trating\ttimestamp\nu\ta\t5\t1\nu\tb\t5\t1\nu\ta\t1\t2\n"
        self.assertEqual([like.item for like in self.read("interactions.tsv", data)], ["b"])

    def test_texts_leave_out_what_is_missing(self):
        data = 'item\ttitle\tyear\tgenres\n1\tUp "3D"\t2009\tFamily\n2\tHeat\t\t\n3\n'.encode()
        self.assertEqual(self.read("items.tsv", data, log.read_texts),
                         {"1": 'Up "3D" (2009). Family', "2": "Heat", "3": "3"})

    def test_the_genre_flags_of_movielens_100k_become_words(self):
        flags = "|".join("1" if genre in (5, 8) else "0" for genre in range(19))
        data = f"1|Caf\xe9 (1995)|01-Jan-1995||http://x|{flags}\n".encode("latin-1")
        self.assertEqual(self.read("u.item", data, log.read_texts),
                         {"1": "Caf\xe9 (1995). Comedy, Drama"})

    def test_bad_input_is_named(self):
        for data, words in ((b"", "empty"), (b"user\titem\trating\nu\ta\tx\n", "row 1"),
                            (b"user\titem\trating\nu\ta\t2\n", "no likes"),
                            (b"item\trating\na\t5\n", "lacks a user")):
            with self.assertRaisesRegex(log.LogError, words):
                self.read("interactions.tsv", data)


class SplitTests(unittest.TestCase):
    def test_nothing_leaks_and_nothing_is_lost(self):
        likes = random_likes()
        for mode in split.MODES:
            parts = split.split_likes(likes, mode, seed=5)
            self.assertEqual(parts, split.split_likes(likes, mode, seed=5))
            for user, own in log.by_user(likes).items():
                training, hidden = parts.training[user], parts.hidden[user]
                self.assertFalse({x.item for x in training} & {x.item for x in hidden})
                self.assertEqual(sorted(training + hidden), sorted(own))
                self.assertEqual(len(hidden), math.ceil(0.2 * len(own)))
                if mode == "time":
                    self.assertLessEqual(max(x.time_ms for x in training),
                                         min(x.time_ms for x in hidden))

    def test_a_single_like_stays(self):
        parts = split.split_likes([log.Like("u", "a", 1)], "time")
        self.assertEqual((len(parts.training["u"]), len(parts.hidden["u"])), (1, 0))

    def test_the_halves_are_disjoint_and_complete(self):
        for user in map(str, range(100)):
            self.assertNotEqual(split.in_half(user, "tune"), split.in_half(user, "report"))


class MetricTests(unittest.TestCase):
    def test_ndcg_by_hand(self):
        self.assertEqual(metrics.ndcg(["a", "b"], {"a", "b"}), 1.0)
        self.assertEqual(metrics.ndcg(["a", "b"], {"c"}), 0.0)
        self.assertAlmostEqual(metrics.ndcg(["x", "a", "y"], {"a", "b"}),
                               (1 / math.log2(3)) / (1 + 1 / math.log2(3)))

    def test_the_ideal_is_capped_at_the_depth(self):
        ranking = [str(item) for item in range(20)]
        self.assertEqual(metrics.ndcg(ranking, {str(item) for item in range(50)}), 1.0)

    def test_quality_by_hand(self):
        late = [str(item) for item in range(10)] + ["a"]
        found = metrics.quality([(["a"], {"a"}), (late, {"a"})], catalogue_count=22)
        self.assertAlmostEqual(found.ndcg, (1 + 1 / math.log2(12)) / 2)
        self.assertEqual(found[1:], (0.5, 0.5, 2))


class BaselineTests(unittest.TestCase):
    def test_scores_by_hand(self):
        training = scipy.sparse.csr_matrix(np.array([[1., 1, 0], [1, 1, 0], [0, 1, 1]]))
        history = scipy.sparse.csr_matrix(np.array([[0., 1, 0]]))
        self.assertEqual(baselines.popularity(training)(history).tolist(), [[2, 3, 1]])
        self.assertEqual(baselines.co_occurrence(training)(history).tolist(), [[2, 0, 1]])
        cosines = [2 / math.sqrt(6), 0, 1 / math.sqrt(3)]
        np.testing.assert_allclose(baselines.item_neighbours(training)(history)[0], cosines)
        nearest = baselines.item_neighbours(training, 1)(history)[0]
        np.testing.assert_allclose(nearest, cosines)


class RespTests(unittest.TestCase):
    def setUp(self):
        near, self.far = socket.socketpair()
        self.client = resp.Client(near)
        self.addCleanup(self.far.close)
        self.addCleanup(self.client.close)

    def test_commands_are_arrays_of_bulk_strings(self):
        self.assertEqual(resp.encode(["SET", b"\r\n", 1.5, 7]),
                         b"*4\r\n$3\r\nSET\r\n$2\r\n\r\n\r\n$3\r\n1.5\r\n$1\r\n7\r\n")

    def test_replies_of_every_type_however_they_are_cut(self):
        data = b"+OK\r\n:-3\r\n$2\r\n\r\n\r\n$-1\r\n*2\r\n*1\r\n:1\r\n$1\r\nx\r\n*-1\r\n,0.5\r\n"

        def send():
            for byte in data:
                self.far.send(bytes([byte]))
        threading.Thread(target=send).start()
        self.assertEqual([self.client.read_reply() for _ in range(7)],
                         ["OK", -3, b"\r\n", None, [[1], b"x"], None, 0.5])

    def test_a_refusal_raises_with_the_command(self):
        self.far.send(b"-ERR no such item\r\n")
        with self.assertRaisesRegex(resp.ReplyError, "SIGNAL u: ERR no such item"):
            self.client.call("SIGNAL", "u", "LIKE")

    def test_rubbish_and_an_early_end_are_told(self):
        self.far.send(b"HTTP/1.1\r\n$5\r\nab")
        self.far.shutdown(socket.SHUT_WR)
        for _ in range(2):
            with self.assertRaises(resp.ProtocolError):
                self.client.read_reply()


class CommandTests(unittest.TestCase):
    """The two commands from end to end, the second through a socket."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        rows = [f"{like.user}\t{like.item} x\t5\t{like.time_ms}" for like in random_likes()]
        (self.folder / "interactions.tsv").write_text(
            "user\titem\trating\ttimestamp\n" + "\n".join(rows))
        (self.folder / "items.tsv").write_text("item\ttitle\ni0 x\tFirst\nunseen\tCold\n")

    def run_command(self, command, *arguments):
        out = io.StringIO()
        with mock.patch.object(sys, "argv", ["tool", *map(str, arguments)]), \
                contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
            command.main()
        return out.getvalue()

    def test_train_writes_the_same_space_every_time(self):
        files = [self.folder / name for name in ("a.npz", "b.npz")]
        for file in files:
            printed = self.run_command(train, self.folder, file, "--rank", 16, "--lambda", 5)
        self.assertIn("WEIGHT behaviour.taste", printed)
        first, second = map(space.load, files)
        np.testing.assert_array_equal(first.signals, second.signals)
        self.assertEqual(len(first.ids), 20)

    def test_train_refuses_what_does_not_fit(self):
        with self.assertRaisesRegex(SystemExit, "--items-max"):
            self.run_command(train, self.folder, self.folder / "a.npz", "--memory", 1e-9)

    def test_train_keeps_the_most_liked_items(self):
        file = self.folder / "a.npz"
        self.run_command(train, self.folder, file, "--rank", 16, "--items-max", 5)
        self.assertEqual(len(space.load(file).ids), 5)

    def test_movielens_through_a_socket_ranks_as_it_does_offline(self):
        options = ("--data", self.folder, "--split", "random", "--rank", 16, "--lambda", 5,
                   "--svd-rank", 2, "--half-life-days", 1e6)
        with FakeCairn() as fake:
            self.addCleanup(fake.shutdown)
            served = self.run_command(movielens, *options, "--port", fake.port)
            again = self.run_command(movielens, *options, "--port", fake.port)
        offline = self.run_command(movielens, *options, "--offline")
        self.assertEqual(served, again)
        self.assertEqual(served, offline)
        self.assertEqual(fake.commands.count("ITEM.ADD"), 2 * 21)
        self.assertIn("full EASE", served)

    def test_a_check_demands_the_ratio_and_the_first_place(self):
        def table(cairn, other):
            return {"Cairn": metrics.Quality(cairn, 0, 0, 1),
                    "pure SVD": metrics.Quality(other, 0, 0, 1),
                    "full EASE": metrics.Quality(0.2, 0, 0, 1)}
        self.assertTrue(movielens.passes(table(0.195, 0.19)))
        self.assertFalse(movielens.passes(table(0.18, 0.1)))
        self.assertFalse(movielens.passes(table(0.195, 0.195)))

    def test_ids_survive_the_way_to_the_server_and_back(self):
        served = serving.Serving(mock.Mock(), serving.Settings())
        for item in ("plain", "a b%20c", "\u00fc/1"):
            name = served.name(item)
            self.assertNotIn(" ", name)
            self.assertEqual(served.item(name.encode()), item)

    def test_a_started_server_is_found_by_its_line_and_stopped(self):
        binary = self.folder / "cairn"
        binary.write_text("#!/bin/sh\necho hello\necho cairn ready on 127.0.0.1:4242\n"
                          "exec sleep 60\n")
        binary.chmod(0o755)
        with server.started(binary=binary) as found:
            self.assertEqual(found, ("127.0.0.1", 4242))
        binary.write_text("#!/bin/sh\necho the port is taken\n")
        with self.assertRaisesRegex(server.StartError, "port is taken"):
            with server.started(binary=binary):
                pass


if __name__ == "__main__":
    unittest.main()
