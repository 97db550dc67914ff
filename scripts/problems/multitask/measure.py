"""The two metrics of a trained recommender on held-out ratings."""

import torch
from torch import Tensor

from scripts.problems.multitask.loss import regression_error
from scripts.problems.multitask.model import Recommender
from scripts.problems.multitask.ranking import mean_reciprocal_rank
from scripts.problems.multitask.ratings import Ratings


@torch.no_grad()
def measure(model: Recommender, held_out: Ratings, seen: Tensor) -> dict[str, float]:
    """Return `error` (stars squared, ratings not clipped, lower is better) and `mrr` (0 to 1, higher is better).

    `seen` marks the pairs of the training part, (user_rows, item_rows).
    """
    error = regression_error(model.ratings(held_out.users, held_out.items), held_out.stars)
    mrr = mean_reciprocal_rank(model.scores(), seen, held_out.users, held_out.items)
    return {"error": error.item(), "mrr": mrr.item()}
