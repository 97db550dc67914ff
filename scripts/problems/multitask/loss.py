"""The losses of the two tasks and their weighted sum."""

import torch
from torch import Tensor

from scripts.problems.multitask.hyperparameters import Hyperparameters


def factorization_loss(margins: Tensor) -> Tensor:
    """Return the mean of 1 - sigmoid(s_positive - s_negative), given the differences; 0 to 1, lower is better."""
    return (1 - torch.sigmoid(margins)).mean()


def regression_error(predicted: Tensor, ratings: Tensor) -> Tensor:
    """Return the mean squared error in stars squared; lower is better."""
    return (predicted - ratings).square().mean()


def joint_loss(factorization: Tensor, regression: Tensor, wanted: Hyperparameters) -> Tensor:
    """Return the weighted sum of both losses, which training minimizes."""
    return wanted.factorization_weight * factorization + wanted.regression_weight * regression
