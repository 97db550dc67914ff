"""Hyperparameters of a plan are checked when the configuration is read."""

from dataclasses import dataclass
from types import SimpleNamespace

import pytest

from reprose.base.errors import ReproseError
from reprose.commands import snakefile
from reprose.config import loading
from reprose.config.experiments import expand


@dataclass(frozen=True)
class Hyperparameters:
    rate: float

    def __post_init__(self):
        if self.rate <= 0:
            raise ReproseError(f"rate is {self.rate}, expected more than 0")


def plan(reference, rate=0.5):
    blocks = {"all": {"seeds": [[1, 1]]}}
    variants = {
        "plain": {"view": "half", "hyperparameters": {"rate": rate}, "blocks": blocks},
        "heir": {"view": "half", "uses": {"rate": reference}, "blocks": blocks},
        "grandchild": {"view": "half", "uses": {"rate": "toy/heir/rate"}, "blocks": blocks},
    }
    select = {"metric": "error", "better": "lower"}
    return expand(
        {
            "compute": {"threads": 1, "device": "cpu"},
            "datasets": {"numbers": {}},
            "views": {"half": {"dataset": "numbers", "split": "halve", "values": {}, "test": True}},
            "problems": {"toy": {"select": select, "hyperparameters": {}, "variants": variants}},
        },
        "real",
    )


@pytest.fixture(autouse=True)
def problem(monkeypatch):
    monkeypatch.setattr(loading, "problem", lambda name, stage: SimpleNamespace(Hyperparameters=Hyperparameters))


def test_a_value_taken_from_a_winner_need_not_be_legal_as_zero():
    snakefile._check_hyperparameters(plan("toy/plain/rate"))


def test_an_illegal_value_is_an_error():
    with pytest.raises(ReproseError, match="rate is -1.0"):
        snakefile._check_hyperparameters(plan("toy/plain/rate", rate=-1.0))


def test_a_reference_to_an_unknown_hyperparameter_names_the_known_ones():
    message = "variants.heir.uses: 'toy/plain/speed' is no hyperparameter. Allowed: rate"
    with pytest.raises(ReproseError, match=message):
        snakefile._check_hyperparameters(plan("toy/plain/speed"))
