"""Training: stochastic gradient descent on the cross-entropy of mirrored and shifted images."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import torch

from problems.cifar.hyperparameters import Hyperparameters
from problems.cifar.images import Images, batch, draw_changes, to_images, windows
from problems.cifar.measure import accuracy
from problems.cifar.progress import Progress, to_outcome
from reprose.errors import ReproseError
from reprose.experiment import Arrays, Outcome, Run, Session, settings


def train(
    runs: Sequence[Run], data: Mapping[str, Arrays], used: Mapping[str, Arrays], session: Session
) -> dict[str, Outcome]:
    """Return the outcome of each run, one after another; a job that was cut off goes on at its last checkpoint."""
    training, validation = (to_images(data[part], session.device) for part in ("train", "validation"))
    state = session.checkpoint.load() or {"finished": {}, "running": None}
    for run in runs:
        if run.name not in state["finished"]:
            state["finished"][run.name] = _train_run(run, training, validation, session, state)
            state["running"] = None
            session.checkpoint.save(state)
    return {run.name: to_outcome(state["finished"][run.name]) for run in runs}


def _train_run(
    run: Run, training: Images, validation: Images, session: Session, state: dict[str, Any]
) -> dict[str, Any]:
    wanted = settings(Hyperparameters, run.values, f"config.yaml: problems.cifar: run {run.name}")
    _check_size(wanted, training, run)
    progress = Progress(wanted, run.seed, training, session.device)
    if state["running"] is not None:
        progress.restore(state["running"])
    sample = Images(training.pixels[: len(validation)], training.labels[: len(validation)])
    shifted = windows(training, wanted.shift)
    while progress.epoch < wanted.epochs:
        metrics = {"loss": train_epoch(progress, shifted, training, wanted)}
        _require_finite(metrics["loss"], run, progress.epoch + 1)
        metrics["train_accuracy"] = accuracy(progress.network, sample)  # as many as there are for validation
        metrics["eval_accuracy"] = accuracy(progress.network, validation)
        progress.note(metrics)
        session.record(run.name, progress.epoch, metrics)
        if session.checkpoint.due():
            state["running"] = progress.state()
            session.checkpoint.save(state)
    return {**progress.outcome(), "metrics": _final_metrics(progress, training, validation)}


def train_epoch(progress: Progress, shifted: torch.Tensor, training: Images, wanted: Hyperparameters) -> float:
    """Take the steps of one epoch; return the mean loss of a batch, each before its step."""
    device, size = training.labels.device, wanted.batch_size
    order = torch.randperm(len(training), generator=progress.stream).to(device)
    changes = draw_changes(len(training), wanted.flip, wanted.shift, progress.stream)
    down, right, mirrored = (change.to(device) for change in changes)
    steps = len(training) // size
    total = torch.zeros((), dtype=torch.float64, device=device)
    progress.network.train()
    for step in range(steps):
        part = slice(step * size, (step + 1) * size)
        pixels = batch(shifted, order[part], down[part], right[part], mirrored[part])  # (batch, 3, 32, 32)
        with torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda"):
            loss = torch.nn.functional.cross_entropy(progress.network(pixels), training.labels[order[part]])
        progress.set_rate((progress.epoch + (step + 0.5) / steps) / wanted.epochs)
        progress.optimizer.zero_grad()
        loss.backward()
        progress.optimizer.step()
        total += loss.detach()
    return (total / steps).item()


def _final_metrics(progress: Progress, training: Images, validation: Images) -> dict[str, float]:
    return {
        "accuracy": progress.history["eval_accuracy"][-1],
        "training_accuracy": accuracy(progress.network, training),  # of all training images
        "parameters": float(sum(weight.numel() for weight in progress.network.parameters())),
        "training_images": float(len(training)),
        "validation_images": float(len(validation)),
    }


def _check_size(wanted: Hyperparameters, training: Images, run: Run) -> None:
    if wanted.batch_size > len(training):
        raise ReproseError(
            f"config.yaml: problems.cifar: run {run.name}: batch_size is {wanted.batch_size}, expected at most the"
            f" {len(training)} training images."
        )


def _require_finite(loss: float, run: Run, epoch: int) -> None:
    if not math.isfinite(loss):
        raise ReproseError(
            f"cifar: run {run.name}: the loss is {loss} in epoch {epoch}, expected a finite number. Lower"
            f" learning_rate in config.yaml (now {run.values['learning_rate']})."
        )
