"""What is measured of a trained model."""

import numpy as np
import torch

from reprose import Arrays
from scripts.problems.concepts.hyperparameters import Hyperparameters
from scripts.problems.concepts.network import count, forward, gradient


def principal_components(points: np.ndarray, code: int) -> dict[str, np.ndarray]:
    """Return the `mean` of `points` and the `directions`, (code, inputs), of largest variance."""
    mean = points.mean(axis=0)
    return {"mean": mean, "directions": np.linalg.svd(points - mean, full_matrices=False).Vh[:code]}


def outputs(weights: Arrays, points: np.ndarray, wanted: Hyperparameters) -> np.ndarray:
    """Return what a model makes of `points`: labels, (points, 1), or the points again, (points, inputs)."""
    if wanted.model == "pca":
        return weights["mean"] + (points - weights["mean"]) @ weights["directions"].T @ weights["directions"]
    parameters = {name: torch.from_numpy(weight)[None] for name, weight in weights.items() if name != "mean"}
    return forward(parameters, torch.from_numpy(points), wanted)[0].numpy()


def fit(weights: Arrays, data: Arrays, wanted: Hyperparameters) -> dict[str, float]:
    """Return the mean squared `loss` on the points in `data`, and `accuracy` or `explained` variance.

    `baseline` is the loss of the best constant.
    """
    made = outputs(weights, data["points"], wanted)
    if wanted.code:
        errors, spread = made - data["points"], data["points"] - weights["mean"]
        return {"loss": float((errors**2).mean()), "explained": 1 - float((errors**2).sum() / (spread**2).sum())}
    right = (made[:, 0] >= 0.5) == (data["labels"] == 1)
    loss = float(((made[:, 0] - data["labels"]) ** 2).mean())
    return {"loss": loss, "accuracy": float(right.mean()), "baseline": float(data["labels"].var())}


def inspect(weights: Arrays, data: Arrays, wanted: Hyperparameters) -> dict[str, float]:
    """Return the gradient at the end of training, how different the hidden units are, and what a pass costs."""
    parameters = {name: torch.from_numpy(weight)[None] for name, weight in weights.items() if name != "mean"}
    points = torch.from_numpy(data["points"])
    targets = points if wanted.code else torch.from_numpy(data["labels"])[:, None]
    _, slopes = gradient(parameters, points, targets, wanted)
    units = np.concatenate([weights["weight_0"], weights["bias_0"].T], axis=1)  # (units, inputs + 1)
    ahead, back = count(parameters, points, wanted)
    return {
        "gradient": float(torch.sqrt(sum(slope.square().sum() for slope in slopes.values()))),
        "largest_weight": max(float(np.abs(weights[name]).max()) for name in weights if name.startswith("weight")),
        "unit_spread": float(np.abs(units - units[0]).max()),
        "rank": float(np.linalg.matrix_rank(weights["weight_0"])),
        "forward": ahead,
        "backward": back,
    }
