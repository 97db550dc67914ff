"""One training run, as config.yaml asks for it; in a file of its own, so that training depends on nothing else here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Run:
    """One training run: a trial (one setting of the hyperparameters) with one seed."""

    trial: str  # label of the trial: all keys of its grid, such as "learning_rate=0.01,rank=8"
    seed: int
    values: Mapping[str, Any]  # hyperparameters, in full, as config.yaml gives them
    settings: Any = None  # the same as the problem's class of settings, where a run is trained or evaluated

    @property
    def name(self) -> str:
        """Return the key of this run in histories, weights and metrics."""
        return f"{self.trial}/{self.seed}"
