"""Ranks for every user of a half with any method, and measures it.

Items are ordered by the bytes of their ids, as the server breaks ties. A user's training likes
never appear in a ranking, whatever the method.
"""
from __future__ import annotations

from typing import Callable, Iterator, Sequence

import numpy as np

from .baselines import Score
from .log import Like
from .matrix import item_order, like_matrix
from .metrics import NDCG_DEPTH, Quality, quality
from .split import Split, in_half

USERS_PER_BLOCK = 128


class Evaluation:
    """One split, seen as a matrix of training likes and a list of users to rank for."""

    def __init__(self, split: Split, catalogue: Sequence[str], half: str = "all") -> None:
        self.split = split
        self.catalogue_count = len(catalogue)
        self.users = sorted(split.training)
        self.items = item_order(like for likes in split.training.values() for like in likes)
        self.training = like_matrix((split.training[user] for user in self.users), self.items)
        self.judged = [user for user in self.users if in_half(user, half)
                       and split.training[user] and split.hidden[user]]

    def of_scores(self, score: Score) -> Quality:
        """The quality of a method that scores rows of likes."""
        return quality(self.rank_blocks(score), self.catalogue_count)

    def rank_blocks(self, score: Score) -> Iterator[tuple[list[str], set[str]]]:
        for start in range(0, len(self.judged), USERS_PER_BLOCK):
            users = self.judged[start:start + USERS_PER_BLOCK]
            history = like_matrix((self.split.training[user] for user in users), self.items)
            scores = np.array(score(history), dtype=np.float64)
            scores[history.nonzero()] = -np.inf
            for user, row in zip(users, scores):
                yield self.best(row), self.hidden(user)

    def of_rankings(self, rank: Callable[[str, Sequence[Like]], Sequence[str]]) -> Quality:
        """The quality of a method that ranks item ids for one user with training likes."""
        def drop_known(user: str) -> list[str]:
            known = {like.item for like in self.split.training[user]}
            ranking = rank(user, self.split.training[user])
            return [item for item in ranking if item not in known][:NDCG_DEPTH]
        return quality(((drop_known(user), self.hidden(user)) for user in self.judged),
                       self.catalogue_count)

    def hidden(self, user: str) -> set[str]:
        return {like.item for like in self.split.hidden[user]}

    def best(self, scores: np.ndarray) -> list[str]:
        """The ids of the highest scores; equal scores keep the order of the ids."""
        order = np.argsort(-scores, kind="stable")[:NDCG_DEPTH]
        return [self.items[column] for column in order if scores[column] > -np.inf]
