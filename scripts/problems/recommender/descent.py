"""Minibatch stochastic gradient descent on the document's loss (4), for many settings at once."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from reprose import Arrays, Outcome, Run, Trainee
from scripts.problems.recommender.alternating import start
from scripts.problems.recommender.predict import EVERY, losses, summary
from scripts.problems.recommender.ratings import Ratings


class Descent(Trainee):
    """The fit of a stack of runs, which share seed, rank, batch size and epochs.

    A step takes the gradient of the loss of its batch, sum over b ratings, with b/n of the penalty.
    """

    keeps = ("films", "users", "rates", "stream")

    def __init__(self, runs: Sequence[Run], training: Ratings, validation: Ratings) -> None:
        self.runs, self.training, self.validation = runs, training, validation
        self.settings = [run.settings for run in runs]
        self.epochs = self.settings[0].sweeps
        starts = zip(*(start(training, wanted, runs[0].seed) for wanted in self.settings), strict=True)
        self.films, self.users = (torch.stack(side, 1).float() for side in starts)  # (films or users, runs, rank)
        self.penalties, self.decays, self.rates = (
            torch.tensor([getattr(wanted, name) for wanted in self.settings])
            for name in ("regularization", "decay", "learning_rate")
        )
        self.stream = np.random.RandomState(runs[0].seed)  # order of the ratings

    def epoch(self) -> dict[str, dict[str, float]]:
        """Take the steps of one epoch; measure after every fifth and after the last."""
        self._descend()
        if (self.done + 1) % EVERY and self.done + 1 < self.epochs:
            return {run.name: {} for run in self.runs}
        return {
            run.name: losses(self.weights(place), self.training, self.validation, run.settings.regularization)
            for place, run in enumerate(self.runs)
        }

    def outcome(self) -> dict[str, Outcome]:
        """Return the vectors of every run."""
        made = {}
        for place, run in enumerate(self.runs):
            weights = self.weights(place)
            loss = losses(weights, self.training, self.validation, run.settings.regularization)["loss"]
            made[run.name] = Outcome(weights, {"loss": loss, **summary(weights, self.training, self.validation)})
        return made

    def weights(self, place: int) -> Arrays:
        """Return the vectors of one run."""
        return {
            name: np.ascontiguousarray(side[:, place].double().numpy())
            for name, side in (("films", self.films), ("users", self.users))
        }

    def _descend(self) -> None:
        training, wanted = self.training, self.settings[0]
        order = self.stream.permutation(len(training))
        film, user, stars = (
            torch.from_numpy(column[order]).split(wanted.batch_size)
            for column in (training.films, training.users, training.stars.astype(np.float32)[:, None])
        )
        shares = torch.tensor([len(batch) for batch in film]).unsqueeze(1) / len(training)
        sizes = shrinking(self.rates, self.penalties * shares)
        for batch in zip(film, user, stars, sizes[:-1] ** 2, 2 * self.rates * sizes[:-1] / sizes[1:], strict=True):
            step(self.films, self.users, *batch)
        for side in (self.films, self.users):
            side.mul_(sizes[-1].unsqueeze(1))
        self.rates = self.rates * self.decays


def shrinking(rates: Tensor, penalties: Tensor) -> Tensor:
    """Return (steps + 1, settings): the factor of all vectors before and after each step, from (steps, settings).

    The penalty shrinks every vector by the same factor. With the factor kept apart, a step touches only the rows of its
    batch.
    """
    factors = torch.cat([torch.ones_like(rates)[None], 1 - 2 * rates * penalties])
    return torch.from_numpy(np.multiply.accumulate(factors.numpy()))  # torch would multiply in double precision


def step(films: Tensor, users: Tensor, film: Tensor, user: Tensor, stars: Tensor, scale: Tensor, rate: Tensor) -> None:
    """Change `films` and `users` (rows, settings, rank) by one step of every setting.

    `stars` (batch, 1) are predicted as `scale` (settings,) times the inner product; `rate` (settings,) multiplies the
    gradient.
    """
    u, v = films.index_select(0, film), users.index_select(0, user)  # (batch, settings, rank)
    missing = stars - scale * (u * v).sum(2)  # (batch, settings)
    pull = (rate * missing).unsqueeze(2)
    films.index_add_(0, film, v.mul_(pull))
    users.index_add_(0, user, u.mul_(pull))
