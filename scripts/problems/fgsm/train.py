"""The attack on single training images; there is nothing to train."""

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
import torch
from torch import Tensor, nn

from reprose import Arrays, Outcome, ReproseError, Run, Trainings
from scripts.problems.fgsm.attack import attack
from scripts.problems.fgsm.hyperparameters import Hyperparameters
from scripts.problems.fgsm.network import network_of, to_pixels, weights_of_seed

CHUNK = 250  # images at a time


def train(runs: Sequence[Run], data: Mapping[str, Arrays], used: Mapping[str, Arrays], device: str) -> Trainings:
    """Yield every run with what attacks its network."""
    for run in runs:
        yield run, partial(attack_training, run, data["train"], used["network"])


def attack_training(run: Run, training: Arrays, used: Arrays) -> Outcome:
    """Return the attacked images beside the originals, and the weights of the attacked network."""
    wanted: Hyperparameters = run.settings
    weights = weights_of_seed(used, run.seed)
    network = network_of(wanted, weights)
    rows = choose(network, training, wanted.images)
    pixels, labels = to_pixels(training["images"][rows]), torch.from_numpy(training["labels"][rows])
    attacked = attack(network, pixels, labels, wanted.epsilon)
    before, after = (scores(network, images) for images in (pixels, attacked))
    pictures = {
        "originals": training["images"][rows],
        "attacked": attacked.contiguous().numpy(),
        "labels": training["labels"][rows],
        "before": before.numpy(),
        "after": after.numpy(),
    }
    fooled = (after.argmax(dim=1) != labels).sum().item()
    metrics = {"fooled": float(fooled), "images": float(len(rows)), "doubt": 1 - _truth(after, labels)}
    return Outcome({**_under("network", weights), **_under("picture", pictures)}, metrics)


def choose(network: nn.Module, training: Arrays, wanted: int) -> np.ndarray:
    """Return the rows of the first training images that are classified rightly, each of another class."""
    found: dict[int, int] = {}
    for start in range(0, len(training["labels"]), CHUNK):
        labels = training["labels"][start : start + CHUNK]
        predicted = scores(network, to_pixels(training["images"][start : start + CHUNK])).argmax(dim=1).numpy()
        for row in np.flatnonzero(predicted == labels).tolist():
            found.setdefault(int(labels[row]), start + row)
            if len(found) == wanted:
                return np.array(list(found.values()))
    raise ReproseError(
        f"fgsm: the network classifies training images of {len(found)} classes rightly, expected at least {wanted}."
        " Train it longer, or attack fewer images (config.yaml: problems.fgsm: images)."
    )


@torch.no_grad()
def scores(network: nn.Module, pixels: Tensor) -> Tensor:
    """Return the probability of each class, (n, 10)."""
    return network(pixels).softmax(dim=1)


def _truth(probability: Tensor, labels: Tensor) -> float:
    """Return the mean probability of the true class."""
    return probability[torch.arange(len(labels)), labels].mean().item()


def _under(group: str, arrays: Arrays) -> dict[str, np.ndarray]:
    return {f"{group}/{name}": array for name, array in arrays.items()}
