"""The attack on the test part, with smaller and larger epsilon, beside noise of the same size."""

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor, nn

from reprose import Arrays, Evaluation, Run
from scripts.problems.fgsm.attack import gradient_sign, moved
from scripts.problems.fgsm.hyperparameters import Hyperparameters
from scripts.problems.fgsm.network import network_of, to_pixels

CHUNK = 250  # images at a time


def evaluate(run: Run, weights: Arrays, data: Mapping[str, Arrays]) -> Evaluation:
    """Return the accuracy on the test part as it is, attacked and with noise, and all that the figures need.

    Artifacts: `epsilons` (k,), `accuracies` (k, 2) under attack and under noise, and the pictures from training.
    """
    wanted: Hyperparameters = run.settings
    network = network_of(wanted, _of("network", weights))
    epsilons = [0.0, *(wanted.strongest / 2**power for power in range(wanted.halvings, -1, -1))]
    right = right_under(network, data["test"], epsilons, run.seed)
    accuracies = right.mean(axis=0)
    metrics = {f"accuracy_{place}": float(value) for place, value in enumerate(accuracies[:, 0])}
    metrics |= {f"noise_{place}": float(value) for place, value in enumerate(accuracies[:, 1])}
    metrics["test_images"] = float(len(data["test"]["labels"]))
    artifacts = {"epsilons": np.array(epsilons), "accuracies": accuracies, "names": data["test"]["names"]}
    items = {f"accuracy_{place}": right[:, place, 0] for place in range(len(epsilons))}
    items |= {f"noise_{place}": right[:, place, 1] for place in range(len(epsilons))}
    return Evaluation(metrics, {**artifacts, **_of("picture", weights)}, items)


def right_under(network: nn.Module, test: Arrays, epsilons: list[float], seed: int) -> np.ndarray:
    """Return which images are named rightly with each epsilon, (images, epsilons, 2).

    They are moved along the gradient's sign, and along random signs.
    """
    stream = torch.Generator().manual_seed(seed)
    right = np.zeros((len(test["labels"]), len(epsilons), 2), dtype=bool)
    for start in range(0, len(test["labels"]), CHUNK):
        pixels = to_pixels(test["images"][start : start + CHUNK])
        labels = torch.from_numpy(test["labels"][start : start + CHUNK])
        noise = torch.randint(0, 2, pixels.shape, generator=stream).to(torch.float32) * 2 - 1
        directions = (gradient_sign(network, pixels, labels), noise)
        for place, epsilon in enumerate(epsilons):
            for column, direction in enumerate(directions):
                found = _right(network, moved(pixels, direction, epsilon), labels)
                right[start : start + CHUNK, place, column] = found.numpy()
    return right


@torch.no_grad()
def _right(network: nn.Module, pixels: Tensor, labels: Tensor) -> Tensor:
    return network(pixels).argmax(dim=1) == labels


def _of(group: str, arrays: Arrays) -> dict[str, np.ndarray]:
    return {name.removeprefix(f"{group}/"): array for name, array in arrays.items() if name.startswith(f"{group}/")}
