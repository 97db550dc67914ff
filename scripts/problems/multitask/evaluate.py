"""Evaluation of a chosen run on the test part."""

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from reprose import Arrays, Evaluation, Run
from scripts.problems.multitask.measure import measure
from scripts.problems.multitask.model import Recommender
from scripts.problems.multitask.ranking import reciprocal_ranks
from scripts.problems.multitask.ratings import Ratings, to_ratings


def evaluate(run: Run, weights: Arrays, data: Mapping[str, Arrays]) -> Evaluation:
    """Return `error` and `mrr` of the test part.

    The films of the training part are ranked last, as in the protocol. Those of the validation part are not: they stay
    in the list, where they can only lower the score of every variant alike.
    """
    training, test = (to_ratings(data[part], "cpu") for part in ("train", "test"))
    model = Recommender(training.user_rows, training.item_rows, run.settings)
    model.load_state_dict({name: torch.from_numpy(weight) for name, weight in weights.items()})
    return Evaluation(measure(model, test, training.seen()), items=_items(model, test, training.seen()))


@torch.no_grad()
def _items(model: Recommender, test: Ratings, seen: Tensor) -> dict[str, np.ndarray]:
    """Return the squared error of each test rating, and the mean reciprocal rank of each user who has any."""
    errors = (model.ratings(test.users, test.items) - test.stars).square()
    return {"error": errors.numpy(), "mrr": reciprocal_ranks(model.scores(), seen, test.users, test.items).numpy()}
