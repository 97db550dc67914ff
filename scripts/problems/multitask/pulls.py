"""How hard each task pulls at the embeddings that both share."""

from collections.abc import Sequence

import torch
from torch import Tensor

from scripts.problems.multitask.comparisons import PULLS
from scripts.problems.multitask.model import Recommender


def gradient_of(loss: Tensor, model: Recommender) -> list[Tensor]:
    """Return the gradient of `loss` by the tables of users and films; its graph can still be used."""
    return list(torch.autograd.grad(loss, tables(model), retain_graph=True))


def tables(model: Recommender) -> list[Tensor]:
    """Return the embeddings that rate films, and rank them too where they are shared."""
    return [model.users, model.items]


def compare_pulls(factorization: Sequence[Tensor], joint: Sequence[Tensor]) -> dict[str, float]:
    """Return the norms of the two weighted gradients and the cosine between them, given one of them and their sum.

    1 is a pull in the same direction, -1 in the opposite one. A gradient of zero has no direction; its cosine is 0.
    """
    of_ranking = torch.cat([part.flatten() for part in factorization]).double()
    of_rating = torch.cat([part.flatten() for part in joint]).double() - of_ranking
    norms = of_ranking.norm(), of_rating.norm()
    cosine = of_ranking @ of_rating / (norms[0] * norms[1]).clamp_min(torch.finfo(torch.float64).tiny)
    return dict(zip(PULLS, torch.stack([*norms, cosine]).tolist(), strict=True))
