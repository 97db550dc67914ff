"""Minibatch stochastic gradient descent on the document's loss (4), for many settings at once."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from problems.recommender.alternating import start
from problems.recommender.hyperparameters import Hyperparameters
from problems.recommender.ratings import Ratings
from reprose.experiment import Arrays

State = dict[str, Any]  # epochs that are done, and what the next one starts from


def descend(
    training: Ratings,
    settings: Sequence[Hyperparameters],
    seed: int,
    watch: Callable[[int, Arrays], None],
    keep: Callable[[State], None],
    state: State | None = None,
) -> list[Arrays]:
    """Return the vectors that each of `settings` leads to; they share rank, batch size and epochs, and are stacked.

    A step takes the gradient of the loss of its batch, sum over b ratings, with b/n of the penalty. After every epoch
    `watch` is called with the place of each setting and its weights, then `keep` with the `state` to go on from.
    """
    penalties = torch.tensor([wanted.regularization for wanted in settings])
    decays = torch.tensor([wanted.decay for wanted in settings])
    state = state or first_state(training, settings, seed)
    films, users, rates = (state[name] for name in ("films", "users", "rates"))
    stream = np.random.RandomState(seed)
    for _ in range(state["epochs"]):
        stream.permutation(len(training))  # the orders that are used up
    film, user, stars = (torch.from_numpy(column) for column in (training.films, training.users, training.stars))
    for epoch in range(state["epochs"] + 1, settings[0].sweeps + 1):
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
        keep({"epochs": epoch, "films": films, "users": users, "rates": rates})
    return [weights_of(films, users, place) for place in range(len(settings))]


def first_state(training: Ratings, settings: Sequence[Hyperparameters], seed: int) -> State:
    """Return the state before the first epoch."""
    starts = zip(*(start(training, wanted, seed) for wanted in settings), strict=True)
    films, users = (torch.stack(side, 1).float() for side in starts)  # (films or users, settings, rank)
    rates = torch.tensor([wanted.learning_rate for wanted in settings])
    return {"epochs": 0, "films": films, "users": users, "rates": rates}


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
