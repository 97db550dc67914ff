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
    starts = zip(*(start(training, wanted, seed) for wanted in settings), strict=True)
    films, users = (torch.stack(side, 1).float() for side in starts)  # (films or users, settings, rank)
    rates, penalties, decays = (
        torch.tensor([getattr(wanted, name) for wanted in settings])
        for name in ("learning_rate", "regularization", "decay")
    )
    stream = np.random.RandomState(seed)
    film, user, stars = (torch.from_numpy(column) for column in (training.films, training.users, training.stars))
    for _ in range(settings[0].sweeps):
        order = torch.from_numpy(stream.permutation(len(training)))
        size = torch.ones(len(settings))  # the vectors are this times `films` and `users`
        for batch in order.split(settings[0].batch_size):
            shares = penalties * (len(batch) / len(training))
            size = step(films, users, size, film[batch], user[batch], stars[batch].float(), rates, shares)
        for side in (films, users):
            side.mul_(size.unsqueeze(1))
        rates = rates * decays
        for place in range(len(settings)):
            watch(place, weights_of(films, users, place))
    return [weights_of(films, users, place) for place in range(len(settings))]


def step(
    films: Tensor,
    users: Tensor,
    size: Tensor,
    film: Tensor,
    user: Tensor,
    stars: Tensor,
    rates: Tensor,
    penalties: Tensor,
) -> Tensor:
    """Change `films` and `users` (rows, settings, rank) by one step of every setting; return the new `size`.

    The penalty shrinks every vector by the same factor. It goes into `size`, so a step touches only the rows of its
    batch.
    """
    u, v = films[film], users[user]  # (batch, settings, rank)
    missing = stars.unsqueeze(1) - size**2 * (u * v).sum(2)  # (batch, settings)
    shrunk = size * (1 - 2 * rates * penalties)
    pull = (2 * rates * size / shrunk * missing).unsqueeze(2)
    films.index_add_(0, film, pull * v)
    users.index_add_(0, user, pull * u)
    return shrunk


def weights_of(films: Tensor, users: Tensor, place: int) -> Arrays:
    """Return the vectors of one setting."""
    return {"films": films[:, place].double().numpy(), "users": users[:, place].double().numpy()}
