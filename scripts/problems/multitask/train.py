"""Training: Adam on the joint loss of both tasks, with new negatives in every epoch."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from problems.multitask.hyperparameters import Hyperparameters
from problems.multitask.loss import factorization_loss, joint_loss, regression_error
from problems.multitask.measure import measure
from problems.multitask.model import Recommender
from problems.multitask.progress import Progress, to_outcome
from problems.multitask.ratings import Ratings, to_ratings
from reprose.errors import ReproseError
from reprose.experiment import Arrays, Outcome, Run, Session, settings


def train(
    runs: Sequence[Run], data: Mapping[str, Arrays], used: Mapping[str, Arrays], session: Session
) -> dict[str, Outcome]:
    """Return the outcome of each run, one after another; a job that was cut off goes on at its last checkpoint."""
    training, validation = (to_ratings(data[part], session.device) for part in ("train", "validation"))
    state = session.checkpoint.load() or {"finished": {}, "running": None}
    for run in runs:
        if run.name not in state["finished"]:
            made = _train_run(run, training, validation, session, state)
            made["metrics"] |= _counts(training, validation)
            state["finished"][run.name] = made
            state["running"] = None
            session.checkpoint.save(state)
    return {run.name: to_outcome(state["finished"][run.name]) for run in runs}


def _train_run(
    run: Run, training: Ratings, validation: Ratings, session: Session, state: dict[str, Any]
) -> dict[str, Any]:
    wanted = settings(Hyperparameters, run.values, f"config.yaml: problems.multitask: run {run.name}")
    progress = Progress(wanted, run.seed, training, session.device)
    if state["running"] is not None:
        progress.restore(state["running"])
    seen = training.seen()
    negatives = _negatives(np.random.RandomState(run.seed), validation)  # the same in every epoch and variant
    while not progress.over:
        metrics = _train_epoch(progress, training, wanted)
        metrics |= _validate(progress.model, validation, seen, negatives, wanted)
        _require_finite(metrics, run, progress.epoch + 1)
        progress.note(metrics)
        session.record(run.name, progress.epoch, metrics)
        if session.checkpoint.due():
            state["running"] = progress.state()
            session.checkpoint.save(state)
    return progress.outcome()


def _train_epoch(progress: Progress, ratings: Ratings, wanted: Hyperparameters) -> dict[str, float]:
    """Take the steps of one epoch; return the mean losses, each from before its step."""
    order = np.arange(len(ratings))
    progress.stream.shuffle(order)
    rows = torch.from_numpy(order).to(ratings.users.device)
    negatives = _negatives(progress.stream, ratings)
    size = wanted.batch_size or len(rows)
    sums = torch.zeros(3, dtype=torch.float64, device=rows.device)
    for row, negative in zip(rows.split(size), negatives.split(size), strict=True):
        users, items, stars = ratings.users[row], ratings.items[row], ratings.stars[row]  # (batch,) each
        factorization = factorization_loss(progress.model.margins(users, items, negative))
        regression = regression_error(progress.model.ratings(users, items), stars)
        joint = joint_loss(factorization, regression, wanted)
        progress.optimizer.zero_grad()
        joint.backward()
        progress.optimizer.step()
        sums += len(row) * torch.stack([factorization, joint, regression]).detach()
    return dict(zip(("factorization_loss", "joint_loss", "regression_error"), (sums / len(rows)).tolist(), strict=True))


@torch.no_grad()
def _validate(
    model: Recommender, held_out: Ratings, seen: Tensor, negatives: Tensor, wanted: Hyperparameters
) -> dict[str, float]:
    metrics = measure(model, held_out, seen)
    factorization = factorization_loss(model.margins(held_out.users, held_out.items, negatives)).item()
    metrics["joint_loss"] = wanted.factorization_weight * factorization + wanted.regression_weight * metrics["error"]
    return {f"eval_{name}": value for name, value in metrics.items()}


def _counts(training: Ratings, validation: Ratings) -> dict[str, float]:
    """Return the sizes of the data, which the handout prints; row 0 of both tables belongs to nobody."""
    users, items = training.user_rows - 1, training.item_rows - 1
    return {"training_ratings": len(training), "held_out_ratings": len(validation), "users": users, "items": items}


def _negatives(stream: np.random.RandomState, ratings: Ratings) -> Tensor:
    # ASSUME a negative may be a film that the user rated, or row 0, which is no film: the protocol draws so
    drawn = stream.randint(0, ratings.item_rows, len(ratings))
    return torch.from_numpy(drawn).to(ratings.users.device)


def _require_finite(metrics: Mapping[str, float], run: Run, epoch: int) -> None:
    for name, value in metrics.items():
        if not math.isfinite(value):
            raise ReproseError(
                f"multitask: run {run.name}: {name} is {value} in epoch {epoch}, expected a finite number."
                f" Lower learning_rate in config.yaml (now {run.values['learning_rate']})."
            )
