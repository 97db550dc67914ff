"""A part of the ratings, and the lists by film or by user that batched solvers work on."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from reprose import Arrays, ReproseError

GROWTH = 1.2  # the longest list of a bucket is at most so many times as long as the shortest, or SLACK longer
SLACK = 4
PIECE = 1 << 16  # numbers in the features of a piece of a bucket, half a megabyte, which stays in the cache


@dataclass(frozen=True)
class Ratings:
    """Ratings of one part; film `films[k]` got `stars[k]` from user `users[k]`, all counted from 0."""

    users: np.ndarray  # (ratings,) int64
    films: np.ndarray  # (ratings,) int64
    stars: np.ndarray  # (ratings,) float64
    user_count: int
    film_count: int

    def __len__(self) -> int:
        return len(self.stars)

    @cached_property
    def by_film(self) -> "Lists":
        """Return the users and ratings of every film."""
        return Lists(self.films, self.users, self.film_count, self.user_count)

    @cached_property
    def by_user(self) -> "Lists":
        """Return the films and ratings of every user."""
        return Lists(self.users, self.films, self.user_count, self.film_count)


@dataclass(frozen=True)
class Bucket:
    """Rows of about equally many ratings, their lists padded to the same length."""

    rows: np.ndarray  # (rows,) int64; the longest list comes last
    others: np.ndarray  # (rows, length) int64; the number of others where the list has ended
    places: np.ndarray  # (rows, length) int64: where the rating stands in the part; 0 where the list has ended


class Lists:
    """The ratings of every row (film or user) as padded lists of the other side, in buckets of similar length."""

    def __init__(self, rows: np.ndarray, others: np.ndarray, row_count: int, other_count: int) -> None:
        counts = np.bincount(rows, minlength=row_count)
        order = np.argsort(rows, kind="stable")
        starts = np.cumsum(counts) - counts
        waiting = np.argsort(counts, kind="stable")
        waiting = waiting[counts[waiting] > 0]
        self.row_count = row_count
        self.counts = counts
        self.buckets: list[Bucket] = []
        while len(waiting):
            shortest = counts[waiting[0]]
            longest = max(shortest * GROWTH, shortest + SLACK)
            cut = np.searchsorted(counts[waiting], longest, side="right")
            row, waiting = waiting[:cut], waiting[cut:]
            steps = np.arange(counts[row[-1]])
            given = steps < counts[row][:, None]
            places = order[np.where(given, starts[row][:, None] + steps, 0)]
            listed = np.where(given, others[places], other_count)
            self.buckets.append(Bucket(row, listed, np.where(given, places, 0)))

    def pieces(self, rank: int) -> Iterator[Bucket]:
        """Yield the buckets in pieces of at most PIECE numbers, `rank` for each rating, or of one row."""
        for bucket in self.buckets:
            most = max(1, PIECE // (bucket.others.shape[1] * rank))
            for first in range(0, len(bucket.rows), most):
                rows = bucket.rows[first : first + most]
                part = slice(first, first + most), slice(self.counts[rows[-1]])
                yield Bucket(rows, bucket.others[part], bucket.places[part])


def to_ratings(arrays: Arrays, seed: int) -> Ratings:
    """Return the ratings of one part of a view; of a view of many splits, those of the split `seed`."""
    columns = [arrays[name] for name in ("users", "items", "ratings")]
    if "splits" in arrays:
        (found,) = np.nonzero(arrays["splits"] == seed)
        if len(found) != 1:
            raise ReproseError(
                f"config.yaml: problems.recommender: seed {seed} names no split of its view. Found:"
                f" {', '.join(map(str, arrays['splits']))}."
            )
        columns = [column[found[0]] for column in columns]
    users, films, stars = columns
    return Ratings(users, films, stars.astype(np.float64), int(arrays["user_rows"]), int(arrays["item_rows"]))
