"""Training: the seeds of one setting side by side, or principal components."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from problems.concepts.descent import descend
from problems.concepts.hyperparameters import Hyperparameters
from problems.concepts.measure import fit, inspect, principal_components
from reprose.experiment import Arrays, Outcome, Run, Session, settings

HISTORY = ("loss", "step")


def train(
    runs: Sequence[Run], data: Mapping[str, Arrays], used: Mapping[str, Arrays], session: Session
) -> dict[str, Outcome]:
    """Return the outcome of each run; a job that was cut off goes on at its last checkpoint."""
    state: dict[str, Any] = session.checkpoint.load() or {"finished": {}, "running": {}}
    for trial in dict.fromkeys(run.trial for run in runs):
        stack = [run for run in runs if run.trial == trial]
        if stack[0].name not in state["finished"]:
            state["finished"] |= _trained(stack, data["train"], session, state)
            state["running"] = {}
            session.checkpoint.save(state)
    return {run.name: _outcome(run, state["finished"][run.name], data["train"]) for run in runs}


def _trained(
    stack: list[Run], data: Arrays, session: Session, state: dict[str, Any]
) -> dict[str, dict[str, torch.Tensor]]:
    """Return the weights and the history of runs that differ in their seeds alone, as a checkpoint can hold them."""
    wanted, names = _settings(stack[0]), [run.name for run in stack]
    if wanted.model == "pca":
        found = principal_components(data["points"], wanted.code)
        return {name: {key: torch.from_numpy(value) for key, value in found.items()} for name in names}

    def watch(step: int, losses: list[float]) -> None:
        if session.checkpoint.due():  # shorter runs end before anybody could watch them
            session.checkpoint.save(state)
            for name, loss in zip(names, losses, strict=True):
                session.record(name, step, {"loss": loss})

    points = torch.from_numpy(data["points"])  # (points, inputs)
    targets = points if wanted.code else torch.from_numpy(data["labels"])[:, None]
    made = descend(names, [run.seed for run in stack], wanted, points, targets, state["running"], watch)
    made |= {name: made[name].T for name in HISTORY}  # (seeds, entries)
    centre = {"mean": points.mean(dim=0)} if wanted.code else {}
    return {
        name: {key: value[place].clone() for key, value in made.items()} | centre for place, name in enumerate(names)
    }


def _settings(run: Run) -> Hyperparameters:
    return settings(Hyperparameters, run.values, f"config.yaml: problems.concepts: run {run.name}")


def _outcome(run: Run, made: Mapping[str, torch.Tensor], data: Arrays) -> Outcome:
    wanted = _settings(run)
    arrays = {name: value.numpy() for name, value in made.items()}
    history = {name: arrays.pop(name) for name in HISTORY if name in arrays}
    metrics = fit(arrays, data, wanted) | (inspect(arrays, data, wanted) if wanted.model == "network" else {})
    return Outcome(arrays, history, metrics)
