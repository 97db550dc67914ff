"""The approximation of one matrix for each run, at every rank."""

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np

from reprose import Arrays, Outcome, ReproseError, Run, Trainings
from scripts.problems.low_rank.hyperparameters import Hyperparameters
from scripts.problems.low_rank.measure import FAULTS, error, faults, projection_values
from scripts.problems.low_rank.subspaces import basis, best_approximation


def train(runs: Sequence[Run], data: Mapping[str, Arrays], used: Mapping[str, Arrays], device: str) -> Trainings:
    """Yield every run with what approximates its matrix."""
    for run in runs:
        yield run, partial(fit, run, data["train"])


def fit(run: Run, data: Arrays) -> Outcome:
    """Return errors at all ranks (entry k - 1 of a history is rank k), and the largest faults over the ranks."""
    wanted: Hyperparameters = run.settings
    matrix, singular_values = _matrix(data, run)
    squares = singular_values**2
    ranks = range(1, len(squares) + 1)
    bases = [basis(matrix, rank, wanted, run.seed) for rank in ranks]
    found = [faults(each, matrix) for each in bases]
    history = {
        "error": np.array([error(each, matrix) for each in bases]),
        "bound": np.array([squares[rank:].sum() for rank in ranks]) / squares.sum(),
        "values": np.stack([projection_values(each) for each in bases]).ravel(),  # rank after rank
    }
    excess = history["error"] - history["bound"]
    metrics = {name: max(each[name] for each in found) for name in FAULTS}
    metrics |= {"excess": excess.mean(), "least_excess": excess.min(), "largest_excess": excess.max()}
    if wanted.method == "svd":
        products = [
            best_approximation(matrix, rank) - each @ (each.T @ matrix) for rank, each in zip(ranks, bases, strict=True)
        ]
        metrics["factored"] = max(float(np.abs(product).max()) for product in products)
    return Outcome({}, {name: float(value) for name, value in metrics.items()}, history)


def _matrix(data: Arrays, run: Run) -> tuple[np.ndarray, np.ndarray]:
    (places,) = np.nonzero(data["seeds"] == run.seed)
    if not len(places):
        found = f"{data['seeds'].min()} to {data['seeds'].max()}"
        raise ReproseError(f"config.yaml: problems.low_rank: seed {run.seed} names no matrix. Allowed: {found}.")
    return data["matrices"][places[0]], data["singular_values"][places[0]]
