from dataclasses import dataclass

import pytest

from reprose.errors import ReproseError
from reprose.experiment import check_finite, settings


@dataclass(frozen=True)
class Toy:
    rate: float
    width: int
    shared: bool


VALUES = {"rate": 0.1, "width": 4, "shared": True}


def test_values_fill_the_dataclass_and_whole_numbers_may_stand_for_decimals():
    assert settings(Toy, {**VALUES, "rate": 1}, "here") == Toy(1.0, 4, True)


def test_an_unknown_hyperparameter_is_an_error_that_lists_the_known():
    with pytest.raises(ReproseError, match="here: unknown hyperparameter 'rat'. Allowed: rate, shared, width"):
        settings(Toy, {**VALUES, "rat": 1}, "here")


def test_a_missing_hyperparameter_is_an_error():
    with pytest.raises(ReproseError, match="here: the hyperparameter 'rate' .float. is missing"):
        settings(Toy, {"width": 4, "shared": True}, "here")


@pytest.mark.parametrize(("name", "value"), [("width", 4.0), ("width", True), ("shared", 1), ("rate", "fast")])
def test_an_ill_typed_hyperparameter_is_an_error_that_shows_it(name, value):
    with pytest.raises(ReproseError, match=f"here: '{name}' is {value!r}"):
        settings(Toy, {**VALUES, name: value}, "here")


def test_a_metric_that_is_no_number_is_an_error_that_names_it():
    with pytest.raises(ReproseError, match="toy, run a/1: the metric 'error' is nan, expected a finite number"):
        check_finite({"loss": 1.0, "error": float("nan")}, "toy, run a/1")
