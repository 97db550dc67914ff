"""Training: every run fits one algorithm; runs of gradient descent with equal shapes are fitted together."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from reprose import Arrays, Outcome, Run, Trainings
from scripts.problems.recommender.alternating import alternate, alternate_with_offsets
from scripts.problems.recommender.closed import film_means, truncated_svd
from scripts.problems.recommender.descent import Descent
from scripts.problems.recommender.gibbs import sample_table
from scripts.problems.recommender.predict import EVERY, errors, losses, summary
from scripts.problems.recommender.ratings import Ratings, to_ratings

STACK = 1024  # numbers in the stacked vectors of one film, at most: more of them no longer fit the cache


def train(runs: Sequence[Run], data: Mapping[str, Arrays], used: Mapping[str, Arrays], device: str) -> Trainings:
    """Yield the runs of every stack with what begins their training; a run's seed names its split of the data."""
    parts: dict[int, tuple[Ratings, Ratings]] = {}
    for stack in stacks(runs):
        seed = stack[0].seed
        if seed not in parts:
            parts = {seed: tuple(to_ratings(data[part], seed) for part in ("train", "validation"))}
        if stack[0].settings.algorithm == "sgd":
            yield stack, partial(Descent, stack, *parts[seed])
        else:
            yield stack[0], partial(fit, stack[0], *parts[seed])


def stacks(runs: Sequence[Run]) -> Iterator[list[Run]]:
    """Yield runs that are fitted together: of gradient descent, those that differ in real numbers only."""
    groups: dict[tuple[Any, ...], list[Run]] = {}
    for run in runs:
        wanted = run.settings
        alone = () if wanted.algorithm == "sgd" else (run.name,)
        groups.setdefault((run.seed, wanted.rank, wanted.batch_size, wanted.sweeps, *alone), []).append(run)
    for group in groups.values():
        most = max(1, STACK // group[0].settings.rank)
        yield from (group[first : first + most] for first in range(0, len(group), most))


def fit(run: Run, training: Ratings, validation: Ratings) -> Outcome:
    """Fit any algorithm but gradient descent; it takes seconds."""
    wanted, watch = run.settings, Watch(run, training, validation)
    match wanted.algorithm:
        case "means":
            weights = film_means(training, wanted.fill)
        case "svd":
            weights = truncated_svd(training, wanted.rank)
        case "als":
            weights = alternate(training, wanted, run.seed, watch.sweep)
        case "biased":
            weights = alternate_with_offsets(training, wanted, run.seed, watch.sweep)
        case "bayes":
            weights = sample_table(training, wanted, run.seed, watch.sample)
    history = {name: np.array(values) for name, values in watch.history.items()}
    last = {"loss": watch.history["loss"][-1]} if "loss" in history else {}
    metrics = summary(weights, training, validation) | last
    return Outcome({name: np.ascontiguousarray(array) for name, array in weights.items()}, metrics, history)


class Watch:
    """The history of a run that is fitted in one call."""

    def __init__(self, run: Run, training: Ratings, validation: Ratings) -> None:
        self.wanted, self.training, self.validation = run.settings, training, validation
        self.sweeps = 0
        self.history: dict[str, list[float]] = {}

    def sweep(self, weights: Arrays) -> None:
        """Note the errors and the loss after the last and every fifth sweep."""
        self.sweeps += 1
        if self.sweeps % EVERY == 0 or self.sweeps == self.wanted.sweeps:
            self._note(losses(weights, self.training, self.validation, self.wanted.regularization))

    def sample(self, weights: Arrays, table: np.ndarray) -> None:
        """Note the error of the sample, and of the mean of all samples that count so far."""
        self.sweeps += 1
        sample = float(errors(weights, self.validation).mean())
        counted = self.sweeps > self.wanted.burn_in
        mean = float(errors({"table": table}, self.validation).mean()) if counted else sample
        training = float(errors(weights, self.training).mean())
        self._note({"train_error": training, "sample_error": sample, "error": mean})

    def _note(self, metrics: Mapping[str, float]) -> None:
        for name, value in metrics.items():
            self.history.setdefault(name, []).append(value)
