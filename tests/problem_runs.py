"""Runs of a problem in a test: the surroundings of its training, and the comparison of what two trainings gave."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from reprose.config.settings import Settings
from reprose.training import determinism, loop
from reprose.training.checkpoint import Checkpoint
from reprose.training.contract import Arrays, Outcome, Run, Session, Trainings

DEVICE = os.environ.get("REPROSE_TEST_DEVICE", "cpu")  # cuda: the tests of all problems train on a GPU
if DEVICE == "cuda":
    determinism.settle()
NEEDS_GPU = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU here")
DEVICES = ["cpu", pytest.param("cuda", marks=NEEDS_GPU)]


def ignore(*_) -> None:
    """Watch nothing."""


def session(folder: Path, record: Callable[..., None] = ignore, interval: float = 3600.0) -> Session:
    """Return the surroundings of a job that keeps its checkpoint in `folder`."""
    return Session(Checkpoint(folder, interval, lambda needed: torch), record)


@dataclass(frozen=True)
class Problem:
    """The training of one problem, with the settings that its tests start from."""

    trainings: Callable[..., Trainings]
    wanted: Any

    def run(self, wanted: Settings | None = None, seed: int = 1, trial: str = "single") -> Run:
        """Return a run with the settings `wanted`."""
        settings = wanted or self.wanted
        return Run(trial, seed, settings.model_dump(mode="json"), settings)

    def train(
        self,
        runs: Sequence[Run],
        data: Mapping[str, Arrays],
        surroundings: Session,
        used: Mapping[str, Arrays] | None = None,
    ) -> dict[str, Outcome]:
        """Return what training `runs` gives, through the engine's loop."""
        return loop.train(self.trainings(runs, data, used or {}, DEVICE), surroundings)

    def trained(self, folder: Path, data: Mapping[str, Arrays], wanted: Any = None, seed: int = 1) -> Outcome:
        """Return what training one run gives."""
        return self.train([self.run(wanted, seed)], data, session(folder))[f"single/{seed}"]

    def assert_resumes(
        self, folder: Path, data: Mapping[str, Arrays], runs: Sequence[Run], cuts: Iterable[tuple[str, int]]
    ) -> None:
        """Interrupt the training of `runs` at each (run, epoch); fail unless what goes on gives the same bits."""
        whole = self.train(runs, data, session(folder / "whole"))
        for cut in cuts:

            def interrupt(name, epoch, metrics, cut=cut):
                if (name, epoch) == cut:
                    raise KeyboardInterrupt

            place = folder / f"{cut[0]} {cut[1]}"
            with pytest.raises(KeyboardInterrupt):
                self.train(runs, data, session(place, interrupt, interval=0.0))
            done = []
            kept = session(place, lambda name, epoch, metrics, done=done: done.append((name, epoch)), interval=0.0)
            resumed = self.train(runs, data, kept)
            assert min(epoch for name, epoch in done if name == cut[0]) == cut[1]  # the cut came before it was saved
            for name in whole:
                assert_equal(resumed[name], whole[name])


def assert_equal(one: Outcome, other: Outcome) -> None:
    """Fail unless both outcomes have the same bits."""
    for name in ("weights", "history"):
        mine, theirs = getattr(one, name), getattr(other, name)
        assert mine.keys() == theirs.keys()
        assert all(mine[key].dtype == theirs[key].dtype and np.array_equal(mine[key], theirs[key]) for key in mine)
    assert one.metrics == other.metrics
