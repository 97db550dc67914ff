"""How long an epoch of the multitask problem takes, beside a straightforward implementation of the same protocol.

Run as `PYTHONPATH=. python tests/bench/multitask.py [epochs]`. Data: the published ratings where REPROSE_MIRROR
names a folder that holds them, else made-up ones of the same size. Both run on one thread, each in a process of its
own; their losses and metrics must agree to six decimals, or the exit status is 1. Training alone is then timed side by
side, in one batch and in batches of 1,024, beside an epoch of nothing but the products of matrices that it needs.
"""

import os
import platform
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy.stats import rankdata
from torch import Tensor, nn

from reprose.training import loop
from reprose.training.checkpoint import Checkpoint
from reprose.training.contract import Arrays, Run, Session
from scripts.datasets import ml_100k
from scripts.problems.multitask.hyperparameters import Hyperparameters
from scripts.problems.multitask.model import CHUNK
from scripts.problems.multitask.ratings import to_ratings
from scripts.problems.multitask.train import Fit, train

SEED = 123
ROUNDS = 12
BATCHES = (0, 1024)  # 0: all ratings
PARTS = ("train", "validation")
METRICS = ("factorization_loss", "joint_loss", "regression_error", "eval_error", "eval_mrr")
TOLERANCE = 1e-6  # of a metric's difference, relative to the metric where that is more than 1
VALUES = {
    "shared": False,
    "factorization_weight": 0.5,
    "regression_weight": 0.5,
    "rank": 32,
    "hidden": 64,
    "learning_rate": 0.001,
    "weight_decay": 0.0,
    "batch_size": 0,
    "patience": 0,
}
Report = tuple[list[list[float]], list[float], float]  # metrics and seconds of each epoch, peak memory in MiB


class Plain(nn.Module):
    """The model as the assignment words it: one embedding layer per table, one row gathered per rating."""

    def __init__(self, users: int, items: int) -> None:
        super().__init__()
        rank = VALUES["rank"]
        tables = [(users, rank), (items, rank), (users, rank), (items, rank)]
        drawn = [torch.empty(shape).normal_(0, 1 / rank) for shape in tables]
        tables = [*drawn, torch.zeros(users, 1), torch.zeros(items, 1)]
        embeddings = [nn.Embedding.from_pretrained(table, freeze=False) for table in tables]
        self.user, self.item, self.ranking_user, self.ranking_item, self.user_bias, self.item_bias = embeddings
        self.network = nn.Sequential(nn.Linear(3 * rank, VALUES["hidden"]), nn.ReLU(), nn.Linear(VALUES["hidden"], 1))

    def score(self, users: Tensor, items: Tensor) -> Tensor:
        """Return the ranking scores of pairs."""
        product = (self.ranking_user(users) * self.ranking_item(items)).sum(1)
        return product + self.user_bias(users).squeeze() + self.item_bias(items).squeeze()

    def rate(self, users: Tensor, items: Tensor) -> Tensor:
        """Return the predicted ratings of pairs."""
        user, item = self.user(users), self.item(items)
        return self.network(torch.cat([user, item, user * item], 1)).squeeze()


def plain(data: dict[str, Arrays], epochs: int) -> Iterator[list[float]]:
    """Yield the metrics of each epoch, by the straightforward implementation."""
    training, held_out = data["train"], data["validation"]
    model, train_epoch = plain_training(training)
    for _ in range(epochs):
        losses = train_epoch()
        yield losses + plain_evaluation(model, training, held_out)


def plain_training(training: Arrays, batch: int = 0) -> tuple[Plain, Callable[[], list[float]]]:
    """Return a model, and what trains it for an epoch and returns its mean losses; a batch of 0 is all ratings."""
    torch.manual_seed(SEED)
    stream = np.random.RandomState(SEED)
    model = Plain(int(training["user_rows"]), int(training["item_rows"]))
    optimizer = torch.optim.Adam(model.parameters(), lr=VALUES["learning_rate"])

    def train_epoch() -> list[float]:
        order = np.arange(len(training["users"]))
        stream.shuffle(order)
        drawn = torch.from_numpy(stream.randint(0, int(training["item_rows"]), len(order)))
        shuffled = (torch.from_numpy(training[name][order]) for name in ("users", "items", "ratings"))
        size = batch or len(order)
        losses = np.zeros(3)
        for users, items, stars, negatives in zip(*(part.split(size) for part in (*shuffled, drawn)), strict=True):
            margins = model.score(users, items) - model.score(users, negatives)
            factorization = (1 - torch.sigmoid(margins)).mean()
            regression = ((model.rate(users, items) - stars.float()) ** 2).mean()
            joint = VALUES["factorization_weight"] * factorization + VALUES["regression_weight"] * regression
            optimizer.zero_grad()
            joint.backward()
            optimizer.step()
            losses += [len(users) * loss.item() for loss in (factorization, joint, regression)]
        return list(losses / len(order))

    return model, train_epoch


@torch.no_grad()
def plain_evaluation(model: Plain, training: Arrays, held_out: Arrays) -> list[float]:
    """Return mean squared error and mean reciprocal rank, the latter user by user."""
    users, items, stars = (torch.from_numpy(held_out[name]) for name in ("users", "items", "ratings"))
    error = ((model.rate(users, items) - stars) ** 2).mean().item()
    every = torch.arange(int(training["item_rows"]))
    seen, wanted = by_user(training), by_user(held_out)
    means = []
    for user in wanted:
        scores = model.score(torch.full_like(every, user), every).numpy()
        scores[seen.get(user, [])] = -np.inf
        ranks = rankdata(-scores)
        means.append((1 / ranks[wanted[user]]).mean())
    return [error, float(np.mean(means))]


def by_user(part: Arrays) -> dict[int, np.ndarray]:
    """Return the films that each user rated."""
    order = np.argsort(part["users"], kind="stable")
    users, starts = np.unique(part["users"][order], return_index=True)
    return dict(zip(users.tolist(), np.split(part["items"][order], starts[1:]), strict=True))


def run_plain(data: dict[str, Arrays], epochs: int) -> Report:
    """Time the straightforward implementation."""
    torch.set_num_threads(1)
    marks = [time.thread_time()]
    metrics = []
    for row in plain(data, epochs):
        metrics.append(row)
        marks.append(time.thread_time())
    return metrics, list(np.diff(marks)), peak()


def run_ours(data: dict[str, Arrays], epochs: int) -> Report:
    """Time the project's own training step, checkpoints included."""
    torch.set_num_threads(1)
    wanted = Hyperparameters(**VALUES, epochs=epochs)
    run = Run("single", SEED, dict(wanted), wanted)
    marks, metrics = [time.thread_time()], []

    def record(name: str, epoch: int, found: dict[str, float]) -> None:
        metrics.append([found[metric] for metric in METRICS])
        marks.append(time.thread_time())

    with tempfile.TemporaryDirectory() as folder:
        loop.train(train([run], data, {}, "cpu"), Session(Checkpoint(Path(folder), torch=lambda needed: torch), record))
    return metrics, list(np.diff(marks)), peak()


def run_training(data: dict[str, Arrays], batch: int) -> dict[str, float]:
    """Return the seconds of the fastest epoch of training alone, and of its products of matrices."""
    torch.set_num_threads(1)
    wanted = Hyperparameters(**VALUES | {"batch_size": batch}, epochs=1)
    fit = Fit(Run("single", SEED, dict(wanted), wanted), *(to_ratings(data[part], "cpu") for part in PARTS))
    _, train_epoch = plain_training(data["train"], batch)
    ways = {"plain": train_epoch, "ours": fit._descend, "products": products(fit)}
    best = dict.fromkeys(ways, float("inf"))
    for _ in range(ROUNDS):
        for name, way in ways.items():
            start = time.thread_time()
            way()
            best[name] = min(best[name], time.thread_time() - start)
    return best


def products(fit: Fit) -> Callable[[], None]:
    """Return what multiplies the matrices that an epoch multiplies, forward and for both slopes."""
    rank, hidden, ratings = VALUES["rank"], VALUES["hidden"], fit.training
    if batch := fit.wanted.batch_size:  # every pair by itself
        shapes = {(batch, 3 * rank, hidden): len(ratings) // batch}
    else:  # the products of embeddings of a pair, in parts that fit the cache; and the scores of all pairs
        shapes = {(CHUNK, rank, hidden): len(ratings) // CHUNK, (ratings.user_rows, rank, ratings.item_rows): 1}
    factors = [(torch.rand(a, b), torch.rand(b, c), torch.rand(a, c), times) for (a, b, c), times in shapes.items()]

    def multiply() -> None:
        for left, right, slopes, times in factors:
            for _ in range(times):
                torch.mm(left, right), torch.mm(left.T, slopes), torch.mm(slopes, right.T)

    return multiply


def peak() -> float:
    """Return the largest memory that this process has held, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def load() -> tuple[str, dict[str, Arrays]]:
    """Return what the data are, and their parts."""
    mirror = Path(os.environ.get("REPROSE_MIRROR", ""), "ml_100k")
    if "REPROSE_MIRROR" in os.environ and mirror.is_dir():
        return "MovieLens 100K", ml_100k.course_split(ml_100k.read(mirror), seed=SEED, held_out=0.05)
    with tempfile.TemporaryDirectory() as folder:
        ml_100k.make_sample(Path(folder), SEED, users=943, items=1682, ratings=100_000)
        return "made-up ratings", ml_100k.course_split(ml_100k.read(Path(folder)), seed=SEED, held_out=0.05)


def alone(function: Callable[..., Any], *arguments: object) -> Any:
    """Call `function` in a process of its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(function, *arguments).result()


def main() -> None:
    """Run both, compare, print."""
    epochs = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    name, data = load()
    rows = {kind: alone(run, data, epochs) for kind, run in (("plain", run_plain), ("ours", run_ours))}
    seconds = {kind: min(report[1]) for kind, report in rows.items()}  # the fastest epoch: other jobs only add to it
    count = len(data["train"]["users"])
    print(f"multitask, {name}, {count} ratings, {epochs} epochs, one thread, {platform.machine()}")
    for kind, (_, _, memory) in rows.items():
        print(f"  {kind:5s} {seconds[kind] * 1e3:7.1f} ms per epoch (training and evaluation), peak {memory:.0f} MiB")
    print(f"  ratio {seconds['plain'] / seconds['ours']:.1f}")
    for batch in BATCHES:
        fastest = alone(run_training, data, batch)
        plain_ms, ours_ms, least = (fastest[kind] * 1e3 for kind in ("plain", "ours", "products"))
        print(f"  training alone, batches of {batch or count}: plain {plain_ms:.1f} ms, ours {ours_ms:.1f}", end=", ")
        print(f"ratio {plain_ms / ours_ms:.1f}; products alone {least:.1f}, ratio {plain_ms / least:.1f}")
    ours, reference = (np.array(rows[kind][0]) for kind in ("ours", "plain"))
    difference = np.max(np.abs(ours - reference) / np.maximum(reference, 1))
    print(f"  largest difference of losses and metrics {difference:.1e}")
    if not difference < TOLERANCE:
        sys.exit(f"the two implementations disagree: {difference:.1e}, allowed {TOLERANCE:.0e}")


if __name__ == "__main__":
    main()
