"""What the engine hands to a problem and takes back: runs, outcomes and results."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from reprose.base.canonical import is_finite
from reprose.base.errors import ReproseError
from reprose.base.faults import kind, named
from reprose.config.runs import Run
from reprose.training.checkpoint import Checkpoint, kept, restored
from reprose.training.generators import Generators
from reprose.training.tensors import as_array, as_arrays

Arrays = Mapping[str, np.ndarray]
Metrics = Mapping[str, float]


@dataclass(frozen=True)
class Outcome:
    """What training one run gives."""

    weights: Any  # arrays by name, also tensors and lists; an estimator of scikit-learn, or such by name
    metrics: Mapping[str, float] = field(default_factory=dict)  # on the validation part; without, `measure` finds them
    history: Arrays = field(default_factory=dict)  # metric -> (entries,) float64; of a Trainee the loop keeps it


class Trainee(ABC):
    """What trains one run, or several as one model (a stack): all that changes from epoch to epoch.

    `epoch` and `outcome` return what they say for the one run; of a stack, a mapping from the name of each run to it.
    """

    keeps: Sequence[str] = ()  # names of the attributes that an epoch changes, for a training that was cut off
    epochs: int | None = None  # at most, where that is known
    done: int = 0  # epochs that are done; the loop counts them

    @property
    def over(self) -> bool:
        """Return whether no epoch is left."""
        return self.done == self.epochs

    @abstractmethod
    def epoch(self) -> Metrics | Mapping[str, Metrics]:
        """Train for one epoch and return its metrics, which become an entry of the history."""

    @abstractmethod
    def outcome(self) -> Outcome | Mapping[str, Outcome]:
        """Return what the training gave."""

    def state(self) -> dict[str, Any]:
        """Return what the next epoch starts from: tensors, numbers, strings and containers of them."""
        return {name: kept(getattr(self, name)) for name in self.keeps}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from what `state` returned."""
        for name, value in state.items():
            setattr(self, name, restored(getattr(self, name), value))


# What a problem's `train` yields: a run, or the runs of a stack, and what begins their training when it is called.
# A fit that is done in one call gives the outcome at once.
Begin = Callable[[], Trainee | Outcome | Mapping[str, Outcome]]
Trainings = Iterator[tuple[Run | Sequence[Run], Begin]]


def kept_outcome(run: Run, outcome: Outcome) -> Outcome:
    """Return an outcome as it is kept: arrays of NumPy."""
    weights, history = (as_arrays(f"run {run.name}", value) for value in (outcome.weights, outcome.history))
    return replace(outcome, weights=weights, history=history)


@dataclass(frozen=True)
class Session:
    """The surroundings of a training job."""

    checkpoint: Checkpoint
    record: Callable[[str, int, Metrics], None] = lambda run, epoch, metrics: None  # TensorBoard
    progress: Callable[[str, int, int | None], None] = lambda run, epoch, epochs: None  # told to the person who waits
    keep: Callable[[Run, Outcome], Outcome] = kept_outcome  # what becomes of an outcome
    may_diverge: bool = False  # whether a run that diverges is recorded, as it is one of several trials, or an error
    random: Generators = field(default_factory=Generators)
    check: Callable[[str, Outcome], None] = lambda run, outcome: None  # raises where later steps want more of it


@dataclass(frozen=True)
class Evaluation:
    """What evaluating one run on the test part gives."""

    metrics: Mapping[str, float]
    artifacts: Arrays = field(default_factory=dict)  # arrays that figures or tables need
    items: Arrays = field(default_factory=dict)  # metric -> (items,), what it is the mean of over the test part


# What a problem's `measure(run, weights, part)` returns: metric -> value, or (items,) whose mean it is.
Measure = Callable[[Run, Any, Arrays], Mapping[str, Any]]


def measured_on(measure: Measure, run: Run, weights: Any, part: Arrays) -> Evaluation:
    """Return what `measure` finds on one part of a view."""
    found = measure(run, weights, part)
    if not isinstance(found, Mapping):
        raise ReproseError(
            f'{named(measure)} returns {kind(found)}. Allowed: metrics by name, such as {{"error": 0.1}}.'
        )
    values = {name: as_array(f"{named(measure)}: the metric '{name}'", value) for name, value in found.items()}
    for name, value in values.items():
        if value.dtype.kind not in "biuf" or not value.size:
            raise ReproseError(
                f"{named(measure)}: the metric '{name}' is {value!r}. Allowed: a number, or one for each item."
            )
    items = {name: value for name, value in values.items() if value.ndim}
    return Evaluation({name: float(value.mean(dtype=np.float64)) for name, value in values.items()}, items=items)


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


class Parts(dict[str, Arrays]):
    """The parts of a view that figures and numbers may be made from: "train" and "validation"."""

    def __missing__(self, part: str) -> Arrays:
        """Say which parts there are."""
        raise ReproseError(
            f"a view has no part '{part}' here. There are: {', '.join(self)}. The test part is read by `evaluate`"
            " alone; to look at all rows, take a view without one."
        )


@dataclass(frozen=True)
class Results:
    """All that was measured for one problem: what figures and numbers are made from."""

    problem: str
    tier: str
    variants: Mapping[str, VariantResults]
    views: Mapping[str, Parts] = field(default_factory=dict)  # those that config.yaml names for figures and numbers
    others: Mapping[str, "Results"] = field(default_factory=dict)  # of the problems that config.yaml names under `uses`

    def of(self, problem: str) -> "Results":
        """Return the results of another problem."""
        if problem not in self.others:
            raise ReproseError(
                f"config.yaml: problems.{self.problem}.uses.results: '{problem}' is missing, and the code needs it."
                f" Found: {', '.join(self.others) or 'none'}."
            )
        return self.others[problem]

    def variant(self, name: str) -> VariantResults:
        """Return the results of one variant; a handout that prints it cannot do without."""
        if name not in self.variants:
            raise ReproseError(
                f"config.yaml: problems.{self.problem}.variants: '{name}' is missing, and the handout needs it."
                f" Found: {', '.join(sorted(self.variants))}."
            )
        return self.variants[name]


DIVERGED = "diverged"  # the only metric of a run that diverged: after how many epochs


def is_sound(metrics: Metrics) -> bool:
    """Return whether all of `metrics` are finite numbers."""
    return all(is_finite(value) for value in metrics.values())


def check_finite(metrics: Metrics, where: str, values: Mapping[str, Any]) -> None:
    """Raise `ReproseError` naming the first of `metrics` that is not a finite number, and the settings `values`."""
    for name, found in metrics.items():
        if not is_finite(found):
            settings = ", ".join(f"{key} {value}" for key, value in values.items())
            raise ReproseError(
                f"{where}: the metric '{name}' is {found}, expected a finite number. The settings in config.yaml are:"
                f" {settings}. Most often the learning rate is too high."
            )
