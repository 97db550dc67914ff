"""A part of the ratings as tensors."""

from dataclasses import dataclass

import torch
from torch import Tensor

from reprose import Arrays


@dataclass(frozen=True)
class Ratings:
    """Ratings of one part, and the sizes of the tables that its ids point into."""

    users: Tensor  # (ratings,) int64
    items: Tensor  # (ratings,) int64
    stars: Tensor  # (ratings,) float32
    user_rows: int
    item_rows: int

    def __len__(self) -> int:
        return len(self.users)

    def seen(self) -> Tensor:
        """Return which user rated which film in this part, (user_rows, item_rows)."""
        table = torch.zeros(self.user_rows, self.item_rows, dtype=torch.bool, device=self.users.device)
        table[self.users, self.items] = True
        return table


def to_ratings(arrays: Arrays, device: str) -> Ratings:
    """Return the arrays of one part of a view as tensors on `device`."""
    users, items, stars = (torch.from_numpy(arrays[name]).to(device) for name in ("users", "items", "ratings"))
    return Ratings(users, items, stars.float(), int(arrays["user_rows"]), int(arrays["item_rows"]))
