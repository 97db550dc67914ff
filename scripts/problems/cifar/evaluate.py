"""Evaluation of a chosen run on the test part."""

from collections.abc import Mapping

import numpy as np
import torch

from reprose import Arrays, Evaluation, Run
from scripts.problems.cifar.hyperparameters import Hyperparameters
from scripts.problems.cifar.images import to_images
from scripts.problems.cifar.measure import predict
from scripts.problems.cifar.networks import build


def evaluate(run: Run, weights: Arrays, data: Mapping[str, Arrays]) -> Evaluation:
    """Return the `accuracy` on the test part, with the table of true and predicted classes and the first layer."""
    wanted: Hyperparameters = run.settings
    test = to_images(data["test"], "cpu")
    network = build(wanted, run.seed)
    network.load_state_dict({name: torch.from_numpy(weight) for name, weight in weights.items()})
    predicted = predict(network, test).numpy()
    confusion = np.zeros((10, 10), dtype=np.int64)  # (true class, predicted class)
    np.add.at(confusion, (data["test"]["labels"], predicted), 1)
    right = predicted == data["test"]["labels"]
    metrics = {"accuracy": float(np.mean(right)), "test_images": float(len(test))}
    artifacts = {"confusion": confusion, "names": data["test"]["names"], "filters": _first_layer(wanted, weights)}
    return Evaluation(metrics, artifacts, {"accuracy": right})


def _first_layer(wanted: Hyperparameters, weights: Arrays) -> np.ndarray:
    """Return the filters of the first layer as images, (filters, rows, columns, 3)."""
    if wanted.network in ("logistic", "hidden"):
        layer = weights["output.weight" if wanted.network == "logistic" else "hidden.weight"]
        return layer.reshape(-1, 32, 32, 3)
    layer = weights["conv.weight" if wanted.network == "convolution" else "conv1.weight"]
    return layer.transpose(0, 2, 3, 1)
