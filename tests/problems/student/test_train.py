"""Training and evaluation of the student problem: what is learned, kept, resumed and refused."""

import numpy as np
import pytest
import torch

from problem_runs import assert_equal
from reprose.base.errors import ReproseError
from scripts.datasets import eedi
from scripts.problems.student.answers import to_answers
from scripts.problems.student.evaluate import evaluate
from scripts.problems.student.measure import accuracy, cost, majority, measure
from student_cases import PROBLEM, RASCH, TRAITS, WANTED, run, trained


@pytest.mark.parametrize("wanted", [WANTED.replace(hidden=30, learning_rate=0.03, epochs=50), RASCH, TRAITS])
def test_every_model_learns_what_the_majority_cannot(tmp_path, wanted):
    eedi.make_sample(tmp_path, seed=6, students=200, questions=100, answers=12_000)
    data = eedi.starter_split(eedi.read(tmp_path))
    metrics = evaluate(run(wanted), trained(tmp_path, data, wanted).weights, data).metrics
    assert metrics["accuracy"] > metrics["majority"] + 0.02


def test_evaluation_predicts_as_validation_did(tmp_path, data):
    for wanted in (WANTED, RASCH, TRAITS):
        outcome = trained(tmp_path / wanted.model, data, wanted)
        metrics = evaluate(run(wanted), outcome.weights, {**data, "test": data["validation"]}).metrics
        assert metrics["accuracy"] == outcome.metrics["accuracy"]
        assert metrics["cost"] == pytest.approx(outcome.metrics["cost"], rel=1e-6)


def test_metrics_by_hand(data):
    probability, correct = torch.tensor([0.5, 0.2, 0.9, 0.4]), torch.tensor([1.0, 0.0, 0.0, 1.0])
    assert accuracy(probability, correct).item() == 0.5
    assert cost(probability, correct).item() == pytest.approx(0.25 + 0.04 + 0.81 + 0.36)
    training, held_out = to_answers(data["train"], "cpu"), to_answers(data["test"], "cpu")
    assert majority(training, held_out) == pytest.approx(data["test"]["correct"].mean())
    assert measure(held_out.correct, held_out) == {"accuracy": 1.0, "cost": 0.0}


@pytest.mark.parametrize("wanted", [WANTED, TRAITS])
def test_the_same_seed_gives_the_same_weights_and_another_does_not(tmp_path, data, wanted):
    first = trained(tmp_path / "first", data, wanted)
    assert_equal(first, trained(tmp_path / "second", data, wanted))
    other = trained(tmp_path / "third", data, wanted, seed=2)
    assert not any(np.array_equal(first.weights[name], other.weights[name]) for name in first.weights)


def test_training_leaves_the_global_random_streams_alone(tmp_path, data):
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    for wanted in (WANTED, TRAITS):
        trained(tmp_path / wanted.model, data, wanted)
    assert torch.equal(torch.rand(3), expected)


def test_a_search_stores_no_weights(tmp_path, data):
    assert trained(tmp_path, data, WANTED.replace(keep_weights=False)).weights == {}


def test_a_resumed_job_gives_the_same_bits_as_an_uninterrupted_one(tmp_path, data):
    wanted = {"short": WANTED.replace(epochs=2), "long": WANTED, "wide": WANTED.replace(hidden=9, penalty=0.1)}
    runs = [run(values, seed, trial) for trial, values in wanted.items() for seed in (1, 2)]
    runs.append(run(TRAITS, 1, "traits"))
    PROBLEM.assert_resumes(tmp_path, data, runs, (("long/2", 3), ("wide/1", 2), ("traits/1", 18)))


def test_a_cost_that_is_not_a_number_stops_the_run_at_once(tmp_path, data, monkeypatch):
    def broken(stack, student):
        return torch.full((stack.scale.numel(),), float("nan"))

    monkeypatch.setattr("scripts.problems.student.autoencoder.take_step", broken)
    with pytest.raises(ReproseError, match="run single/1, epoch 1: the metric 'cost' is nan.*learning_rate 0.1"):
        trained(tmp_path, data)


@pytest.mark.parametrize(
    ("name", "value"),
    [("model", "forest"), ("hidden", 0), ("epochs", 0), ("learning_rate", 0.0), ("penalty", -1.0), ("thinning", 3)],
)
def test_an_impossible_hyperparameter_is_an_error(name, value):
    with pytest.raises(ReproseError, match=f"{name} is {value!r}, expected "):
        WANTED.replace(**{name: value})


def test_a_penalty_that_would_turn_the_weights_round_is_an_error():
    with pytest.raises(ReproseError, match="learning_rate x penalty is 2.0, expected less than 1"):
        WANTED.replace(learning_rate=0.5, penalty=4.0)
