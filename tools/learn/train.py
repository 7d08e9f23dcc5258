"""The command `tools/train`: from a log of likes to a taste space."""
from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np

from . import ease, log, matrix, space

REGULARISATION_DEFAULT = 200.0
MEMORY_GIB_DEFAULT = 10.0

DESCRIPTION = """\
Learns a taste space for Cairn from a log of likes: for each item one vector as a candidate and one
as a signal (what liking it says about a person).

LOG is a TSV or CSV file with the columns user, item and, if there are, timestamp and rating (in
that case ratings of --minimum-rating and more are likes), or a MovieLens directory. The model is
EASE, a closed-form item-item regression, cut to --rank dimensions.

OUTPUT is a NumPy .npz file: ids, candidates and signals (float32 in [-1, 1], a row an item), meta.
Load an item with
    ITEM.ADD id KIND k TEXT t VECTOR taste <candidate row> SIGNALVECTOR taste <signal row>
and give the surface the printed weight: then logit - bias is the model's own score.
"""

EPILOGUE = """\
Memory and time: the model is solved over items or over users, whichever is smaller. Over items it
takes about 24 bytes x items^2 and 3 x items^3 operations (20,000 items: 10 GB, some minutes), over
users 64 bytes x users x items. What it will take is printed before it starts, and more than
--memory is refused. Then keep the most liked items with --items-max: the others get no taste vector
and are still ranked by their text and the other terms; what share of likes is lost is printed. Or
learn from a sample of users (--users-max): items that nobody in the sample likes get no vector, and
the others coarser ones.
"""


def main() -> None:
    options = parse_options()
    try:
        likes = log.read_likes(options.log, options.minimum_rating)
        learned = learn(likes, options, report=lambda line: print(line, file=sys.stderr))
    except (log.LogError, TooLarge, OSError) as error:
        sys.exit(f"train: {error}")
    space.save(learned, options.output)
    print(f"{options.output}: {len(learned.ids)} items, {options.rank} dimensions")
    print(f"surface: WEIGHT behaviour.taste {learned.weight:.9f}")


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="tools/train", description=DESCRIPTION, epilog=EPILOGUE,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("log", metavar="LOG", type=Path, help="a file or a MovieLens directory")
    parser.add_argument("output", metavar="OUTPUT", type=Path, help="where the .npz goes")
    parser.add_argument("--minimum-rating", type=float, default=4.0, metavar="R",
                        help="ratings from here on are likes (default 4)")
    add_learning_options(parser)
    return parser.parse_args()


def add_learning_options(parser: argparse.ArgumentParser) -> None:
    """The options of `learn`, which the evaluation shares."""
    parser.add_argument("--rank", type=rank_value, default=space.RANK_DEFAULT, metavar="N",
                        help="dimensions of the vectors, 16 to 256: the server's (default 128)")
    parser.add_argument("--lambda", dest="regularisation", type=positive,
                        default=REGULARISATION_DEFAULT, metavar="L",
                        help="regularisation: larger for sparser logs (default 200)")
    parser.add_argument("--items-max", type=int, metavar="N",
                        help="keep only the N most liked items")
    parser.add_argument("--users-max", type=int, metavar="N",
                        help="learn from a random sample of N users")
    parser.add_argument("--memory", dest="memory_gib", type=positive, metavar="GIB",
                        default=MEMORY_GIB_DEFAULT, help="refuse to take more (default 10)")
    parser.add_argument("--seed", type=int, default=1, metavar="N",
                        help="the same seed gives the same vectors (default 1)")


def rank_value(text: str) -> int:
    value = int(text)
    if not space.RANK_MIN <= value <= space.RANK_MAX:
        raise argparse.ArgumentTypeError(f"{space.RANK_MIN} to {space.RANK_MAX}")
    return value


def positive(text: str) -> float:
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError("a number above 0")
    return value


class TooLarge(Exception):
    """The log needs more memory than was allowed; the text says what to do."""


def learn(likes: list[log.Like], options: argparse.Namespace, report=print) -> space.Space:
    """The taste space of a log; `report` is told each step."""
    likes = restrict(likes, options, report)
    items = matrix.item_order(likes)
    training = matrix.like_matrix(log.by_user(likes).values(), items)
    cost = ease.estimate(*training.shape, options.rank)
    gib = cost.memory_bytes / 2 ** 30
    report(f"{training.shape[0]} users, {len(items)} items, {training.nnz} likes: solving over "
           f"{'users' if cost.by_users else 'items'} takes about {gib:.2f} GiB, "
           f"{max(1, round(cost.seconds))} s")
    if gib > options.memory_gib:
        raise TooLarge(f"that is more than --memory {options.memory_gib:g}; keep the most liked "
                       "items with --items-max 20000, or sample users with --users-max")
    started = time.monotonic()
    model = ease.solve(training, options.regularisation, cost.by_users)
    learned = space.make_space(items, model, training, options.rank, options.seed)
    learned.meta.update(regularisation=options.regularisation, users=training.shape[0],
                        likes=int(training.nnz))
    report(f"learned in {time.monotonic() - started:.1f} s; "
           f"{len(items) - len(learned.ids)} items are liked by nobody who liked another")
    return learned


def restrict(likes: list[log.Like], options: argparse.Namespace, report) -> list[log.Like]:
    """The likes of the most liked items and of a sample of users, as asked for."""
    kept = likes
    if options.items_max:
        counts = Counter(like.item for like in likes)
        chosen = set(sorted(counts, key=lambda item: (-counts[item], item))[:options.items_max])
        kept = [like for like in kept if like.item in chosen]
    if options.users_max:
        users = sorted({like.user for like in kept})
        order = np.random.default_rng(options.seed).permutation(len(users))
        sample = {users[index] for index in order[:options.users_max]}
        kept = [like for like in kept if like.user in sample]
    if len(kept) < len(likes):
        report(f"left out: {1 - len(kept) / len(likes):.1%} of the likes")
    return kept
