"""The training of one network: all that changes from step to step, and how a checkpoint keeps it."""

import math
from typing import Any

import torch
from torch import Tensor

from problems.autoencoder.hyperparameters import Hyperparameters
from problems.autoencoder.networks import new_network


class Progress:
    """Network, optimizer, learning rate, order of the images and history of one run."""

    def __init__(self, wanted: Hyperparameters, seed: int, images: Tensor, device: str) -> None:
        self.wanted = wanted
        with torch.random.fork_rng(devices=[]):  # the layers draw from the global stream, which stays as it was
            torch.manual_seed(seed)
            self.network = new_network(wanted, images.shape[1]).to(device)
        self.optimizer = torch.optim.Adam(self.network.parameters(), lr=wanted.learning_rate, fused=True)
        self.generator = torch.Generator().manual_seed(seed)
        self.history: dict[str, list[float]] = {"loss": [], "eval_error": []}
        self.steps = 0
        self.steps_per_epoch = math.ceil(len(images) / wanted.batch_size)

    @property
    def epoch(self) -> int:
        """Return how many epochs are finished."""
        return len(self.history["loss"])

    @property
    def over(self) -> bool:
        """Return whether all epochs are finished."""
        return self.epoch >= self.wanted.epochs

    def step(self) -> None:
        """Let Adam take a step with the learning rate that is due."""
        for group in self.optimizer.param_groups:
            group["lr"] = self.wanted.learning_rate * self.share(self.steps + 1)
        self.optimizer.step()
        self.steps += 1

    def note(self, metrics: dict[str, float]) -> None:
        """Add what an epoch gave to the history."""
        for name, value in metrics.items():
            self.history[name].append(value)

    def state(self) -> dict[str, Any]:
        """Return what a checkpoint must hold."""
        return {
            "network": self.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "generator": self.generator.get_state(),
            "history": self.history,
            "steps": self.steps,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from what `state` returned."""
        self.network.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.generator.set_state(state["generator"])
        self.history = state["history"]
        self.steps = state["steps"]

    def share(self, step: int) -> float:
        """Return the share of the highest learning rate that is due: a line up, then a cosine down to 0."""
        rising = self.wanted.warmup * self.steps_per_epoch
        if step <= rising:
            return step / rising
        falling = self.wanted.epochs * self.steps_per_epoch - rising
        return (1 + math.cos(math.pi * (step - rising) / (falling + 1))) / 2
