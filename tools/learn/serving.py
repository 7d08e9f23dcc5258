"""The conversation with a running Cairn: load items, likes and a surface, then ask for rankings.

Names on the server carry the run's own prefix, so a run never sees what an earlier one left behind
(an earlier split's likes would be this split's hidden ones).
"""
from __future__ import annotations

import secrets
import urllib.parse
from typing import Iterable, Iterator, NamedTuple, Sequence

from .log import Like
from .metrics import NDCG_DEPTH
from .resp import Argument, Client
from .space import Space

TOP_MAX = 10_000
TEXT_BYTES_MAX = 16_384
# Every term that a surface may weigh: those that are not chosen are set to 0, whatever the default.
TERMS = ("prior", "freshness", "follow", "fatigue", "behaviour.text", "behaviour.taste",
         "views.text", "views.taste", "negative.text", "negative.taste", "chat.text",
         "context.text", "context.taste")


class Settings(NamedTuple):
    """The surface of the evaluation. The taste weight multiplies the space's own."""

    half_life_seconds: int = 365 * 86_400
    taste_weight: float = 1.0
    text_weight: float = 0.0
    signals_count: int = 512
    bias: float = -2.0


class ServingError(Exception):
    """The server took a command differently than the evaluation needs."""


class Serving:
    """One run on one server."""

    def __init__(self, client: Client, settings: Settings) -> None:
        self.client = client
        self.settings = settings
        run = secrets.token_hex(4)
        self.prefix = f"{run}:"
        self.kind = f"film-{run}"
        self.surface = f"movielens-{run}"

    def name(self, identifier: str) -> str:
        """An id of the data set as one of the server's: spaces and the like are escaped."""
        return self.prefix + urllib.parse.quote(identifier, safe="!#$&'()*+,/:;=?@[]|~")

    def load_items(self, texts: dict[str, str], space: Space) -> None:
        """Every item with its text; those of the space with their two vectors too."""
        row_of = {name: row for row, name in enumerate(space.ids)}

        def command(item: str, text: str) -> Iterator[Argument]:
            clipped = text.encode()[:TEXT_BYTES_MAX].decode(errors="ignore")
            yield from ("ITEM.ADD", self.name(item), "KIND", self.kind, "TEXT", clipped)
            row = row_of.get(item)
            if row is not None:
                yield from ("VECTOR", "taste", space.candidates[row].astype("<f4").tobytes())
                yield from ("SIGNALVECTOR", "taste", space.signals[row].astype("<f4").tobytes())

        # An item whose text is sensitive answers "OK flagged ...": likes still count towards it.
        self.expect("OK", (list(command(item, text)) for item, text in texts.items()))

    def load_likes(self, training: dict[str, Sequence[Like]]) -> None:
        """Every user with the training likes, in time order."""
        self.expect("OK", (["USER.SET", self.name(user), "REGION", "US"] for user in training))
        self.expect("USED", (
            ["SIGNAL", self.name(user), "LIKE", "ITEM", self.name(like.item),
             "AT", like.time_ms, "ID", f"like-{number}"]
            for user, likes in training.items() for number, like in enumerate(likes)))

    def set_surface(self, space: Space) -> None:
        """The surface that the rankings are asked on."""
        self.expect("OK", [self.surface_command(space)])

    def surface_command(self, space: Space) -> list[Argument]:
        chosen = {"behaviour.taste": self.settings.taste_weight * space.weight,
                  "behaviour.text": self.settings.text_weight}
        command: list[Argument] = ["SURFACE.SET", self.surface, "KINDS", self.kind,
                                   "LANE", "content", "BIAS", self.settings.bias,
                                   "TYPE", "LIKE", 1, "SHAPE", "behaviour", "linear",
                                   "SIGNALS", "behaviour", self.settings.signals_count,
                                   "HALFLIFE", "behaviour", self.settings.half_life_seconds]
        for term in TERMS:
            command += ["WEIGHT", term, format(chosen.get(term, 0.0), ".9f")]
        return command

    def rankings(self, likes_of: dict[str, Sequence[Like]]) -> dict[str, list[str]]:
        """For each user enough of a ranking that the first twenty remain without the likes.

        The request's clock stands one millisecond after the user's newest like.
        """
        commands = (
            ["RECOMMEND", self.name(user), "SURFACE", self.surface,
             "TOP", min(NDCG_DEPTH + len(likes), TOP_MAX), "AT", likes[-1].time_ms + 1]
            for user, likes in likes_of.items())
        return {user: [self.item(name) for name in reply[::2]]
                for user, reply in zip(likes_of, self.client.pipeline(commands))}

    def item(self, name: bytes) -> str:
        """The data set's id of a server's."""
        return urllib.parse.unquote(name.decode()[len(self.prefix):])

    def expect(self, wanted: str, commands: Iterable[Sequence[Argument]]) -> None:
        """Sends commands whose reply must be `wanted`, as a simple or a bulk string."""
        for reply in self.client.pipeline(commands):
            word = reply.decode() if isinstance(reply, bytes) else reply
            if word != wanted and not str(word).startswith(f"{wanted} "):
                raise ServingError(f"expected {wanted} and got {word}")
