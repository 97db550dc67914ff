"""Mean reciprocal rank of the held-out films of each user, without a loop over users."""

import torch
from torch import Tensor

CHUNK = 128  # held-out pairs ranked at a time: their rows of scores fit the processor's cache


def mean_reciprocal_rank(scores: Tensor, seen: Tensor, users: Tensor, items: Tensor) -> Tensor:
    """Return the mean over users of the mean of 1/rank over their held-out films; from 0 to 1, higher is better.

    `scores` and `seen` are (user_rows, item_rows). All films of a user are ranked by falling score, the seen ones after
    all others; equal scores share the average of their ranks. The user's other held-out films stay in the list.
    """
    last = torch.finfo(scores.dtype).min  # finite, so that seen films are equal to each other
    reciprocal = 1 / ranks(scores.masked_fill(seen, last), users, items)
    total = torch.zeros(len(scores), dtype=torch.float64, device=scores.device).index_add_(0, users, reciprocal)
    held_out = torch.bincount(users, minlength=len(scores))
    return (total / held_out)[held_out > 0].mean()


def ranks(scores: Tensor, users: Tensor, items: Tensor) -> Tensor:
    """Return the rank of each pair among all films of its user, from 1; ties get the average rank, (pairs,)."""
    found = []
    for user, item in zip(users.split(CHUNK), items.split(CHUNK), strict=True):
        rows = scores.index_select(0, user)  # (chunk, item_rows)
        own = rows.gather(1, item[:, None])  # (chunk, 1)
        lead = (rows - own).sign_().sum(dim=1)  # films before it less films after it; exact in float32
        found.append((scores.shape[1] + 1 + lead.double()) / 2)
    return torch.cat(found)


def reciprocal_ranks(scores: Tensor, seen: Tensor, users: Tensor, items: Tensor) -> Tensor:
    """Return for each user with held-out films the mean of 1/rank over them, whose mean is the mean reciprocal rank."""
    alone = [mean_reciprocal_rank(scores, seen, users[users == user], items[users == user]) for user in users.unique()]
    return torch.stack(alone)
