"""The random numbers that code takes from Python, NumPy and torch without a generator of its own.

They are seeded by the job and kept in checkpoints, so that a result does not hang on chance. A generator that is made
without a seed, as by `np.random.default_rng()`, is beyond reach; `reprose verify` finds what it changes.
"""

import random
from collections.abc import Mapping
from typing import Any

import numpy as np

from reprose.base.canonical import text_digest
from reprose.training.checkpoint import Package, without


def seed(name: str) -> None:
    """Begin the random numbers of Python and NumPy for a job, which differ from those of any other name."""
    random.seed(_number(name))
    np.random.seed(_number(name))


class Generators:
    """The random numbers of one training job, also those of torch, and of its GPU, where the problem has loaded it.

    `torch` returns that package: where it is not needed only if it is imported already.
    """

    def __init__(self, torch: Package = without) -> None:
        self.torch = torch

    def seed(self, name: str) -> None:
        """Begin the random numbers of one training, which differ from those of any other name."""
        seed(name)
        if torch := self.torch(False):
            torch.manual_seed(_number(name))

    def state(self) -> dict[str, Any]:
        """Return where the random numbers have come to, as a checkpoint can hold it."""
        kind, keys, *rest = np.random.get_state()
        found: dict[str, Any] = {"python": random.getstate(), "numpy": (kind, keys, *rest)}
        if torch := self.torch(False):
            found["torch"] = torch.get_rng_state()
            if torch.cuda.is_initialized():  # else no number was drawn there
                found["cuda"] = torch.cuda.get_rng_state()
        return found

    def restore(self, saved: Mapping[str, Any]) -> None:
        """Go on from what `state` returned."""
        random.setstate(saved["python"])
        np.random.set_state(saved["numpy"])
        if "torch" in saved:
            self.torch(True).set_rng_state(saved["torch"])
        if "cuda" in saved:
            self.torch(True).cuda.set_rng_state(saved["cuda"])


def _number(name: str) -> int:
    return int(text_digest(name)[:8], 16)  # NumPy takes 32 bits
