"""The one training loop: it resumes, saves, checks, records and tells progress, so that no problem has to."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from reprose.config.runs import Run
from reprose.training import checks
from reprose.training.checkpoint import check_keeps
from reprose.training.contract import (
    DIVERGED,
    Begin,
    Metrics,
    Outcome,
    Session,
    Trainee,
    Trainings,
    check_finite,
    is_sound,
)

# The outcomes of finished runs; of the stack that is running, its names, the epochs done and what the next starts from.
State = dict[str, Any]


def train(trainings: Trainings, session: Session) -> dict[str, Outcome]:
    """Return the outcome of every run, one training after another; a job that was cut off goes on where it was saved.

    The outcomes of finished runs and the state of the running ones are saved when the checkpoint is due.
    """
    saved: State = session.checkpoint.load() or {"finished": {}, "running": None}
    finished = {name: _unpacked(outcome) for name, outcome in saved["finished"].items()}
    for runs, begin in trainings:
        stack = _Stack(runs, session, finished)
        if not all(name in finished for name in stack.names):
            try:
                finished |= stack.trained(begin, saved["running"])
            except Exception as error:
                error.add_note(f"{stack.place}, epoch {stack.epoch}" if stack.epoch else stack.place)
                raise
            stack.save_if_due(None)
    return finished


class _Stack:
    """Runs that train as one, most often a single one."""

    def __init__(self, runs: Run | Sequence[Run], session: Session, finished: Mapping[str, Outcome]) -> None:
        self.alone = isinstance(runs, Run)
        self.runs: Sequence[Run] = [runs] if isinstance(runs, Run) else runs
        self.names = [run.name for run in self.runs]
        self.session = session
        self.finished = finished  # before these
        self.epoch = 0  # the one that runs now, from 1 on
        self.histories: dict[str, dict[str, list[float]]] = {name: {} for name in self.names}
        self.diverged: dict[str, int] = {}  # run -> epochs before its metrics were no finite numbers any more

    @property
    def all_diverged(self) -> bool:
        """Return whether no run is left that could go on."""
        return len(self.diverged) == len(self.names)

    @property
    def place(self) -> str:
        """Return which runs these are, in words."""
        first = self.runs[0]
        others = f" and {len(self.runs) - 1} more runs" if len(self.runs) > 1 else ""
        return f"trial {first.trial}, seed {first.seed}{others}"

    def trained(self, begin: Begin, running: State | None) -> dict[str, Outcome]:
        """Return what the training gives, by run; `running` is what was saved of it or of another."""
        self.session.random.seed("\n".join(self.names))
        begun = checks.begun_by(begin, self.names)
        if not isinstance(begun, Trainee):
            return self._checked(begun, "the fit")
        if running and running["names"] == self.names:
            begun.restore(running["state"])
            begun.done, self.histories, self.diverged = (running[key] for key in ("done", "histories", "diverged"))
            self.session.random.restore(running["random"])
        self._tell(begun)
        first = begun.done + 1
        while not begun.over and not self.all_diverged:
            self.epoch = begun.done + 1
            measured = checks.by_run(begun.epoch(), self.names, self.alone, "epoch", is_whole=False)
            begun.done += 1
            if not (count := self.epoch - first) & (count - 1) or self.session.checkpoint.due():  # 1, 2, 3, 5, 9, ...
                check_keeps(begun, self.session.checkpoint.torch)
            self._note(measured, begun.done)
            self._tell(begun)
            self.save_if_due(begun)
        self.epoch = 0
        return self._checked({} if self.all_diverged else begun.outcome(), "outcome")

    def save_if_due(self, trainee: Trainee | None) -> None:
        """Save all finished runs, and the state of those that `trainee` trains."""
        if not self.session.checkpoint.due():
            return
        state: State = {"finished": {name: _packed(outcome) for name, outcome in self.finished.items()}}
        state["running"] = trainee and {
            "names": self.names,
            "done": trainee.done,
            "histories": self.histories,
            "diverged": self.diverged,
            "state": trainee.state(),
            "random": self.session.random.state(),
        }
        self.session.checkpoint.save(state)

    def _note(self, measured: Mapping[str, Metrics], epoch: int) -> None:
        """Check the metrics of an epoch, add them to the histories and record them."""
        for run in (run for run in self.runs if run.name in measured):  # the shorter of a stack end before the others
            found = checks.metrics_of(measured[run.name], f"run {run.name}: epoch")
            if run.name in self.diverged or self._diverges(run, found, epoch - 1):
                continue
            check_finite(found, f"run {run.name}, epoch {epoch}", run.values)
            metrics = {name: float(value) for name, value in found.items()}
            for name, value in metrics.items():
                self.histories[run.name].setdefault(name, []).append(value)
            self.session.record(run.name, epoch, metrics)

    def _diverges(self, run: Run, metrics: Metrics, epochs: int) -> bool:
        """Return whether a run has diverged where that is allowed, and note it."""
        if not self.session.may_diverge or is_sound(metrics):
            return False
        self.diverged[run.name] = epochs
        print(f"run {run.name} diverged after {epochs} epochs", flush=True)
        return True

    def _tell(self, trainee: Trainee) -> None:
        others = f" and {len(self.names) - 1} more" if len(self.names) > 1 else ""
        self.session.progress(f"{self.names[0]}{others}", trainee.done, trainee.epochs)

    def _checked(self, made: Any, what: str) -> dict[str, Outcome]:
        """Return the outcomes by run, complete with the histories; each must have finite metrics."""
        outcomes = checks.by_run(made, self.names, self.alone, what, is_whole=not self.all_diverged)
        for run in self.runs:
            kept = {name: np.array(values) for name, values in self.histories[run.name].items()}
            if run.name not in self.diverged:
                said = checks.outcome_of(outcomes[run.name], f"run {run.name}: {what}")
                outcome = self.session.keep(run, said)
                metrics = {name: _plain(value) for name, value in outcome.metrics.items()}
                outcomes[run.name] = replace(outcome, metrics=metrics, history=outcome.history or kept)
            if run.name in self.diverged or self._diverges(run, metrics, _length(kept)):
                outcomes[run.name] = Outcome({}, {DIVERGED: self.diverged[run.name]}, kept)
            else:
                check_finite(metrics, f"run {run.name}", run.values)
                self.session.check(run.name, outcomes[run.name])
        return outcomes


def _length(history: Mapping[str, np.ndarray]) -> int:
    return max((len(values) for values in history.values()), default=0)


def _plain(value: float) -> float:
    """Return a number of NumPy or a tensor as one of Python, which JSON and checkpoints can hold."""
    return value.item() if hasattr(value, "item") else value


def _packed(outcome: Outcome) -> State:
    """Return an outcome as a checkpoint can hold it."""
    return {"weights": dict(outcome.weights), "metrics": dict(outcome.metrics), "history": dict(outcome.history)}


def _unpacked(state: State) -> Outcome:
    return Outcome(**state)
