"""The command `tools/movielens`: how well Cairn ranks, beside the methods of the literature."""
from __future__ import annotations

import argparse
import contextlib
import sys
from pathlib import Path
from typing import Iterator, Optional

from . import affinity, baselines, ease, log, server, train
from .evaluation import Evaluation
from .metrics import NDCG_DEPTH, Quality
from .resp import Client, ProtocolError, ReplyError
from .serving import Serving, ServingError, Settings
from .space import Space
from .split import HALVES, MODES, split_likes

RATIO_MIN = 0.95
REFERENCE = "full EASE"
# Chosen on the tune half of MovieLens latest-small: see EXPERIMENTS.md.
HALF_LIFE_DAYS = {"time": 365, "random": 3_650}

DESCRIPTION = """\
Measures ranking quality on a MovieLens directory. A fifth of each user's likes (ratings of 4 and
more) is hidden; a taste space is learned from the rest (see tools/train); a running Cairn gets
items and likes over its socket and is asked to RECOMMEND. The table compares what comes back with
popularity, co-occurrence, cosine item-kNN, pure SVD and full EASE on the same split.

NDCG@20 and HR@10 are means over users, coverage@20 is the share of the catalogue that anyone sees.
"""


def main() -> None:
    options = parse_options()
    try:
        table = measure(options)
    except (log.LogError, train.TooLarge, server.StartError, ServingError, ReplyError,
            ProtocolError, OSError) as error:
        sys.exit(f"movielens: {error}")
    print_table(table)
    if options.check and not passes(table):
        sys.exit(1)


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="tools/movielens", description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, metavar="DIR",
                        help="interactions.tsv and items.tsv, ratings.csv and movies.csv, or "
                             "u.data and u.item")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--start", action="store_true",
                       help="start the project's release build for this run")
    where.add_argument("--offline", action="store_true",
                       help="no server: score with the same integers in Python")
    parser.add_argument("--start-arguments", default="", metavar="TEXT",
                        help="more arguments for the server that --start runs")
    parser.add_argument("--host", default="127.0.0.1", help="a running server's (127.0.0.1)")
    parser.add_argument("--port", type=int, default=6480, help="a running server's (6480)")
    parser.add_argument("--split", choices=MODES, default="time",
                        help="hide each user's last fifth of likes, or a random one")
    parser.add_argument("--half", choices=HALVES, default="all",
                        help="whom to judge: settings were chosen on tune (default all)")
    parser.add_argument("--check", action="store_true",
                        help=f"fail unless Cairn has {RATIO_MIN} of EASE and beats the rest")
    chosen = Settings()
    parser.add_argument("--half-life-days", type=train.positive, metavar="D",
                        help="after how long a like weighs half (default "
                             f"{HALF_LIFE_DAYS['time']} for time, {HALF_LIFE_DAYS['random']} for "
                             "random, where what is hidden is no newer than what is known)")
    parser.add_argument("--signals", type=int, default=chosen.signals_count, metavar="N",
                        help="newest likes that count (default %(default)s)")
    parser.add_argument("--text-weight", type=float, default=chosen.text_weight, metavar="W",
                        help="weight of text beside taste (default %(default)s)")
    parser.add_argument("--neighbours", type=int, default=baselines.NEIGHBOURS_DEFAULT,
                        metavar="N", help="of item-kNN (default %(default)s)")
    parser.add_argument("--svd-rank", type=int, default=baselines.SVD_RANK_DEFAULT, metavar="N",
                        help="of pure SVD (default %(default)s)")
    train.add_learning_options(parser)
    return parser.parse_args()


def measure(options: argparse.Namespace) -> dict[str, Quality]:
    """The quality of each method by its name, Cairn first."""
    likes = log.read_likes(options.data)
    texts = {like.item: like.item for like in likes} | log.read_texts(options.data)
    parts = split_likes(likes, options.split, options.seed)
    evaluation = Evaluation(parts, list(texts), options.half)
    if not evaluation.judged:
        raise log.LogError("nobody has both a training like and a hidden one")
    training_likes = [like for own in parts.training.values() for like in own]
    learned = train.learn(training_likes, options, report)
    table = {"Cairn": measure_cairn(options, evaluation, texts, learned)}
    for name, score in baseline_scores(options, evaluation):
        report(f"ranking with {name}")
        table[name] = evaluation.of_scores(score)
    return table


def measure_cairn(options: argparse.Namespace, evaluation: Evaluation, texts: dict[str, str],
                  learned: Space) -> Quality:
    """Cairn's own rankings: over a socket, or computed here with --offline."""
    half_life_days = options.half_life_days or HALF_LIFE_DAYS[options.split]
    settings = Settings(
        text_weight=options.text_weight, signals_count=options.signals,
        half_life_seconds=round(half_life_days * 86_400))
    if options.offline:
        return evaluation.of_rankings(affinity.ranker(
            learned, list(texts), settings.signals_count, settings.half_life_seconds))
    with address(options) as (host, port), contextlib.closing(
            Client.connect(host, port)) as client:
        serving = Serving(client, settings)
        report(f"loading {len(texts)} items and the likes of {len(evaluation.users)} users")
        serving.set_surface(learned)
        serving.load_items(texts, learned)
        serving.load_likes(evaluation.split.training)
        report(f"asking for {len(evaluation.judged)} users")
        rankings = serving.rankings(
            {user: evaluation.split.training[user] for user in evaluation.judged})
    return evaluation.of_rankings(lambda user, likes: rankings[user])


@contextlib.contextmanager
def address(options: argparse.Namespace) -> Iterator[tuple[str, int]]:
    if options.start:
        with server.started(options.start_arguments.split()) as found:
            yield found
    else:
        yield options.host, options.port


def baseline_scores(options: argparse.Namespace, evaluation: Evaluation
                    ) -> Iterator[tuple[str, baselines.Score]]:
    """The other methods, each learned only when its turn comes."""
    training = evaluation.training
    yield "popularity", baselines.popularity(training)
    yield "co-occurrence", baselines.co_occurrence(training)
    yield "item-kNN", baselines.item_neighbours(training, options.neighbours)
    yield "pure SVD", baselines.pure_svd(training, options.svd_rank)
    cost = ease.estimate(*training.shape, options.rank)
    yield REFERENCE, ease.solve(training, options.regularisation, cost.by_users).scores


def print_table(table: dict[str, Quality]) -> None:
    """One row a method, then the ratio that counts."""
    print(f"{'method':<14} {f'NDCG@{NDCG_DEPTH}':>8} {'HR@10':>8} {'coverage':>9}")
    for name, figures in table.items():
        print(f"{name:<14} {figures.ndcg:8.4f} {figures.hit_rate:8.4f} {figures.coverage:9.4f}")
    print(f"users {table['Cairn'].users_count}, Cairn / EASE {ratio(table):.3f}, "
          f"beats the rest: {'yes' if beats_the_rest(table) else 'no'}")


def ratio(table: dict[str, Quality]) -> float:
    """Cairn's NDCG as a share of full EASE's; 1 when both found nothing."""
    reference = table[REFERENCE].ndcg
    return table["Cairn"].ndcg / reference if reference else 1.0


def beats_the_rest(table: dict[str, Quality]) -> bool:
    return all(table["Cairn"].ndcg > figures.ndcg for name, figures in table.items()
               if name not in ("Cairn", REFERENCE))


def passes(table: dict[str, Quality]) -> bool:
    """Whether the evaluation's demands on Cairn are met."""
    return ratio(table) >= RATIO_MIN and beats_the_rest(table)


def report(line: str) -> None:
    print(line, file=sys.stderr)
