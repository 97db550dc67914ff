"""Runs of a problem in a test: the surroundings of its training, and the comparison of what two trainings gave."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from reprose.checkpoint import Checkpoint
from reprose.experiment import Arrays, Outcome, Run, Session


def ignore(*_) -> None:
    """Watch nothing."""


def session(folder: Path, record: Callable[..., None] = ignore, interval: float = 3600.0) -> Session:
    """Return the surroundings of a job that keeps its checkpoint in `folder`."""
    return Session(Checkpoint(folder, interval), "cpu", record)


@dataclass(frozen=True)
class Problem:
    """The training of one problem, with the settings that its tests start from."""

    train: Callable[..., dict[str, Outcome]]
    wanted: Any

    def run(self, wanted: Any = None, seed: int = 1, trial: str = "single") -> Run:
        """Return a run with the settings `wanted`."""
        return Run(trial, seed, asdict(wanted or self.wanted))

    def trained(self, folder: Path, data: Mapping[str, Arrays], wanted: Any = None, seed: int = 1) -> Outcome:
        """Return what training one run gives."""
        return self.train([self.run(wanted, seed)], data, {}, session(folder))[f"single/{seed}"]


def assert_equal(one: Outcome, other: Outcome) -> None:
    """Fail unless both outcomes have the same bits."""
    for name in ("weights", "history"):
        mine, theirs = getattr(one, name), getattr(other, name)
        assert mine.keys() == theirs.keys()
        assert all(np.array_equal(mine[key], theirs[key]) for key in mine)
    assert one.metrics == other.metrics
