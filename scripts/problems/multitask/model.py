"""The two-task recommender: ranking scores by matrix factorization, ratings by a small network."""

import torch
from torch import Tensor, nn

from scripts.problems.multitask.hyperparameters import Hyperparameters

CHUNK = 4096  # pairs rated at a time: their activations fit the processor's cache, which is 1.6 times as fast
GATHERING = 80  # cost of gathering the embeddings of one pair, in cells of the whole table of scores


class Recommender(nn.Module):
    """Embeddings of users and films, one pair for both tasks or one for each, with the heads of both tasks."""

    def __init__(self, user_rows: int, item_rows: int, wanted: Hyperparameters) -> None:
        super().__init__()
        # The order of the draws fixes torch's random stream: ratings, then ranking, then the network.
        self.users = _embedding(user_rows, wanted.rank)
        self.items = _embedding(item_rows, wanted.rank)
        self.ranking_users = None if wanted.shared else _embedding(user_rows, wanted.rank)
        self.ranking_items = None if wanted.shared else _embedding(item_rows, wanted.rank)
        self.user_biases = nn.Parameter(torch.zeros(user_rows, 1))
        self.item_biases = nn.Parameter(torch.zeros(item_rows, 1))
        self.hidden = nn.Linear(3 * wanted.rank, wanted.hidden)
        self.output = nn.Linear(wanted.hidden, 1)

    def scores(self) -> Tensor:
        """Return the ranking score of every pair, (user_rows, item_rows)."""
        users, items = self._ranking_embeddings()
        return torch.addmm(self.item_biases.T, users, items.T) + self.user_biases

    def margins(self, users: Tensor, positives: Tensor, negatives: Tensor) -> Tensor:
        """Return by how much the score of each positive exceeds that of its user's negative, (pairs,)."""
        all_users, all_items = self._ranking_embeddings()
        width = len(all_items)
        if GATHERING * len(users) > len(all_users) * width:  # many pairs: all scores at once cost less
            cells = self.scores().flatten()
            return cells.index_select(0, users * width + positives) - cells.index_select(0, users * width + negatives)
        apart = all_items.index_select(0, positives) - all_items.index_select(0, negatives)  # (pairs, rank)
        biases = self.item_biases.index_select(0, positives) - self.item_biases.index_select(0, negatives)
        return (all_users.index_select(0, users) * apart).sum(dim=1) + biases.squeeze(1)  # the user's bias cancels

    def ratings(self, users: Tensor, items: Tensor) -> Tensor:
        """Return the predicted ratings of pairs in stars, not clipped, (pairs,)."""
        if 2 * len(users) < len(self.users) + len(self.items):  # few pairs: their own products cost less than tables
            user, item = self.users.index_select(0, users), self.items.index_select(0, items)  # (pairs, rank)
            return self.output(self.hidden(torch.cat([user, item, user * item], dim=1)).relu_()).squeeze(1)
        # The first layer acts on [u, q, u*q]: its parts on u and q are computed once per user and film, not per pair.
        on_user, on_item, on_product = self.hidden.weight.split(self.users.shape[1], dim=1)  # (hidden, rank) each
        user_part = torch.addmm(self.hidden.bias, self.users, on_user.T)  # (user_rows, hidden)
        item_part = self.items @ on_item.T  # (item_rows, hidden)
        rated = []
        for user, item in zip(users.split(CHUNK), items.split(CHUNK), strict=True):
            product = self.users.index_select(0, user) * self.items.index_select(0, item)  # (chunk, rank)
            parts = user_part.index_select(0, user) + item_part.index_select(0, item)  # (chunk, hidden)
            rated.append(self.output(torch.addmm(parts, product, on_product.T).relu_()))
        return torch.cat(rated).squeeze(1)

    def _ranking_embeddings(self) -> tuple[Tensor, Tensor]:
        if self.ranking_users is None or self.ranking_items is None:
            return self.users, self.items
        return self.ranking_users, self.ranking_items


def _embedding(rows: int, rank: int) -> nn.Parameter:
    return nn.Parameter(torch.empty(rows, rank).normal_(0, 1 / rank))
