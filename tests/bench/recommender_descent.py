"""How long an epoch of stochastic gradient descent takes, beside loops that fit one setting at a time.

Run as `PYTHONPATH=. python tests/bench/recommender_descent.py [epochs]`; data and clock are those of recommender.py.
Fitted are the twelve settings of config.yaml that share rank and batch size. Two loops fit one of them, in double
precision, and their times are taken twelve times. `ratings` adds up the gradient of a batch rating by rating, as the
sum is written; `batches` takes a batch as arrays of NumPy. All times include making the first vectors.

The limit is the time of the three operations on all gathered numbers that cannot be avoided (the inner products, and
the change of either side), by torch on arrays that lie in the cache. The vectors of the three must agree to four
decimals after the epoch, or the exit status is 1.
"""

import itertools
import sys
import time
from collections.abc import Callable

import numpy as np
import torch
from recommender import RANKS, close, load
from threadpoolctl import threadpool_limits

from reprose import Run
from scripts.problems.recommender.alternating import start
from scripts.problems.recommender.descent import Descent
from scripts.problems.recommender.hyperparameters import Hyperparameters
from scripts.problems.recommender.ratings import Ratings

TOLERANCE = 1e-4
SETTINGS = [
    Hyperparameters(
        algorithm="sgd",
        rank=1,
        fill="mean",
        regularization=regularization,
        scale=scale,
        sweeps=40,
        burn_in=0,
        learning_rate=learning_rate,
        decay=0.97,
        batch_size=1,
    )
    for regularization, scale, learning_rate in itertools.product((0.3, 2, 6), (0.3, 1.0), (0.003, 0.01))
]
Epoch = Callable[[], np.ndarray]  # -> the vectors of the films after it, of the first setting


def plain(part: Ratings, wanted: Hyperparameters, pulls: Callable[..., tuple[np.ndarray, np.ndarray]]) -> Epoch:
    """Return an epoch of one setting, whose batches are summed by `pulls`."""

    def epoch() -> np.ndarray:
        films, users = (side.numpy().copy() for side in start(part, wanted, 1))
        order = np.random.RandomState(1).permutation(len(part))
        for first in range(0, len(order), wanted.batch_size):
            batch = order[first : first + wanted.batch_size]
            pull = pulls(films, users, part.films[batch], part.users[batch], part.stars[batch])
            penalty = wanted.regularization * len(batch) / len(part)
            for side, change in zip((films, users), pull, strict=True):
                side += 2 * wanted.learning_rate * (change - penalty * side)
        return films

    return epoch


def ratings(films, users, film, user, stars):
    """Return the sums over a batch for either side, rating by rating."""
    of_films, of_users = np.zeros_like(films), np.zeros_like(users)
    for i, j, star in zip(film, user, stars, strict=True):
        missing = star - films[i] @ users[j]
        of_films[i] += missing * users[j]
        of_users[j] += missing * films[i]
    return of_films, of_users


def batches(films, users, film, user, stars):
    """Return the sums over a batch for either side, by arrays."""
    of_films, of_users = np.zeros_like(films), np.zeros_like(users)
    u, v = films[film], users[user]
    missing = (stars - (u * v).sum(axis=1))[:, None]
    np.add.at(of_films, film, missing * v)
    np.add.at(of_users, user, missing * u)
    return of_films, of_users


def stacked(part: Ratings, settings: list[Hyperparameters]) -> Epoch:
    """Return the project's own epoch of all settings."""

    def epoch() -> np.ndarray:
        runs = [Run(str(place), 1, wanted.model_dump(), wanted) for place, wanted in enumerate(settings)]
        descent = Descent(runs, part, part)
        descent.epoch()
        return descent.weights(0)["films"]

    return epoch


def seconds(work: Callable[[], object]) -> float:
    """Return the processor time of a call."""
    before = time.process_time()
    work()
    return time.process_time() - before


def limit(part: Ratings, wanted: Hyperparameters) -> float:
    """Return the seconds of the operations on all numbers of an epoch."""
    u, v = torch.rand(2, wanted.batch_size, len(SETTINGS), wanted.rank)
    pull = torch.full((wanted.batch_size, len(SETTINGS), 1), 1e-9)

    def step() -> None:
        (u * v).sum(2)
        u.addcmul_(v, pull)
        v.addcmul_(u, pull)

    return min(seconds(step) for _ in range(50)) * len(part) / wanted.batch_size


def main() -> None:
    """Run all, compare, print."""
    epochs = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    torch.set_num_threads(1)
    name, part = load()
    print(f"descent, {name}, {len(part)} ratings, {len(SETTINGS)} settings, fastest of {epochs} epochs, one thread")
    worst = 0.0
    for rank, batch_size in itertools.product(RANKS, (250, 1000)):
        settings = [wanted.replace(rank=rank, batch_size=batch_size) for wanted in SETTINGS]
        ways = {pulls.__name__: plain(part, settings[0], pulls) for pulls in (ratings, batches)}
        ways["stacked"] = stacked(part, settings)
        found = {kind: way() for kind, way in ways.items()}
        times = {kind: min(seconds(way) for _ in range(epochs)) for kind, way in ways.items()}
        times |= {kind: times[kind] * len(settings) for kind in ("ratings", "batches")}
        times["limit"] = limit(part, settings[0])
        worst = max(worst, *(float(np.abs(found[kind] - found["stacked"]).max()) for kind in ("ratings", "batches")))
        shown = ", ".join(f"{kind} {value * 1e3:.3g} ms" for kind, value in times.items())
        ratios = [times[kind] / times["stacked"] for kind in ("ratings", "batches", "limit")]
        print(f"  rank {rank:2d}, batches of {batch_size:4d}: {shown};", end=" ")
        print(f"ratios {ratios[0]:.0f} to ratings, {ratios[1]:.1f} to batches; {ratios[2]:.0%} of the limit")
    close(worst, TOLERANCE)


if __name__ == "__main__":
    with threadpool_limits(1):
        main()
