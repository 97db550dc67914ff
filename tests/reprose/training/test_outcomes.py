import numpy as np
import pytest
import torch

from reprose.base.errors import ReproseError
from reprose.config.runs import Run
from reprose.training import loop
from reprose.training.checkpoint import Checkpoint
from reprose.training.contract import Outcome, Session, measured_on
from reprose.training.outcomes import Keeper

RUN = Run("single", 1, {"rate": 0.5})
PART = {"y": np.array([1.0, 2.0, 6.0])}


def trained(outcome, folder, keep=None):
    made = Session(Checkpoint(folder))
    session = Session(made.checkpoint, made.record, made.progress, keep or made.keep)
    return loop.train([(RUN, lambda: outcome)], session)["single/1"]


def test_tensors_and_lists_become_arrays_and_plain_numbers(tmp_path):
    weights = {"w": torch.ones(2, requires_grad=True), "b": [0.5, 1], "both": [torch.ones(2), torch.zeros(2)]}
    made = trained(Outcome(weights, {"error": torch.tensor(0.5)}, {"error": [3.0, 2.0]}), tmp_path)
    assert {name: type(value) for name, value in made.weights.items()} == dict.fromkeys(weights, np.ndarray)
    assert made.weights["both"].tolist() == [[1, 1], [0, 0]]
    assert type(made.metrics["error"]) is float
    assert made.history["error"].tolist() == [3.0, 2.0]


@pytest.mark.parametrize(
    ("weights", "told"),
    [
        ({"w": [[1.0], [1.0, 2.0]]}, "run single/1: 'w' is no array of numbers or text"),
        ({"w": torch.ones(2, dtype=torch.bfloat16)}, "run single/1: 'w' is no array of numbers or text"),
        (np.ones(2), "run single/1: the fit gives an Outcome whose weights are a ndarray"),
    ],
)
def test_weights_that_are_no_arrays_are_an_error(weights, told, tmp_path):
    with pytest.raises(ReproseError, match=told):
        trained(Outcome(weights, {"error": 1.0}), tmp_path)


def test_an_outcome_without_metrics_is_measured_on_the_validation_part(tmp_path):
    def measure(run, weights, part):
        return {"error": (part["y"] - weights["mean"]) ** 2, "rate": run.values["rate"]}

    made = trained(Outcome({"mean": torch.tensor(3.0)}), tmp_path, Keeper(PART, measure))
    assert made.metrics == {"error": pytest.approx(14 / 3), "rate": 0.5}
    own = trained(Outcome({"mean": 3.0}, {"error": 1.0}), tmp_path / "own", Keeper(PART, measure))
    assert own.metrics == {"error": 1.0}


def test_what_is_measured_by_item_is_kept_by_item():
    found = measured_on(lambda run, weights, part: {"error": part["y"], "n": 3}, RUN, {}, PART)
    assert found.metrics == {"error": 3.0, "n": 3.0}
    assert list(found.items) == ["error"]


@pytest.mark.parametrize(("value", "told"), [("a", "the metric 'error' is"), ([], "the metric 'error' is")])
def test_a_metric_that_is_no_number_is_an_error(value, told):
    with pytest.raises(ReproseError, match=told):
        measured_on(lambda run, weights, part: {"error": value}, RUN, {}, PART)
    with pytest.raises(ReproseError, match=r"test_outcomes.py: <lambda> returns a float. Allowed: metrics by name"):
        measured_on(lambda run, weights, part: 1.0, RUN, {}, PART)
