"""Training: Adam on batches of reviews; the epoch with the lowest validation loss is kept."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from problems.sentiment.facts import facts
from problems.sentiment.fitting import Fit, Made
from problems.sentiment.hyperparameters import Hyperparameters
from problems.sentiment.reviews import to_reviews
from reprose.experiment import Arrays, Outcome, Run, Session, settings


def train(
    runs: Sequence[Run], data: Mapping[str, Arrays], used: Mapping[str, Arrays], session: Session
) -> dict[str, Outcome]:
    """Return the outcome of each run; a job that was cut off goes on at its last checkpoint."""
    training, validation = (to_reviews(data[part]) for part in ("train", "validation"))
    vectors = torch.from_numpy(data["train"]["vectors"])
    wanted = {run.name: (_settings(run), run.seed) for run in runs}
    state: dict[str, Any] = session.checkpoint.load() or {"finished": {}, "running": None}
    for name, (values, seed) in wanted.items():
        if name in state["finished"]:
            continue
        fit = Fit(name, values, seed, vectors)
        if state["running"]:
            fit.restore(state["running"])
        while not fit.done:
            session.record(name, *fit.epoch(training, validation))
            if session.checkpoint.due():
                session.checkpoint.save({"finished": state["finished"], "running": fit.state()})
        state = {"finished": {**state["finished"], name: fit.made()}, "running": None}
        session.checkpoint.save(state)
    shared = facts(data["train"], data["validation"])
    return {name: _outcome(state["finished"][name], shared) for name in wanted}


def _settings(run: Run) -> Hyperparameters:
    return settings(Hyperparameters, run.values, f"config.yaml: problems.sentiment: run {run.name}")


def _outcome(made: Made, shared: Mapping[str, float]) -> Outcome:
    weights = {name: weight.numpy() for name, weight in made["weights"].items()}
    history = {name: torch.tensor(values, dtype=torch.float64).numpy() for name, values in made["history"].items()}
    return Outcome(weights, history, {**made["metrics"], **shared})
