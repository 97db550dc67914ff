"""Random numbers that nobody seeded hang on the job alone, also where its training was cut off."""

import random

import numpy as np
import pytest
import torch

from problem_runs import assert_equal
from reprose.training import loop
from reprose.training.checkpoint import Checkpoint
from reprose.training.contract import Outcome, Run, Session, Trainee
from reprose.training.generators import Generators, seed


class Chance(Trainee):
    """A walk of steps that no generator of its own gives."""

    keeps = ("place",)
    epochs = 4

    def __init__(self):
        self.place = drawn()

    def epoch(self):
        self.place = self.place + drawn()
        return {"place": float(self.place.sum())}

    def outcome(self):
        return Outcome({"place": self.place}, {"place": float(self.place.sum())})


def drawn():
    """Return one number of each library."""
    return np.array([random.random(), np.random.normal(), torch.rand(1).item()])


def trained(folder, record=None, name="a"):
    random.seed(None), np.random.seed(None), torch.seed()
    made = Session(Checkpoint(folder, 0.0, lambda needed: torch), random=Generators(lambda needed: torch))
    session = Session(made.checkpoint, record or made.record, random=made.random)
    return loop.train([(Run(name, 1, {}), Chance)], session)[f"{name}/1"]


def test_a_training_by_chance_gives_the_same_bits_twice_and_others_for_another_run(tmp_path):
    whole = trained(tmp_path / "one")
    assert_equal(trained(tmp_path / "two"), whole)
    assert not np.array_equal(trained(tmp_path / "three", name="b").weights["place"], whole.weights["place"])


def test_it_gives_them_too_where_it_was_cut_off(tmp_path):
    def cut(run, epoch, metrics):
        if epoch == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        trained(tmp_path / "cut", cut)
    assert_equal(trained(tmp_path / "cut"), trained(tmp_path / "whole"))


def test_every_step_begins_with_numbers_of_its_own():
    seed("toy/plot")
    first = [random.random(), np.random.normal()]
    seed("toy/plot")
    assert [random.random(), np.random.normal()] == first
