"""Reads logs of likes and catalogues of items, in the layouts that MovieLens comes in.

A log is a text file with a user, an item and, if it has them, a rating and a time. A directory
holds a log and a catalogue under one of the names below. Columns are found by their names; a file
without a header has user, item, rating, timestamp (MovieLens 100k and 1M) or, with three columns,
user, item, timestamp. What is missing is filled in: without ratings every row is a like, without
times the order of the rows is the time, without a catalogue an item's text is its id.
"""
from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Iterable, Iterator, NamedTuple, Optional

LOG_NAMES = ("interactions.tsv", "interactions.csv", "ratings.csv", "ratings.tsv", "ratings.dat",
             "u.data")
CATALOGUE_NAMES = ("items.tsv", "items.csv", "movies.csv", "movies.tsv", "movies.dat", "u.item")
COLUMN_NAMES = {
    "user": ("user", "userid", "user_id"),
    "item": ("item", "itemid", "item_id", "movie", "movieid", "movie_id", "id"),
    "rating": ("rating", "stars", "score"),
    "timestamp": ("timestamp", "time", "ts", "timestamp_ms"),
    "title": ("title", "name", "text"),
    "year": ("year",),
    "genres": ("genres", "genre", "categories"),
}
# Times above this are milliseconds already: as seconds they would lie beyond the year 5000.
SECONDS_MAX = 100_000_000_000
# The genre columns of MovieLens 100k's u.item, in order, after five other columns.
GENRES_100K = ("", "Action", "Adventure", "Animation", "Children's", "Comedy", "Crime",
               "Documentary", "Drama", "Fantasy", "Film-Noir", "Horror", "Musical", "Mystery",
               "Romance", "Sci-Fi", "Thriller", "War", "Western")
# What the columns of a file without a header are, by how many there are.
HEADLESS_LOG = {
    3: ("user", "item", "timestamp"),
    4: ("user", "item", "rating", "timestamp"),
}
HEADLESS_CATALOGUE = {
    2: ("item", "title"),
    3: ("item", "title", "genres"),
    24: ("item", "title"),
}


class LogError(Exception):
    """What is wrong with the input, in words for the person who gave it."""


class Like(NamedTuple):
    """One user liked one item at one time (milliseconds since 1970)."""

    user: str
    item: str
    time_ms: int


def read_likes(path: Path, minimum_rating: float = 4.0) -> list[Like]:
    """The likes of a log file or of a directory that holds one, in time order.

    Equal times keep the order of the file. A pair of user and item counts once, by its newest row.
    """
    source = find_file(path, LOG_NAMES) if path.is_dir() else path
    newest: dict[tuple[str, str], tuple[int, int, float]] = {}
    for number, row in enumerate(read_rows(source, HEADLESS_LOG)):
        user, item = row.get("user", ""), row.get("item", "")
        if not user or not item:
            raise LogError(f"{source.name}: row {number + 1} lacks a user or an item")
        try:
            rating = float(row["rating"]) if row.get("rating") else minimum_rating
            time_ms = milliseconds(row["timestamp"]) if row.get("timestamp") else number * 1000
        except ValueError as error:
            raise LogError(f"{source.name}: row {number + 1}: {error}") from error
        known = newest.get((user, item))
        if known is None or time_ms >= known[0]:
            newest[user, item] = (time_ms, number, rating)
    kept = sorted((time_ms, number, user, item)
                  for (user, item), (time_ms, number, rating) in newest.items()
                  if rating >= minimum_rating)
    if not kept:
        raise LogError(f"{source.name} holds no likes (ratings of {minimum_rating:g} and more)")
    return [Like(user, item, time_ms) for time_ms, _, user, item in kept]


def by_user(likes: Iterable[Like]) -> dict[str, list[Like]]:
    """Each user's likes in the order given; users by name."""
    histories: dict[str, list[Like]] = {}
    for like in likes:
        histories.setdefault(like.user, []).append(like)
    return dict(sorted(histories.items()))


def read_texts(directory: Path) -> dict[str, str]:
    """Each item's text, "title (year). genres", from the directory's catalogue; {} without one."""
    source = find_file(directory, CATALOGUE_NAMES, required=False)
    if source is None:
        return {}
    texts = {}
    for row in read_rows(source, HEADLESS_CATALOGUE):
        item = row.get("item", "")
        if item:
            texts[item] = item_text(row) or item
    return texts


def item_text(row: dict[str, str]) -> str:
    """The sentence that describes an item; parts that are missing or empty are left out."""
    title, year = row.get("title", "").strip(), row.get("year", "").strip()
    genres = row.get("genres", "").replace("|", ", ").strip()
    if genres == "(no genres listed)":
        genres = ""
    if title and year and not title.endswith(f"({year})"):
        title = f"{title} ({year})"
    return ". ".join(part for part in (title, genres) if part)


def find_file(directory: Path, names: tuple[str, ...], required: bool = True) -> Optional[Path]:
    """The first of `names` in the directory."""
    for name in names:
        if (directory / name).is_file():
            return directory / name
    if required:
        raise LogError(f"{directory} has none of {', '.join(names)}")
    return None


def read_rows(path: Path, headless: dict[int, tuple[str, ...]]) -> Iterator[dict[str, str]]:
    """Rows as {our column name: value}; columns without a name of ours are left out."""
    rows = split_rows(decode(path))
    first = next(rows, None)
    if first is None:
        raise LogError(f"{path.name} is empty")
    columns = tuple(canonical_column(name) for name in first)
    if "item" not in columns:
        columns = headless.get(len(first), ())
        if not columns:
            raise LogError(f"{path.name}: its columns have no known names: {', '.join(first)}")
        yield name_values(columns, first)
    for row in rows:
        yield name_values(columns, row)


def name_values(columns: tuple[str, ...], values: list[str]) -> dict[str, str]:
    """Pairs columns with values; the genre flags of u.item become the names of the genres."""
    row = {column: value.strip() for column, value in zip(columns, values) if column}
    if len(values) == 5 + len(GENRES_100K) and "genres" not in columns:
        row["genres"] = ", ".join(
            genre for genre, flag in zip(GENRES_100K, values[5:]) if genre and flag == "1")
    return row


def decode(path: Path) -> str:
    """The file as text: UTF-8, or Latin-1 as the older MovieLens sets are."""
    data = path.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def split_rows(text: str) -> Iterator[list[str]]:
    """Only comma-separated files quote; a quotation mark elsewhere is part of a title."""
    first_line = text.split("\n", 1)[0]
    separator = next((mark for mark in ("\t", "::", "|") if mark in first_line), ",")
    if separator == ",":
        yield from (row for row in csv.reader(io.StringIO(text)) if row)
    else:
        for line in text.split("\n"):
            if line.strip():
                yield line.rstrip("\r").split(separator)


def canonical_column(name: str) -> str:
    """Our word for a column, or "" for one that is not used."""
    word = name.strip().lower()
    for canonical, words in COLUMN_NAMES.items():
        if word in words:
            return canonical
    return ""


def milliseconds(text: str) -> int:
    """A time in seconds or milliseconds as milliseconds."""
    value = float(text)
    return int(value) if value > SECONDS_MAX else int(value * 1000)
