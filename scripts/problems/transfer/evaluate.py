"""Evaluation of a chosen run on the test part."""

from collections.abc import Mapping

import numpy as np

from reprose import Arrays, Evaluation, Run
from scripts.problems.transfer.hyperparameters import Hyperparameters
from scripts.problems.transfer.images import CLASSES, to_images
from scripts.problems.transfer.learning import predict, score
from scripts.problems.transfer.network import trained_network


def evaluate(run: Run, weights: Arrays, data: Mapping[str, Arrays]) -> Evaluation:
    """Return `accuracy` and `loss` on the test part, and as artifacts the accuracy in each class and its name."""
    wanted: Hyperparameters = run.settings
    test = to_images(data["test"], "cpu")
    logits = predict(trained_network(wanted.layers, weights, data["train"]), test)
    labels, right = test.labels.numpy(), (logits.argmax(dim=1) == test.labels).numpy()
    counts = np.bincount(labels, minlength=CLASSES)
    by_class = np.bincount(labels, right, minlength=CLASSES) / np.maximum(counts, 1)  # 0 in a class without images
    artifacts = {"class_accuracy": by_class, "names": data["test"]["names"]}
    metrics = {**score(logits, test.labels), "test_images": len(test)}
    return Evaluation(metrics, artifacts, {"accuracy": right})
