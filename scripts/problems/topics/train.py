"""Training: every run fits one model and leaves what its topics score the words."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch

from problems.topics import others
from problems.topics.autoencoder import Made, Training
from problems.topics.corpus import to_matrix
from problems.topics.hyperparameters import Hyperparameters
from problems.topics.measure import Parts, measure, to_parts
from reprose.experiment import Arrays, Outcome, Run, Session, settings


def train(
    runs: Sequence[Run], data: Mapping[str, Arrays], used: Mapping[str, Arrays], session: Session
) -> dict[str, Outcome]:
    """Return the outcome of each run, one after another; a job that was cut off goes on at its last checkpoint."""
    parts = to_parts(data, session.device)
    state: dict[str, Any] = session.checkpoint.load() or {"finished": {}, "running": None}
    for run in runs:
        if run.name not in state["finished"]:
            state["finished"][run.name] = _train_run(run, data, parts, session, state)
            state["running"] = None
            session.checkpoint.save(state)
    return {run.name: _outcome(state["finished"][run.name], _facts(data)) for run in runs}


def _train_run(run: Run, data: Mapping[str, Arrays], parts: Parts, session: Session, state: dict[str, Any]) -> Made:
    wanted = settings(Hyperparameters, run.values, f"config.yaml: problems.topics: run {run.name}")
    if wanted.model == "autoencoder":
        return Training(run.name, wanted, run.seed, parts, session).finish(state)
    scores = others.fit(wanted, to_matrix(data["train"]), run.seed)
    metrics = measure(scores, parts.held_out, wanted.unseen)
    session.record(run.name, wanted.epochs, metrics)
    return {"weights": {"scores": torch.from_numpy(scores)}, "history": {}, "metrics": metrics}


def _facts(data: Mapping[str, Arrays]) -> dict[str, float]:
    """Return the sizes of the data, which the handout prints."""
    training, validation = data["train"], data["validation"]
    return {
        "training_articles": len(training["classes"]),
        "validation_articles": len(validation["classes"]),
        "vocabulary": len(training["words"]),
        "words_per_article": float(training["counts"].sum() / len(training["classes"])),
        "filled": len(training["indices"]) / (len(training["classes"]) * len(training["words"])),
    }


def _outcome(made: Made, shared: Mapping[str, float]) -> Outcome:
    weights = {name: weight.numpy().astype(np.float32) for name, weight in made["weights"].items()}
    history = {name: values.numpy() for name, values in made["history"].items()}
    return Outcome(weights, history, {**made["metrics"], **shared})
