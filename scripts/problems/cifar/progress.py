"""The state of one training run: what an epoch changes, and what a checkpoint must hold."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from problems.cifar.hyperparameters import Hyperparameters
from problems.cifar.images import Images
from problems.cifar.networks import build
from reprose.experiment import Outcome

RISING = 0.25  # share of the steps in which the learning rate rises


class Progress:
    """A network with its optimizer, random stream and history."""

    def __init__(self, wanted: Hyperparameters, seed: int, training: Images, device: str) -> None:
        self.network = build(wanted, seed)
        self.network.standardize.fit(training.pixels)
        self.network.to(device)
        self.optimizer = torch.optim.SGD(
            self.network.parameters(),
            lr=wanted.learning_rate,
            momentum=wanted.momentum,
            weight_decay=wanted.weight_decay,
            nesterov=wanted.momentum > 0,
            fused=True,
        )
        self.stream = torch.Generator().manual_seed(seed)  # order of the images, shifts and mirrors, for the whole run
        self.history: dict[str, list[float]] = {}
        self.highest = wanted.learning_rate
        self.epoch = 0  # epochs done

    def set_rate(self, done: float) -> None:
        """Set the learning rate for the next step, after a share `done` of all steps: it rises, then falls to 0."""
        share = done / RISING if done < RISING else (1 - done) / (1 - RISING)
        for group in self.optimizer.param_groups:
            group["lr"] = self.highest * share

    def note(self, metrics: Mapping[str, float]) -> None:
        """Close an epoch: add its metrics to the history."""
        for name, value in metrics.items():
            self.history.setdefault(name, []).append(value)
        self.epoch += 1

    def outcome(self) -> dict[str, Any]:
        """Return weights and history of the run, as a checkpoint can hold them."""
        history = {name: torch.tensor(values, dtype=torch.float64) for name, values in self.history.items()}
        return {"weights": _weights(self.network), "history": history}

    def state(self) -> dict[str, Any]:
        """Return all of it as tensors, numbers and strings."""
        return {
            "network": self.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "stream": self.stream.get_state(),
            "history": self.history,
            "epoch": self.epoch,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Continue from what `state` returned."""
        self.network.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.stream.set_state(state["stream"])
        self.history, self.epoch = state["history"], state["epoch"]


def to_outcome(made: Mapping[str, Any]) -> Outcome:
    """Return the engine's form of a finished run."""
    weights = {name: weight.numpy() for name, weight in made["weights"].items()}
    history = {name: values.numpy() for name, values in made["history"].items()}
    return Outcome(weights, history, made["metrics"])


def _weights(network: nn.Module) -> dict[str, torch.Tensor]:
    return {name: weight.detach().cpu().contiguous().clone() for name, weight in network.state_dict().items()}
