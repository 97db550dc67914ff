"""The training of one run, epoch after epoch."""

import math
from typing import Any

import torch
from torch import Tensor

from problems.sentiment import model as classifier
from problems.sentiment.hyperparameters import Hyperparameters
from problems.sentiment.predict import forward, measure, predict
from problems.sentiment.reviews import Reviews, collate, shuffled_batches
from reprose.errors import ReproseError

Made = dict[str, Any]  # weights, history and metrics of a run, as a checkpoint can hold them


class Fit:
    """A run in training: the model, its optimizer and its random numbers, and the best epoch so far."""

    def __init__(self, name: str, wanted: Hyperparameters, seed: int, vectors: Tensor) -> None:
        torch.manual_seed(seed)
        self.name = name
        self.wanted = wanted
        self.model = classifier.build(vectors, wanted)
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=wanted.learning_rate)
        self.generator = torch.Generator().manual_seed(seed)
        self.history: dict[str, list[float]] = {}
        self.best: Made = {}

    @property
    def done(self) -> bool:
        """Return whether all epochs are over, or the last ones brought no lower validation loss."""
        if not self.best:
            return False
        epochs = len(self.history["loss"])
        return epochs >= self.wanted.epochs or epochs - self.best["metrics"]["best_epoch"] >= self.wanted.patience

    def epoch(self, training: Reviews, validation: Reviews) -> tuple[int, dict[str, float]]:
        """Train for one epoch; return its number and metrics. Training metrics are means over its steps."""
        trained = self._steps(training)
        metrics = {**trained, **measure(predict(self.model, validation, self.wanted), validation.labels)}
        for key, value in metrics.items():
            self._require_finite(key, value)
            self.history.setdefault(key, []).append(value)
        number = len(self.history["loss"])
        if not self.best or metrics["loss"] < self.best["metrics"]["loss"]:
            weights = {key: weight.clone() for key, weight in self.model.state_dict().items()}
            self.best = {"weights": weights, "metrics": {**metrics, "best_epoch": float(number)}}
        return number, metrics

    def state(self) -> Made:
        """Return all that the next epoch depends on."""
        return {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "generator": self.generator.get_state(),
            "history": self.history,
            "best": self.best,
        }

    def restore(self, state: Made) -> None:
        """Go on from what `state` returned."""
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.generator.set_state(state["generator"])
        self.history, self.best = state["history"], state["best"]

    def made(self) -> Made:
        """Return the weights and metrics of the best epoch, and the history of all."""
        metrics = {**self.best["metrics"], "epochs": float(len(self.history["loss"]))}
        return {"weights": self.best["weights"], "history": self.history, "metrics": metrics}

    def _steps(self, training: Reviews) -> dict[str, float]:
        wanted, total, right, cells = self.wanted, 0.0, 0.0, 0
        for rows in shuffled_batches(training.lengths, wanted.batch_size, wanted.bucketed, self.generator):
            tokens, lengths = collate([training.tokens[row] for row in rows.tolist()])
            logits, labels = forward(self.model, tokens, lengths, wanted.readout), training.labels[rows]
            loss = classifier.loss(logits, labels)
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
            self._require_finite("training loss", loss.item())
            total += loss.item() * len(rows)
            right += classifier.accuracy(logits, labels).item() * len(rows)
            cells += tokens.numel()
        padding = 1 - training.lengths.sum().item() / cells
        return {"train_loss": total / len(training), "train_accuracy": right / len(training), "padding": padding}

    def _require_finite(self, name: str, value: float) -> None:
        if not math.isfinite(value):
            raise ReproseError(
                f"sentiment: run {self.name}: {name} is {value} in epoch {len(self.history.get('loss', [])) + 1},"
                f" expected a finite number. Lower learning_rate in config.yaml (now {self.wanted.learning_rate})."
            )
