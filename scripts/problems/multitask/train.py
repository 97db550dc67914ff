"""Training: Adam on the joint loss of both tasks, with new negatives in every epoch."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial

import numpy as np
import torch
from torch import Tensor

from reprose import Arrays, Outcome, Run, Trainee, Trainings
from scripts.problems.multitask.loss import factorization_loss, joint_loss, regression_error
from scripts.problems.multitask.measure import measure
from scripts.problems.multitask.model import Recommender
from scripts.problems.multitask.pulls import compare_pulls, gradient_of, tables
from scripts.problems.multitask.ratings import Ratings, to_ratings


def train(runs: Sequence[Run], data: Mapping[str, Arrays], used: Mapping[str, Arrays], device: str) -> Trainings:
    """Yield every run with what begins its training."""
    training, validation = (to_ratings(data[part], device) for part in ("train", "validation"))
    for run in runs:
        yield run, partial(Fit, run, training, validation)


class Fit(Trainee):
    """The training of one recommender, which keeps the weights of its best epoch."""

    keeps = ("model", "optimizer", "stream", "best", "best_metrics", "best_weights")

    def __init__(self, run: Run, training: Ratings, validation: Ratings) -> None:
        self.wanted, self.training, self.validation = run.settings, training, validation
        self.epochs = self.wanted.epochs
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(run.seed)  # the protocol draws the weights from torch's own stream
            self.model = Recommender(training.user_rows, training.item_rows, self.wanted).to(training.users.device)
        self.optimizer = torch.optim.Adam(
            self.model.parameters(), lr=self.wanted.learning_rate, weight_decay=self.wanted.weight_decay, fused=True
        )
        self.recorded = self.wanted.shared and not self.wanted.batch_size  # one step, one gradient an epoch
        self.stream = np.random.RandomState(run.seed)  # kept for the whole run: shuffles and negatives
        self.by_user = training.users.argsort(stable=True)
        self.seen = training.seen()
        self.held_out = _negatives(np.random.RandomState(run.seed), validation)  # the same in every epoch and variant
        self.best = 0  # the epoch whose weights are kept
        self.best_metrics: dict[str, float] = {}
        self.best_weights: dict[str, Tensor] = {}

    @property
    def over(self) -> bool:
        """Return whether all epochs are done, or patience is at its end."""
        patience = self.wanted.patience
        return self.done == self.epochs or (patience > 0 and self.done - self.best >= patience)

    def epoch(self) -> dict[str, float]:
        """Train for an epoch; keep its weights if they are to be kept so far."""
        losses = self._descend()
        metrics = self._validate()
        if self.wanted.patience == 0 or not self.best or metrics["joint_loss"] < self.best_metrics["joint_loss"]:
            self.best, self.best_metrics = self.done + 1, metrics
            self.best_weights = {name: weight.cpu().clone() for name, weight in self.model.state_dict().items()}
        return losses | {f"eval_{name}": value for name, value in metrics.items()}

    def outcome(self) -> Outcome:
        """Return the weights and metrics of the epoch that is kept, and the sizes of the data, for the handout."""
        weights = {name: weight.numpy() for name, weight in self.best_weights.items()}
        counts = {
            "epochs": float(self.best),
            "parameters": float(sum(weight.size for weight in weights.values())),
            "training_ratings": len(self.training),
            "held_out_ratings": len(self.validation),
            "users": self.training.user_rows - 1,  # row 0 of both tables belongs to nobody
            "items": self.training.item_rows - 1,
        }
        return Outcome(weights, self.best_metrics | counts)

    def _descend(self) -> dict[str, float]:
        """Take the steps of one epoch; return the mean losses, each from before its step."""
        ratings = self.training
        sums = torch.zeros(3, dtype=torch.float64, device=ratings.users.device)
        pulls: dict[str, float] = {}
        for row, negative in self._batches():
            users, items, stars = (part.index_select(0, row) for part in (ratings.users, ratings.items, ratings.stars))
            factorization = factorization_loss(self.model.margins(users, items, negative))
            regression = regression_error(self.model.ratings(users, items), stars)
            joint = joint_loss(factorization, regression, self.wanted)
            own = gradient_of(self.wanted.factorization_weight * factorization, self.model) if self.recorded else []
            self.optimizer.zero_grad()
            joint.backward()
            if own:
                pulls = compare_pulls(own, [table.grad for table in tables(self.model)])
            self.optimizer.step()
            sums += len(row) * torch.stack([factorization, joint, regression]).detach()
        names = ("factorization_loss", "joint_loss", "regression_error")
        return dict(zip(names, (sums / len(ratings)).tolist(), strict=True)) | pulls

    def _batches(self) -> Iterable[tuple[Tensor, Tensor]]:
        """Return the rows and negatives of each batch of an epoch, (batch,) both."""
        order = np.arange(len(self.training))
        self.stream.shuffle(order)
        rows = torch.from_numpy(order).to(self.by_user.device)
        negatives = _negatives(self.stream, self.training)
        size = self.wanted.batch_size
        if size:
            return zip(rows.split(size), negatives.split(size), strict=True)
        # In a single batch the order only decides which negative a rating draws: by user, gathers stay in the cache.
        drawn = torch.empty_like(negatives).index_copy_(0, rows, negatives)
        return [(self.by_user, drawn.index_select(0, self.by_user))]

    @torch.no_grad()
    def _validate(self) -> dict[str, float]:
        users, items = self.validation.users, self.validation.items
        metrics = measure(self.model, self.validation, self.seen)
        factorization = factorization_loss(self.model.margins(users, items, self.held_out)).item()
        weights = self.wanted.factorization_weight, self.wanted.regression_weight
        return {**metrics, "joint_loss": weights[0] * factorization + weights[1] * metrics["error"]}


def _negatives(stream: np.random.RandomState, ratings: Ratings) -> Tensor:
    # ASSUME a negative may be a film that the user rated, or row 0, which is no film: the protocol draws so
    drawn = stream.randint(0, ratings.item_rows, len(ratings))
    return torch.from_numpy(drawn).to(ratings.users.device)
