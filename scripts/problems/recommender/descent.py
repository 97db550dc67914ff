"""Minibatch stochastic gradient descent on the document's loss (4), for many settings at once."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

from problems.recommender.alternating import start
from problems.recommender.hyperparameters import Hyperparameters
from problems.recommender.ratings import Ratings
from reprose.experiment import Arrays


def descend(
    training: Ratings, settings: Sequence[Hyperparameters], seed: int, watch: Callable[[int, Arrays], None]
) -> list[Arrays]:
    """Return the vectors that each of `settings` leads to; they share rank, batch size and epochs, and are stacked.

    A step takes the gradient of the loss of its batch, sum over b ratings, with b/n of the penalty; `watch` is called
    with the place of the setting and its weights after every epoch.
    """
    films, users = (torch.stack(side, 1) for side in zip(*(start(training, w, seed) for w in settings), strict=True))
    first = settings[0]
    rates, penalties, decays = (
        torch.tensor([getattr(wanted, name) for wanted in settings], dtype=films.dtype)
        for name in ("learning_rate", "regularization", "decay")
    )
    stream = np.random.RandomState(seed)
    columns = [torch.from_numpy(column) for column in (training.films, training.users, training.stars)]
    for _ in range(first.sweeps):
        order = torch.from_numpy(stream.permutation(len(training)))
        for batch in order.split(first.batch_size):
            _step(films, users, [column[batch] for column in columns], rates, penalties * (len(batch) / len(training)))
        rates = rates * decays
        for place in range(len(settings)):
            watch(place, _weights(films, users, place))
    return [_weights(films, users, place) for place in range(len(settings))]


def _step(films: Tensor, users: Tensor, batch: Sequence[Tensor], rates: Tensor, penalties: Tensor) -> None:
    """Change films (films, settings, rank) and users (users, settings, rank) by one step of every setting."""
    film, user, stars = batch
    u, v = films[film], users[user]  # (batch, settings, rank)
    pull = (2 * rates * (stars.unsqueeze(1) - (u * v).sum(2))).unsqueeze(2)  # (batch, settings, 1)
    shrink = (1 - 2 * rates * penalties).unsqueeze(1)
    films.mul_(shrink).index_add_(0, film, pull * v)
    users.mul_(shrink).index_add_(0, user, pull * u)


def _weights(films: Tensor, users: Tensor, place: int) -> Arrays:
    return {"films": films[:, place].numpy().copy(), "users": users[:, place].numpy().copy()}
