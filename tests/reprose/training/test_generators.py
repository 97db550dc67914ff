"""Random numbers that nobody seeded hang on the job alone, also where its training was cut off."""

import random
from functools import partial

import numpy as np
import pytest
import torch

from problem_runs import DEVICES, assert_equal
from reprose.training import loop
from reprose.training.checkpoint import Checkpoint
from reprose.training.contract import Outcome, Run, Session, Trainee
from reprose.training.generators import Generators, seed


class Chance(Trainee):
    """A walk of steps that no generator of its own gives."""

    keeps = ("place",)
    epochs = 4

    def __init__(self, device):
        self.device = device
        self.place = drawn(device)

    def epoch(self):
        self.place = self.place + drawn(self.device)
        return {"place": float(self.place.sum())}

    def outcome(self):
        return Outcome({"place": self.place}, {"place": float(self.place.sum())})


def drawn(device):
    """Return one number of each library."""
    return np.array([random.random(), np.random.normal(), torch.rand(1, device=device).item()])


def trained(folder, device, record=None, name="a"):
    random.seed(None), np.random.seed(None), torch.seed()
    made = Session(Checkpoint(folder, 0.0, lambda needed: torch), random=Generators(lambda needed: torch))
    session = Session(made.checkpoint, record or made.record, random=made.random)
    return loop.train([(Run(name, 1, {}), partial(Chance, device))], session)[f"{name}/1"]


@pytest.mark.parametrize("device", DEVICES)
def test_a_training_by_chance_gives_the_same_bits_twice_and_others_for_another_run(tmp_path, device):
    whole = trained(tmp_path / "one", device)
    assert_equal(trained(tmp_path / "two", device), whole)
    assert not np.array_equal(trained(tmp_path / "three", device, name="b").weights["place"], whole.weights["place"])


@pytest.mark.parametrize("device", DEVICES)
def test_it_gives_them_too_where_it_was_cut_off(tmp_path, device):
    def cut(run, epoch, metrics):
        if epoch == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        trained(tmp_path / "cut", device, cut)
    assert_equal(trained(tmp_path / "cut", device), trained(tmp_path / "whole", device))


def test_every_step_begins_with_numbers_of_its_own():
    seed("toy/plot")
    first = [random.random(), np.random.normal()]
    seed("toy/plot")
    assert [random.random(), np.random.normal()] == first
