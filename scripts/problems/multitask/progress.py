"""The state of one training run: what an epoch changes, and what a checkpoint must hold."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from problems.multitask.hyperparameters import Hyperparameters
from problems.multitask.model import Recommender
from problems.multitask.ratings import Ratings
from reprose.experiment import Outcome


class Progress:
    """A model with its optimizer, random stream, history and best epoch."""

    def __init__(self, wanted: Hyperparameters, seed: int, ratings: Ratings, device: str) -> None:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)  # the protocol draws the weights from torch's own stream
            self.model = Recommender(ratings.user_rows, ratings.item_rows, wanted).to(device)
        self.optimizer = torch.optim.Adam(
            self.model.parameters(), lr=wanted.learning_rate, weight_decay=wanted.weight_decay, fused=True
        )
        self.stream = np.random.RandomState(seed)  # kept for the whole run: shuffles and negatives
        self.history: dict[str, list[float]] = {}
        self.patience = wanted.patience
        self.epochs = wanted.epochs
        self.epoch = 0  # epochs done
        self.best = 0  # the epoch whose weights are kept
        self.best_weights = self._weights()

    @property
    def over(self) -> bool:
        """Return whether all epochs are done, or patience is at its end."""
        return self.epoch == self.epochs or (self.patience > 0 and self.epoch - self.best >= self.patience)

    def note(self, metrics: Mapping[str, float]) -> None:
        """Close an epoch: add its metrics to the history, and keep its weights if they are to be kept so far."""
        for name, value in metrics.items():
            self.history.setdefault(name, []).append(value)
        self.epoch += 1
        losses = self.history["eval_joint_loss"]
        if self.patience == 0 or self.best == 0 or losses[-1] < losses[self.best - 1]:
            self.best, self.best_weights = self.epoch, self._weights()

    def outcome(self) -> dict[str, Any]:
        """Return what the run gives, with the metrics of the epoch that is kept, as a checkpoint can hold it."""
        history = {name: torch.tensor(values, dtype=torch.float64) for name, values in self.history.items()}
        held_out = ("error", "mrr", "joint_loss")
        metrics = {name: self.history[f"eval_{name}"][self.best - 1] for name in held_out}
        metrics["epochs"] = float(self.best)
        metrics["parameters"] = float(sum(weight.numel() for weight in self.best_weights.values()))
        return {"weights": self.best_weights, "history": history, "metrics": metrics}

    def state(self) -> dict[str, Any]:
        """Return all of it as tensors, numbers and strings."""
        _, keys, position, _, _ = self.stream.get_state()
        return {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "stream": (torch.from_numpy(keys.astype(np.int64)), position),
            "history": self.history,
            "epoch": self.epoch,
            "best": self.best,
            "best_weights": self.best_weights,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Continue from what `state` returned."""
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        keys, position = state["stream"]
        self.stream.set_state(("MT19937", keys.numpy().astype(np.uint32), position, 0, 0.0))
        self.history, self.epoch = state["history"], state["epoch"]
        self.best, self.best_weights = state["best"], state["best_weights"]

    def _weights(self) -> dict[str, torch.Tensor]:
        return {name: weight.detach().cpu().clone() for name, weight in self.model.state_dict().items()}


def to_outcome(made: Mapping[str, Any]) -> Outcome:
    """Return the engine's form of what `Progress.outcome` returned."""
    weights = {name: weight.numpy() for name, weight in made["weights"].items()}
    history = {name: values.numpy() for name, values in made["history"].items()}
    return Outcome(weights, history, made["metrics"])
