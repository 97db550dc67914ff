"""Training: every run fits one algorithm; runs of gradient descent with equal shapes are fitted together."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch

from problems.recommender.alternating import alternate, alternate_with_offsets
from problems.recommender.closed import film_means, truncated_svd
from problems.recommender.descent import descend
from problems.recommender.gibbs import sample_table
from problems.recommender.hyperparameters import Hyperparameters
from problems.recommender.predict import errors, measure
from problems.recommender.ratings import Ratings, to_ratings
from reprose.errors import ReproseError
from reprose.experiment import Arrays, Outcome, Run, Session, settings

EVERY = 5  # sweeps between two measurements, which cost about as much as a sweep
STACK = 1024  # numbers in the stacked vectors of one film, at most: more of them no longer fit the cache


def train(
    runs: Sequence[Run], data: Mapping[str, Arrays], used: Mapping[str, Arrays], session: Session
) -> dict[str, Outcome]:
    """Return the outcome of each run; a job that was cut off goes on with the first stack that was not saved.

    Only gradient descent goes on within a stack: a run of another algorithm takes seconds.
    """
    state: dict[str, Any] = session.checkpoint.load() or {"finished": {}, "running": None}
    finished = state["finished"]
    parts: dict[int, tuple[Ratings, Ratings]] = {}
    for stack in stacks(runs):
        if stack[0].name in finished:
            continue
        seed = stack[0].seed
        if seed not in parts:
            parts = {seed: tuple(to_ratings(data[part], seed) for part in ("train", "validation"))}
        for run, outcome in zip(stack, Fit(stack, *parts[seed], session, state).outcomes(), strict=True):
            finished[run.name] = outcome
        state["running"] = None
        if session.checkpoint.due():
            session.checkpoint.save(state)
    return {run.name: to_outcome(finished[run.name]) for run in runs}


def stacks(runs: Sequence[Run]) -> Iterator[list[Run]]:
    """Yield runs that are fitted together: of gradient descent, those that differ in real numbers only."""
    groups: dict[tuple[Any, ...], list[Run]] = {}
    for run in runs:
        shape = [run.seed, *(run.values.get(name) for name in ("rank", "batch_size", "sweeps"))]
        alone = () if run.values.get("algorithm") == "sgd" else (run.name,)
        groups.setdefault((*shape, *alone), []).append(run)
    for group in groups.values():
        most = max(1, STACK // max(1, group[0].values.get("rank", 1)))
        yield from (group[first : first + most] for first in range(0, len(group), most))


class Fit:
    """The fit of one stack of runs, with the history of each."""

    def __init__(
        self, stack: Sequence[Run], training: Ratings, validation: Ratings, session: Session, state: dict[str, Any]
    ) -> None:
        self.stack = stack
        self.state = state  # of the job, as its checkpoint holds it
        self.training = training
        self.validation = validation
        self.session = session
        self.wanted = [
            settings(Hyperparameters, run.values, f"config.yaml: problems.recommender: run {run.name}") for run in stack
        ]
        running = state["running"] or {"histories": [{} for _ in stack], "sweeps": [0] * len(stack), "descent": None}
        self.histories: list[dict[str, list[float]]] = running["histories"]
        self.sweeps: list[int] = running["sweeps"]
        self.descent = running["descent"]

    def outcomes(self) -> list[dict[str, Any]]:
        """Return weights, history and metrics of every run, as a checkpoint can hold them."""
        made = []
        for place, (run, weights) in enumerate(zip(self.stack, self._fitted(), strict=True)):
            history = self.histories[place]
            metrics = measure(weights, self.validation, self.training)
            metrics["train_error"] = float(errors(weights, self.training).mean())
            metrics |= {name: values[-1] for name, values in history.items() if name == "loss"}
            self._require_finite(metrics, run, self.sweeps[place])
            made.append({"weights": to_tensors(weights), "history": history, "metrics": metrics | self._counts()})
        return made

    def _fitted(self) -> list[Arrays]:
        wanted, seed = self.wanted[0], self.stack[0].seed
        match wanted.algorithm:
            case "means":
                return [film_means(self.training, wanted.fill)]
            case "svd":
                return [truncated_svd(self.training, wanted.rank)]
            case "als":
                return [alternate(self.training, wanted, seed, self._watch_first)]
            case "biased":
                return [alternate_with_offsets(self.training, wanted, seed, self._watch_first)]
            case "bayes":
                return [sample_table(self.training, wanted, seed, self._watch_sample)]
        return descend(self.training, self.wanted, seed, self._watch, self._keep, self.descent)

    def _keep(self, descent: dict[str, Any]) -> None:
        """Save a descent after a measured epoch, so that an epoch that is due is recorded first."""
        if self.sweeps[0] % EVERY == 0 and self.session.checkpoint.due():
            self.state["running"] = {"histories": self.histories, "sweeps": self.sweeps, "descent": descent}
            self.session.checkpoint.save(self.state)

    def _watch_first(self, weights: Arrays) -> None:
        self._watch(0, weights)

    def _watch(self, place: int, weights: Arrays) -> None:
        """Note the errors, and the loss (4), after the last and every fifth sweep or epoch; refuse infinite vectors."""
        self.sweeps[place] += 1
        total = float(np.sum(weights["films"]) + np.sum(weights["users"]))  # costs less than a hundredth of a sweep
        self._require_finite({"a vector": total}, self.stack[place], self.sweeps[place])
        if self.sweeps[place] % EVERY and self.sweeps[place] < self.wanted[place].sweeps:
            return
        squares = errors(weights, self.training)
        sizes = float(np.sum(weights["films"] ** 2) + np.sum(weights["users"] ** 2))
        metrics = {
            "train_error": float(squares.mean()),
            "error": float(errors(weights, self.validation).mean()),
            "loss": float(squares.sum()) + self.wanted[place].regularization * sizes,
        }
        self._note(place, metrics)

    def _watch_sample(self, weights: Arrays, table: np.ndarray) -> None:
        """Note the error of the sample, and of the mean of all samples that count so far."""
        self.sweeps[0] += 1
        sample = float(errors(weights, self.validation).mean())
        counted = self.sweeps[0] > self.wanted[0].burn_in
        mean = float(errors({"table": table}, self.validation).mean()) if counted else sample
        training = float(errors(weights, self.training).mean())
        self._note(0, {"train_error": training, "sample_error": sample, "error": mean})

    def _note(self, place: int, metrics: Mapping[str, float]) -> None:
        run, history = self.stack[place], self.histories[place]
        for name, value in metrics.items():
            history.setdefault(name, []).append(value)
        self._require_finite(metrics, run, self.sweeps[place])
        if self.session.checkpoint.due():  # short runs end before anybody could watch them
            self.session.record(run.name, self.sweeps[place], metrics)

    def _require_finite(self, metrics: Mapping[str, float], run: Run, sweeps: int) -> None:
        for name, value in metrics.items():
            if not math.isfinite(value):
                raise ReproseError(
                    f"recommender: run {run.name}: {name} is {value} after sweep {sweeps}, expected a finite number."
                    f" Lower learning_rate in config.yaml (now {run.values['learning_rate']})."
                )

    def _counts(self) -> dict[str, float]:
        """Return the sizes of the data, which the handout prints."""
        names = {"users": self.training.user_count, "films": self.training.film_count}
        return {**names, "training_ratings": len(self.training), "held_out_ratings": len(self.validation)}


def to_tensors(weights: Arrays) -> dict[str, torch.Tensor]:
    """Return arrays as tensors, which a checkpoint can hold."""
    return {name: torch.from_numpy(np.ascontiguousarray(array)) for name, array in weights.items()}


def to_outcome(made: Mapping[str, Any]) -> Outcome:
    """Return the engine's form of what `Fit.outcomes` returned."""
    weights = {name: weight.numpy() for name, weight in made["weights"].items()}
    history = {name: np.array(values) for name, values in made["history"].items()}
    return Outcome(weights, history, made["metrics"])
