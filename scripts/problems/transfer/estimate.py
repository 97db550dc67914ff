"""How long training will take, told before it starts: measured on a network that is then thrown away."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from datasets.alexnet import PREFIX
from models.alexnet import multiply_adds
from problems.transfer.hyperparameters import Hyperparameters
from problems.transfer.images import CLASSES, Images
from problems.transfer.learning import dropping, take_step
from problems.transfer.network import new_network, new_optimizer
from reprose import pace
from reprose.experiment import Arrays

GPU = 1e13  # ASSUME operations a second that a GPU sustains; said of a CPU that would be busy for more than an hour


def announce(
    left: Sequence[Hyperparameters],
    running: Mapping[str, Any] | None,
    given: Arrays,
    training: Images,
    validation_images: int,
) -> None:
    """Say how long the runs that are left will take; the first of them may have begun."""
    if not left:
        return
    epochs = sum(wanted.epochs for wanted in left) - len(running["history"] if running else ())
    work = round(epochs * (len(training) + validation_images / 3))  # to measure takes a third of a training step
    seconds = _seconds_of_an_image(left[0], given, training)
    note = ""
    if training.size and training.labels.device.type == "cpu" and work * seconds > 3600:
        operations = 6 * multiply_adds(len(given[f"{PREFIX}features.0.bias"]), CLASSES, training.size)
        there = pace.duration(work * operations / GPU)
        note = f"; a GPU that sustains {GPU:.0e} operations a second, which is assumed, would need {there}"
    pace.announce(f"training {len(left)} runs, {epochs} epochs", work, "images", seconds, note)


def _seconds_of_an_image(wanted: Hyperparameters, given: Arrays, training: Images) -> float:
    """Return the time that a training step takes for each of its images; no weight and no stream is left changed."""
    device = training.labels.device
    network = new_network(wanted.layers, given, 0, str(device)).train()
    optimizer = new_optimizer(network, wanted)
    rows = torch.arange(min(len(training), wanted.batch_size), device=device)
    with dropping(0, 0, str(device)):
        seconds = pace.measure(lambda: take_step(network, optimizer, training, rows))
    return seconds / len(rows)
