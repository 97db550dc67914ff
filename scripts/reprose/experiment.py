"""What the engine hands to a problem and takes back: runs, outcomes and results."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, TypeVar

import numpy as np

from reprose.checkpoint import Checkpoint
from reprose.errors import ReproseError

Arrays = Mapping[str, np.ndarray]
Settings = TypeVar("Settings")


@dataclass(frozen=True)
class Run:
    """One training run: a trial (one setting of the hyperparameters) with one seed."""

    trial: str  # label of the trial: all keys of its grid, such as "learning_rate=0.01,rank=8"
    seed: int
    values: Mapping[str, Any]  # hyperparameters, in full

    @property
    def name(self) -> str:
        """Return the key of this run in histories, weights and metrics."""
        return f"{self.trial}/{self.seed}"


@dataclass(frozen=True)
class Outcome:
    """What training one run gives."""

    weights: Arrays
    history: Arrays  # metric -> (epochs,) float64, one value per epoch
    metrics: Mapping[str, float]  # final metrics on the validation part


@dataclass(frozen=True)
class Evaluation:
    """What evaluating one run on the test part gives."""

    metrics: Mapping[str, float]
    artifacts: Arrays = field(default_factory=dict)  # arrays that figures or tables need


@dataclass(frozen=True)
class Session:
    """The surroundings of a training job."""

    checkpoint: Checkpoint
    device: str
    record: Callable[[str, int, Mapping[str, float]], None]  # (run name, epoch, metrics) -> TensorBoard


@dataclass(frozen=True)
class VariantResults:
    """All that was measured for one variant of a problem."""

    trials: list[dict[str, Any]]  # rows of trials.json: label, values, metrics per seed, mean, chosen
    winner: str  # label of the chosen trial
    values: Mapping[str, Any]  # the winner's hyperparameters
    metrics: Mapping[int, Mapping[str, float]]  # seed -> final validation metrics of the winner
    histories: Mapping[str, Arrays]  # run name -> metric -> (epochs,), every trial and seed
    test: Mapping[int, Mapping[str, float]]  # seed -> test metrics; empty where the view has no test part
    artifacts: Mapping[int, Arrays]  # seed -> arrays from evaluation

    def history(self, metric: str) -> dict[int, np.ndarray]:
        """Return the winner's history of `metric` by seed, each of shape (epochs,)."""
        runs = ((name.rsplit("/", 1), arrays) for name, arrays in self.histories.items())
        return {int(seed): arrays[metric] for (trial, seed), arrays in runs if trial == self.winner}


@dataclass(frozen=True)
class Results:
    """All that was measured for one problem: what figures and numbers are made from."""

    problem: str
    tier: str
    variants: Mapping[str, VariantResults]

    def variant(self, name: str) -> VariantResults:
        """Return the results of one variant; a handout that prints it cannot do without."""
        if name not in self.variants:
            raise ReproseError(
                f"config.yaml: problems.{self.problem}.variants: '{name}' is missing, and the handout needs it."
                f" Found: {', '.join(sorted(self.variants))}."
            )
        return self.variants[name]


def settings(kind: type[Settings], values: Mapping[str, Any], where: str) -> Settings:
    """Return the dataclass `kind` filled from `values`; a missing, unknown or ill-typed key is an error at `where`."""
    known = {item.name: item.type for item in fields(kind)}
    for key in values:
        if key not in known:
            raise ReproseError(f"{where}: unknown hyperparameter '{key}'. Allowed: {', '.join(sorted(known))}.")
    for key, wanted in known.items():
        if key not in values:
            raise ReproseError(f"{where}: the hyperparameter '{key}' ({wanted.__name__}) is missing.")
        found = values[key]
        exact = type(found) is wanted or (wanted is float and type(found) is int)
        if not exact:
            raise ReproseError(f"{where}: '{key}' is {found!r} ({type(found).__name__}), expected {wanted.__name__}.")
    return kind(**{key: wanted(values[key]) for key, wanted in known.items()})


def check_finite(metrics: Mapping[str, float], where: str) -> None:
    """Raise `ReproseError` naming the first of `metrics` that is not a finite number."""
    for name, value in metrics.items():
        if not math.isfinite(value):
            raise ReproseError(
                f"{where}: the metric '{name}' is {value}, expected a finite number. Look at its history, and at the"
                " learning rate in config.yaml."
            )
