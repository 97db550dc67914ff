import time

import pytest

from reprose.steps import epochs
from reprose.steps.epochs import Epochs, reached

NAME = "toy/plain/first_1_2/train"


@pytest.fixture(autouse=True)
def folder(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)


def test_how_far_a_training_has_come_is_read_while_it_runs():
    assert reached(NAME) == ""
    told = Epochs(NAME)
    told.tell("rate=0.1/2", 3, 20)
    assert reached(NAME) == "rate=0.1/2: epoch 3 of 20"
    told.end()
    assert reached(NAME) == ""


def test_a_training_that_does_not_know_its_epochs_tells_what_is_done():
    Epochs(NAME).tell("rate=0.1/2", 3, None)
    assert reached(NAME) == "rate=0.1/2: epoch 3"


def test_short_epochs_are_not_all_written_and_cost_next_to_nothing():
    told = Epochs(NAME)
    began = time.process_time()
    for epoch in range(100_000):
        told.tell("rate=0.1/2", epoch, 100_000)
    assert time.process_time() - began < 1.0
    assert reached(NAME) == "rate=0.1/2: epoch 0 of 100000"


def test_a_file_that_is_half_written_or_cannot_be_written_is_no_error(tmp_path):
    told = Epochs(NAME)
    epochs.RUNNING.mkdir(parents=True)
    for text in ("", '["a", 1', "[1]", "3"):
        told.path.write_text(text)
        assert reached(NAME) == ""
    told.path.unlink()
    told.path.mkdir()
    told.tell("a", 1, 2)
    told.end()


def test_what_killed_steps_left_is_swept():
    Epochs(NAME).tell("a", 1, 2)
    epochs.sweep()
    assert reached(NAME) == ""
