"""How long a sweep of alternating least squares takes, beside loops that solve one film or user at a time.

Run as `PYTHONPATH=. python tests/bench/recommender.py [sweeps]`. Data: the published ratings where REPROSE_MIRROR
names a folder that holds them, else made-up ones of the same size. All run on one thread, side by side: a sweep of
each in turn, in seconds of that thread, and of each the fastest counts. The vectors must agree to eight decimals, or
the exit status is 1.

Two loops are measured. `scan` finds the ratings of a row by comparing all ids, as such loops are usually written;
`slices` sorts the ratings once and takes slices, which is the best that a loop over rows can do.

The arithmetic limit is the time of the operations that cannot be avoided (products X'X and X'y, Cholesky factors and
solutions with them) at the rate of one large matrix product, measured here. No double precision code
on this thread can be faster. The library's limit is the time of the same operations by NumPy and torch, for one piece
after the other on arrays that are in the cache: what is left of a sweep without gathering, copying and Python.
"""

import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from resource import RUSAGE_SELF, getrusage

import numpy as np
import torch
from threadpoolctl import threadpool_limits

from scripts.datasets import ml_100k
from scripts.problems.recommender.alternating import solve
from scripts.problems.recommender.ratings import Ratings, to_ratings

RANKS = (2, 5, 10, 20, 50)
PENALTY = 4.0
TOLERANCE = 1e-8
Side = Callable[[np.ndarray], np.ndarray]  # vectors of the one side -> of the other


def scan(rows: np.ndarray, others: np.ndarray, stars: np.ndarray, count: int) -> Side:
    """Return a solver that looks through all ratings for every row."""

    def side(factors: np.ndarray) -> np.ndarray:
        found = np.zeros((count, factors.shape[1]))
        for row in range(count):
            mine = rows == row
            found[row] = ridge(factors[others[mine]], stars[mine])
        return found

    return side


def slices(rows: np.ndarray, others: np.ndarray, stars: np.ndarray, count: int) -> Side:
    """Return a solver that has sorted the ratings by row."""
    order = np.argsort(rows, kind="stable")
    ends = np.cumsum(np.bincount(rows, minlength=count))
    sorted_others, sorted_stars = others[order], stars[order]

    def side(factors: np.ndarray) -> np.ndarray:
        found = np.zeros((count, factors.shape[1]))
        start = 0
        for row, end in enumerate(ends):
            found[row] = ridge(factors[sorted_others[start:end]], sorted_stars[start:end])
            start = end
        return found

    return side


def ridge(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the ridge solution of one row."""
    return np.linalg.solve(x.T @ x + PENALTY * np.eye(x.shape[1]), x.T @ y)


def batched(part: Ratings) -> tuple[Side, Side]:
    """Return the project's own solvers of films and of users."""
    stars = torch.from_numpy(part.stars)

    def films(factors: np.ndarray) -> np.ndarray:
        return solve(part.by_film, torch.from_numpy(factors), stars, penalties(part.film_count)).numpy()

    def users(factors: np.ndarray) -> np.ndarray:
        return solve(part.by_user, torch.from_numpy(factors), stars, penalties(part.user_count)).numpy()

    return films, users


def penalties(count: int) -> torch.Tensor:
    """Return the same penalty for every row."""
    return torch.full((count,), PENALTY, dtype=torch.float64)


def solvers(part: Ratings) -> dict[str, tuple[Side, Side]]:
    """Return the solvers of films and users of every implementation."""
    films, users = (
        (part.films, part.users, part.stars, part.film_count),
        (
            part.users,
            part.films,
            part.stars,
            part.user_count,
        ),
    )
    loops = {loop.__name__: (loop(*films), loop(*users)) for loop in (scan, slices)}
    return {**loops, "batched": batched(part)}


def measure(part: Ratings, rank: int, sweeps: int) -> tuple[dict[str, float], float]:
    """Return the seconds of the fastest sweep of each implementation, and the largest difference between them."""
    start = np.random.RandomState(1).rand(part.user_count, rank)
    seconds: dict[str, list[float]] = {}
    found: dict[str, np.ndarray] = {}
    for _ in range(sweeps):
        for name, (films, users) in solvers(part).items():
            films(start[:, :1])  # makes the lists, which a run makes once
            users(np.ones((part.film_count, 1)))
            before = time.process_time()
            found[name] = users(films(start))
            seconds.setdefault(name, []).append(time.process_time() - before)
    difference = max(float(np.abs(found[name] - found["batched"]).max()) for name in ("scan", "slices"))
    return {name: min(values) for name, values in seconds.items()}, difference


def operations(counts: np.ndarray, rank: int) -> float:
    """Return the operations that one side takes, each row of `counts` ratings by the smaller of its two systems."""
    size = np.minimum(counts, rank)
    products = counts * rank * (size + 1) + 2 * counts * rank  # one triangle of the matrix, and the right-hand side
    return float(np.sum(products + size**3 / 3 + 2 * size**2))


def library(part: Ratings, rank: int) -> float:
    """Return the seconds that the libraries take for the matrix operations of a sweep."""
    stream, seconds = np.random.RandomState(1), 0.0
    for piece in (piece for side in (part.by_film, part.by_user) for piece in side.pieces(rank)):
        x = stream.rand(*piece.others.shape, rank)
        if x.shape[1] < rank:
            x = x.transpose(0, 2, 1)
        xt, ridge_of_all = x.transpose(0, 2, 1), PENALTY * np.eye(x.shape[2])
        before = time.process_time()
        gram = xt @ x
        seconds += time.process_time() - before
        gram += ridge_of_all
        right = torch.ones(*gram.shape[:2], 1, dtype=torch.float64)
        before = time.process_time()
        root = torch.from_numpy(np.linalg.cholesky(gram))
        torch.linalg.solve_triangular(root, right, upper=False)
        torch.linalg.solve_triangular(root.mT, right, upper=True)
        seconds += time.process_time() - before
    return seconds


def product_rate(size: int = 1000) -> float:
    """Return the operations per second of the product of two large matrices."""
    one, other = np.random.RandomState(1).rand(2, size, size)
    seconds = []
    for _ in range(10):
        before = time.process_time()
        one @ other
        seconds.append(time.process_time() - before)
    return 2 * size**3 / min(seconds)


def load() -> tuple[str, Ratings]:
    """Return what the data are, and the training part of the document's split."""
    mirror = Path(os.environ.get("REPROSE_MIRROR", ""), "ml_100k")
    if "REPROSE_MIRROR" in os.environ and mirror.is_dir():
        table, name = ml_100k.read(mirror), "MovieLens 100K"
    else:
        with tempfile.TemporaryDirectory() as folder:
            ml_100k.make_sample(Path(folder), 1, users=943, items=1682, ratings=100_000)
            table, name = ml_100k.read(Path(folder)), "made-up ratings"
    return name, to_ratings(ml_100k.homework_split(table, seed=1, held_out=0.2)["train"], 1)


def show(what: str, seconds: dict[str, float]) -> None:
    """Print times, ratios to the loops, and how near the arithmetic limit the batched solver is."""
    times = ", ".join(f"{kind} {value * 1e3:.3g} ms" for kind, value in seconds.items())
    scanned, sliced, most = (
        seconds[loop] / seconds[kind] for loop, kind in (("scan", "batched"), ("slices", "batched"), ("scan", "limit"))
    )
    print(f"  {what}: {times}")
    print(f"    ratios {scanned:.1f} to scan and {sliced:.1f} to slices;", end=" ")
    print(f"{scanned / most:.0%} of the arithmetic limit, where the ratio to scan is {most:.0f},", end=" ")
    print(f"and {seconds['library'] / seconds['batched']:.0%} of the library's, where it is", end=" ")
    print(f"{seconds['scan'] / seconds['library']:.1f}")


def close(worst: float, tolerance: float) -> None:
    """Print the largest difference and the memory; end with an error where the implementations disagree."""
    print(f"  largest difference {worst:.1e}, most memory {getrusage(RUSAGE_SELF).ru_maxrss / 2**10:.0f} MB")
    if not worst < tolerance:
        sys.exit(f"the implementations disagree: {worst:.1e}, allowed {tolerance:.0e}")


def main() -> None:
    """Run all, compare, print."""
    sweeps = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    torch.set_num_threads(1)
    name, part = load()
    print(f"recommender, {name}, {len(part)} ratings, fastest of {sweeps} sweeps, one thread, {platform.machine()}")
    worst, total = 0.0, dict.fromkeys(("scan", "slices", "batched", "limit", "library"), 0.0)
    rate = product_rate()
    for rank in RANKS:
        seconds, difference = measure(part, rank, sweeps)
        worst = max(worst, difference)
        seconds["limit"] = sum(operations(side.counts, rank) for side in (part.by_film, part.by_user)) / rate
        seconds["library"] = min(library(part, rank) for _ in range(sweeps))
        show(f"rank {rank:2d}", seconds)
        total = {kind: total[kind] + seconds[kind] for kind in total}
    show("all ranks", total)
    close(worst, TOLERANCE)


if __name__ == "__main__":
    with threadpool_limits(1):
        main()
