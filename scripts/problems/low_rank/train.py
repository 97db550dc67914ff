"""The approximation of one matrix for each run, at every rank."""

from collections.abc import Mapping, Sequence

import numpy as np

from problems.low_rank.hyperparameters import Hyperparameters
from problems.low_rank.measure import FAULTS, error, faults, projection_values
from problems.low_rank.subspaces import basis, best_approximation
from reprose.errors import ReproseError
from reprose.experiment import Arrays, Outcome, Run, Session, settings


def train(
    runs: Sequence[Run], data: Mapping[str, Arrays], used: Mapping[str, Arrays], session: Session
) -> dict[str, Outcome]:
    """Return the outcome of each run; a run takes well under a second, so none is worth a checkpoint."""
    return {run.name: _outcome(run, data["train"]) for run in runs}


def _outcome(run: Run, data: Arrays) -> Outcome:
    """Return errors at all ranks (entry k - 1 of a history is rank k), and the largest faults over the ranks."""
    wanted = settings(Hyperparameters, run.values, f"config.yaml: problems.low_rank: run {run.name}")
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
    return Outcome({}, history, {name: float(value) for name, value in metrics.items()})


def _matrix(data: Arrays, run: Run) -> tuple[np.ndarray, np.ndarray]:
    (places,) = np.nonzero(data["seeds"] == run.seed)
    if not len(places):
        found = f"{data['seeds'].min()} to {data['seeds'].max()}"
        raise ReproseError(f"config.yaml: problems.low_rank: seed {run.seed} names no matrix. Allowed: {found}.")
    return data["matrices"][places[0]], data["singular_values"][places[0]]
