"""The training of one run, epoch after epoch."""

from collections.abc import Mapping

import torch
from torch import Tensor

from reprose import Outcome, Run, Trainee
from scripts.problems.sentiment import model as classifier
from scripts.problems.sentiment.predict import forward, measure, predict
from scripts.problems.sentiment.reviews import Reviews, collate, shuffled_batches


class Fit(Trainee):
    """A run in training: the model, its optimizer and its random numbers, and the best epoch so far."""

    keeps = ("model", "optimizer", "generator", "best", "best_metrics", "best_weights")

    def __init__(
        self, run: Run, vectors: Tensor, training: Reviews, validation: Reviews, facts: Mapping[str, float]
    ) -> None:
        torch.manual_seed(run.seed)
        self.wanted, self.training, self.validation, self.facts = run.settings, training, validation, facts
        self.epochs = self.wanted.epochs
        self.model = classifier.build(vectors, self.wanted)
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=self.wanted.learning_rate)
        self.generator = torch.Generator().manual_seed(run.seed)
        self.best = 0  # the epoch with the lowest validation loss
        self.best_metrics: dict[str, float] = {}
        self.best_weights: dict[str, Tensor] = {}

    @property
    def over(self) -> bool:
        """Return whether all epochs are over, or the last ones brought no lower validation loss."""
        return self.done == self.epochs or self.done - self.best >= self.wanted.patience

    def epoch(self) -> dict[str, float]:
        """Train for one epoch; training metrics are means over its steps."""
        trained = self._descend()
        metrics = trained | measure(predict(self.model, self.validation, self.wanted), self.validation.labels)
        if not self.best or metrics["loss"] < self.best_metrics["loss"]:
            self.best, self.best_metrics = self.done + 1, metrics
            self.best_weights = {name: weight.clone() for name, weight in self.model.state_dict().items()}
        return metrics

    def outcome(self) -> Outcome:
        """Return the weights and metrics of the best epoch, and what the handout says about the data."""
        weights = {name: weight.numpy() for name, weight in self.best_weights.items()}
        counts = {"best_epoch": float(self.best), "epochs": float(self.done)}
        return Outcome(weights, {**self.best_metrics, **counts, **self.facts})

    def _descend(self) -> dict[str, float]:
        wanted, training, total, right, cells = self.wanted, self.training, 0.0, 0.0, 0
        for rows in shuffled_batches(training.lengths, wanted.batch_size, wanted.bucketed, self.generator):
            tokens, lengths = collate([training.tokens[row] for row in rows.tolist()])
            logits, labels = forward(self.model, tokens, lengths, wanted.readout), training.labels[rows]
            loss = classifier.loss(logits, labels)
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
            total += loss.item() * len(rows)
            right += classifier.accuracy(logits, labels).item() * len(rows)
            cells += tokens.numel()
        padding = 1 - training.lengths.sum().item() / cells
        return {"train_loss": total / len(training), "train_accuracy": right / len(training), "padding": padding}
