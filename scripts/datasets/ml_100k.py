"""MovieLens 100K: ratings from 1 to 5 that 943 users gave to 1682 films, 1997-98 (Harper and Konstan, 2015).

Columns of `u.data`, between tabs, rows in no order: user id, film id (both from 1), rating in stars, time in seconds
since 1970 (UTC). `u.item` holds a film per line in Latin-1, 24 fields between bars; here it says which film ids exist,
from 1 on.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from reprose import Archive, ReproseError, Source
from scripts.datasets.texts import REMEDY, read_lines

SOURCE = Source(
    title="MovieLens 100K",
    homepage="https://grouplens.org/datasets/movielens/100k/",
    licence="Free for research with acknowledgement; no redistribution and no commercial use without permission.",
    citation="harper2015",
    files={
        "u.data": "06416e597f82b7342361e41163890c81036900f418ad91315590814211dca490",
        "u.item": "553841ebc7de3a0fd0d6b62a204ea30c1e651aacfb2814c7a6584ac52f2c5701",
    },
    archives=(
        Archive(
            url="https://files.grouplens.org/datasets/movielens/ml-100k.zip",
            md5="0e33842e24a9c977be4e0107933c0723",
            members={"u.data": "ml-100k/u.data", "u.item": "ml-100k/u.item"},
        ),
    ),
)

USERS = 943  # ids of the published users run from 1 to this
STARS = 5  # ratings run from 1 to this
FIELDS = 24  # of a line of u.item: id, title, two dates, address, 19 genre flags
COLUMNS = ("users", "items", "ratings", "times")

MINIMUM = 20  # ratings of a made-up user; the published users have as many
FACTORS = 4  # dimensions of made-up taste
TASTE = 1.3  # how strongly taste decides what a made-up user watches
FIRST_TIME, LAST_TIME = 874_724_710, 893_286_638  # of the published ratings, seconds since 1970


def read(folder: Path) -> dict[str, np.ndarray]:
    """Return `users`, `items`, `ratings` and `times` in file order, int64, ids from 1; whatever is odd is an error.

    A file cut off between two lines passes here: the checksum in `SOURCE` is what finds it.
    """
    films = _count_films(folder / "u.item")
    path = folder / "u.data"
    cells = _lines(path, len(COLUMNS), "\t", "ascii")
    table = {name: _whole_numbers(path, cells, column, name) for column, name in enumerate(COLUMNS)}
    _check_range(path, table["users"], "user id", USERS)
    _check_range(path, table["items"], "film id", films)
    _check_range(path, table["ratings"], "rating", STARS)
    _check_pairs(path, table["users"], table["items"])
    return table


def course_split(table: Mapping[str, np.ndarray], *, seed: int, held_out: float) -> dict[str, dict[str, np.ndarray]]:
    """Split as the course does: shuffle, hold out the last rows as the validation part; there is no test part."""
    order, cut = _shuffled(table, seed, held_out)
    return _parts(table, train=order[:cut], validation=order[cut:], test=order[:0])


def honest_split(table: Mapping[str, np.ndarray], *, seed: int, held_out: float) -> dict[str, dict[str, np.ndarray]]:
    """Split as the course does, but keep its held-out rows for the test and cut the validation part before them."""
    order, cut = _shuffled(table, seed, held_out)
    middle = cut - (len(order) - cut)
    return _parts(table, train=order[: max(middle, 0)], validation=order[max(middle, 0) : cut], test=order[cut:])


def homework_split(table: Mapping[str, np.ndarray], *, seed: int, held_out: float) -> dict[str, dict[str, np.ndarray]]:
    """Split as document 002 does, and choose as it says: its test set is the validation part, and no test part is left.

    Users and films count from 0; the order is NumPy's permutation after `np.random.seed(seed)`.
    """
    order, cut = _permuted(table, seed, held_out)
    return _parts_from_0(table, train=order[:cut], validation=order[cut:], test=order[:0])


def tuning_split(
    table: Mapping[str, np.ndarray], *, seed: int, held_out: float, tuning: float
) -> dict[str, dict[str, np.ndarray]]:
    """Split as document 002 does, keep its test set for the test, and cut a share `tuning` off its training set."""
    order, cut = _permuted(table, seed, held_out)
    first = _tuning_start(cut, tuning)
    return _parts_from_0(table, train=order[:first], validation=order[first:cut], test=order[cut:])


def repeated_splits(
    table: Mapping[str, np.ndarray], *, seeds: list[int], held_out: float, tuning: float
) -> dict[str, dict[str, np.ndarray]]:
    """Split as document 002 does with each of its `seeds`, first to last; every part has one row per split.

    Nothing is left to choose here: the validation part repeats the last share `tuning` of the training part, so that
    models train on all of the training set.
    """
    if len(seeds) != 2 or not 0 <= seeds[0] <= seeds[1]:
        raise ReproseError(f"config.yaml: views: seeds is {seeds}, expected the first and the last.")
    splits = np.arange(seeds[0], seeds[1] + 1)
    stacked: dict[str, list[dict[str, np.ndarray]]] = {"train": [], "validation": [], "test": []}
    for seed in splits.tolist():
        order, cut = _permuted(table, seed, held_out)
        rows = {"train": order[:cut], "validation": order[_tuning_start(cut, tuning) : cut], "test": order[cut:]}
        for part, arrays in _parts_from_0(table, **rows).items():
            stacked[part].append(arrays)
    return {part: {**_stacked(arrays), "splits": splits} for part, arrays in stacked.items()}


def make_sample(folder: Path, seed: int, users: int, items: int, ratings: int) -> None:
    """Write made-up files of the same format: tastes of few dimensions decide what is watched and how it is rated.

    Every user rates at least 20 films and every film is rated; a few films are popular, as in the published set.
    """
    if users > USERS or ratings < MINIMUM * users + items or ratings > users * items // 2:
        raise ReproseError(
            f"config.yaml: datasets.ml_100k.sample: users {users}, items {items}, ratings {ratings}. Allowed: at most"
            f" {USERS} users, and ratings from {MINIMUM} x users + items to half of users x items."
        )
    generator = np.random.default_rng(seed)
    popularity = generator.permutation(-1.1 * np.log(np.arange(items) + 0.05 * items))  # (items,)
    tastes = generator.normal(size=(users, FACTORS))
    genres = generator.normal(size=(items, FACTORS))
    affinity = tastes @ genres.T / np.sqrt(FACTORS)  # (users, items), standard deviation 1
    watched, seen = _watch(generator, popularity + TASTE * affinity, ratings)
    stars = _rate(generator, popularity, affinity)[watched, seen]
    rows = generator.permutation(np.stack([watched + 1, seen + 1, stars, _times(generator, watched)], axis=1))
    lines = ["\t".join(map(str, row)) for row in rows.tolist()]
    (folder / "u.data").write_bytes(("\n".join(lines) + "\n").encode("ascii"))
    (folder / "u.item").write_bytes("".join(map(_film, range(1, items + 1), genres.argmax(axis=1))).encode("latin-1"))


def _lines(path: Path, fields: int, separator: str, encoding: str) -> list[list[str]]:
    cells = [line.split(separator) for line in read_lines(path, f"{fields} fields a line", encoding)]
    for number, found in enumerate(cells, 1):
        if len(found) != fields:
            raise ReproseError(f"{path}:{number}: found {len(found)} fields, expected {fields}. {REMEDY}")
    return cells


def _count_films(path: Path) -> int:
    """Return how many films a list names; their ids must be the numbers from 1 to that, in any order."""
    cells = _lines(path, FIELDS, "|", "latin-1")
    ids = _whole_numbers(path, cells, 0, "film id")
    _check_range(path, ids, "film id", len(ids))
    again = np.setdiff1d(np.arange(len(ids)), np.unique(ids, return_index=True)[1])
    if again.size:
        raise ReproseError(f"{path}:{again[0] + 1}: film id {ids[again[0]]} again, expected each once. {REMEDY}")
    return len(ids)


def _whole_numbers(path: Path, cells: list[list[str]], column: int, name: str) -> np.ndarray:
    for number, row in enumerate(cells, 1):
        if not (row[column].isascii() and row[column].isdigit() and len(row[column]) <= 10):
            raise ReproseError(f"{path}:{number}: {name} holds {row[column]!r}, expected a whole number. {REMEDY}")
    return np.array([int(row[column]) for row in cells], dtype=np.int64)


def _check_range(path: Path, values: np.ndarray, name: str, largest: int) -> None:
    wrong = np.flatnonzero((values < 1) | (values > largest))
    if wrong.size:
        raise ReproseError(f"{path}:{wrong[0] + 1}: {name} {values[wrong[0]]}, expected 1 to {largest}. {REMEDY}")


def _check_pairs(path: Path, users: np.ndarray, items: np.ndarray) -> None:
    pairs = users * (items.max() + 1) + items
    _, first, group = np.unique(pairs, return_index=True, return_inverse=True)
    again = np.flatnonzero(first[group] != np.arange(len(pairs)))
    if again.size:
        row = again[0]
        raise ReproseError(
            f"{path}:{row + 1}: user {users[row]} rates film {items[row]} again, first in line {first[group[row]] + 1};"
            f" expected one rating per user and film. {REMEDY}"
        )


def _shuffled(table: Mapping[str, np.ndarray], seed: int, held_out: float) -> tuple[np.ndarray, int]:
    _require_share("held_out", held_out)
    order = np.arange(len(table["users"]))
    np.random.RandomState(seed).shuffle(order)
    return order, int((1 - held_out) * len(order))


def _permuted(table: Mapping[str, np.ndarray], seed: int, held_out: float) -> tuple[np.ndarray, int]:
    _require_share("held_out", held_out)
    count = len(table["users"])
    return np.random.RandomState(seed).permutation(count), int((1 - held_out) * count)


def _tuning_start(cut: int, tuning: float) -> int:
    _require_share("tuning", tuning)
    return int((1 - tuning) * cut)


def _require_share(name: str, found: float) -> None:
    if not 0 < found < 0.5:
        raise ReproseError(f"config.yaml: views: {name} is {found}, expected a share between 0 and 0.5.")


def _parts_from_0(table: Mapping[str, np.ndarray], **rows: np.ndarray) -> dict[str, dict[str, np.ndarray]]:
    return _parts({**table, "users": table["users"] - 1, "items": table["items"] - 1}, **rows)


def _stacked(parts: list[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """Return the columns of several splits under one another; the sizes are the same in all."""
    return {name: np.stack([part[name] for part in parts]) if first.ndim else first for name, first in parts[0].items()}


def _parts(table: Mapping[str, np.ndarray], **rows: np.ndarray) -> dict[str, dict[str, np.ndarray]]:
    # where ids start at 1, as in the course, row 0 of a table of users or films belongs to nobody
    sizes = {"user_rows": table["users"].max() + 1, "item_rows": table["items"].max() + 1}
    counts = {name: np.array(size, dtype=np.int64) for name, size in sizes.items()}
    columns = ("users", "items", "ratings")
    return {part: {**{name: table[name][index] for name in columns}, **counts} for part, index in rows.items()}


def _watch(generator: np.random.Generator, wish: np.ndarray, ratings: int) -> tuple[np.ndarray, np.ndarray]:
    """Return users and films of `ratings` pairs: those with the greatest noisy wish, the obligatory ones first."""
    users, items = wish.shape
    noisy = wish + generator.normal(scale=0.7, size=(users, 1)) + generator.gumbel(size=wish.shape)
    noisy[np.arange(items) % users, np.arange(items)] += 1e6  # every film is rated by somebody
    best = np.argpartition(-noisy, MINIMUM, axis=1)[:, :MINIMUM]  # (users, MINIMUM)
    np.put_along_axis(noisy, best, np.take_along_axis(noisy, best, axis=1) + 1e6, axis=1)
    chosen = np.argpartition(-noisy.ravel(), ratings)[:ratings]
    return np.unravel_index(np.sort(chosen), wish.shape)


def _rate(generator: np.random.Generator, popularity: np.ndarray, affinity: np.ndarray) -> np.ndarray:
    users, items = affinity.shape
    liking = 0.25 * (popularity - popularity.mean()) + generator.normal(scale=0.3, size=items)  # (items,)
    mood = generator.normal(scale=0.4, size=(users, 1))
    noise = generator.normal(scale=0.7, size=affinity.shape)
    return np.clip(np.rint(3.1 + liking + mood + 0.6 * affinity + noise), 1, STARS).astype(np.int64)


def _times(generator: np.random.Generator, watched: np.ndarray) -> np.ndarray:
    start = generator.integers(FIRST_TIME, LAST_TIME - 86_400, size=watched.max() + 1)  # one evening per user
    return start[watched] + generator.integers(0, 7_200, size=len(watched))


def _film(number: int, genre: int) -> str:
    flags = "|".join("1" if flag == genre + 1 else "0" for flag in range(FIELDS - 5))  # the first flag means unknown
    return f"{number}|Film n\xb0 {number} (1997)|01-Jan-1997||http://example.org/film/{number}|{flags}\n"
