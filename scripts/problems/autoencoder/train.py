"""Training: Adam on the squared error, in shuffled batches cut from one tensor of all images; or an exact PCA."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from problems.autoencoder.hyperparameters import Hyperparameters
from problems.autoencoder.networks import layers
from problems.autoencoder.principal import principal_components
from problems.autoencoder.progress import Progress
from problems.autoencoder.reconstruct import WHITE, reconstruction_error
from reprose.errors import ReproseError
from reprose.experiment import Arrays, Outcome, Run, Session, settings

Images = Mapping[str, np.ndarray]  # part -> (images, 784) uint8


def train(
    runs: Sequence[Run], data: Mapping[str, Arrays], used: Mapping[str, Arrays], session: Session
) -> dict[str, Outcome]:
    """Return the outcome of each run, one after another; a job that was cut off goes on at its last checkpoint."""
    images = {part: data[part]["images"].reshape(len(data[part]["images"]), -1) for part in ("train", "validation")}
    state: dict[str, Any] = session.checkpoint.load() or {"finished": {}, "running": None}
    for run in runs:
        if run.name not in state["finished"]:
            wanted = settings(Hyperparameters, run.values, f"config.yaml: problems.autoencoder: run {run.name}")
            state["finished"][run.name] = _fit(run, wanted, images, session, state)
            state["running"] = None
            session.checkpoint.save(state)
    return {run.name: _outcome(state["finished"][run.name], images) for run in runs}


def _fit(run: Run, wanted: Hyperparameters, images: Images, session: Session, state: dict[str, Any]) -> dict[str, Any]:
    """Return weights, history and metrics of one run, as a checkpoint can hold them."""
    history: dict[str, list[float]] = {}
    if wanted.model == "pca":  # exact: the seed changes nothing
        weights = principal_components(images["train"], wanted.hidden)
    else:
        progress = _descend(run, wanted, images, session, state)
        weights, history = _weights(progress), progress.history
    metrics = {"error": reconstruction_error(weights, images["validation"], wanted.model)}
    return {
        "weights": {name: torch.from_numpy(weight) for name, weight in weights.items()},
        "history": history,
        "metrics": metrics,
    }


def _descend(run: Run, wanted: Hyperparameters, images: Images, session: Session, state: dict[str, Any]) -> Progress:
    training, validation = (torch.from_numpy(images[part]).to(session.device) for part in ("train", "validation"))
    progress = Progress(wanted, run.seed, training, session.device)
    if state["running"] is not None:
        progress.restore(state["running"])
    while not progress.over:
        metrics = {"loss": train_epoch(progress, training), "eval_error": _validate(progress, validation)}
        _require_finite(metrics, run, progress.epoch + 1)
        progress.note(metrics)
        session.record(run.name, progress.epoch, metrics)
        if session.checkpoint.due():
            state["running"] = progress.state()
            session.checkpoint.save(state)
    return progress


def train_epoch(progress: Progress, images: Tensor) -> float:
    """Take the steps of one epoch; return the mean of the losses, each from before its step."""
    total = torch.zeros((), dtype=torch.float64, device=images.device)
    order = torch.randperm(len(images), generator=progress.generator).to(images.device)
    for rows in order.split(progress.wanted.batch_size):
        pixels = _pixels(images[rows])  # (batch, 784)
        loss = functional.mse_loss(progress.network(pixels), pixels)
        progress.optimizer.zero_grad()
        loss.backward()
        progress.step()
        total += len(rows) * loss.detach()
    return total.item() / len(images)


@torch.no_grad()
def _validate(progress: Progress, images: Tensor) -> float:
    squares = [
        functional.mse_loss(progress.network(pixels), pixels, reduction="sum").double()
        for pixels in map(_pixels, images.split(2000))
    ]
    return torch.stack(squares).sum().item() / images.numel()


def _pixels(images: Tensor) -> Tensor:
    """Return grey values as numbers from 0 to 1; the images stay bytes, a quarter of the memory to shuffle through."""
    return images.float().div_(WHITE)


def _weights(progress: Progress) -> dict[str, np.ndarray]:
    encoder, decoder = layers(progress.network)
    named = {"encoder": encoder.weight, "encoder_bias": encoder.bias}
    named |= {"decoder": decoder.weight, "decoder_bias": decoder.bias}
    return {name: weight.detach().cpu().numpy() for name, weight in named.items()}


def _require_finite(metrics: Mapping[str, float], run: Run, epoch: int) -> None:
    for name, value in metrics.items():
        if not math.isfinite(value):
            raise ReproseError(
                f"autoencoder: run {run.name}: {name} is {value} in epoch {epoch}, expected a finite number."
                f" Lower learning_rate in config.yaml (now {run.values['learning_rate']})."
            )


def _outcome(made: Mapping[str, Any], images: Images) -> Outcome:
    weights = {name: weight.numpy() for name, weight in made["weights"].items()}
    history = {name: np.array(values) for name, values in made["history"].items()}
    sizes = {"training_images": len(images["train"]), "validation_images": len(images["validation"])}
    return Outcome(weights, history, {**made["metrics"], **sizes})
