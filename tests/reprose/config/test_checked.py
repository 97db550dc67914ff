from types import SimpleNamespace

import pytest
from pydantic import Field

from reprose.base.errors import ReproseError
from reprose.config import loading
from reprose.config.checked import checked
from reprose.config.experiments import expand
from reprose.config.settings import Settings


class Hyperparameters(Settings):
    rate: float = Field(gt=0)
    width: int


@pytest.fixture(autouse=True)
def problem(monkeypatch):
    """Let every problem have these hyperparameters."""
    monkeypatch.setattr(loading, "problem", lambda name, stage: SimpleNamespace(Hyperparameters=Hyperparameters))


def values_of(blocks, uses=None, **shared):
    """Return the values of each trial of a variant, by label."""
    hyperparameters = {"rate": 0.5, "width": 4, **shared}
    variant = {"view": "all", "blocks": blocks}
    heir = {"heir": {"view": "all", "blocks": {"main": {"seeds": [[1, 1]]}}, "uses": uses}} if uses else {}
    table = {
        "compute": {"threads": 1, "device": "cpu"},
        "datasets": {"line": {"sample": {"seed": 1}}},
        "views": {"all": {"dataset": "line", "split": "halves", "values": {}, "test": True}},
        "problems": {
            "toy": {
                "select": {"metric": "error", "better": "lower"},
                "hyperparameters": hyperparameters,
                "variants": {"plain": variant, **heir},
            }
        },
    }
    made = checked(expand(table, "real"))
    runs = made.variant("toy", "heir" if uses else "plain").batches.values()
    return {run.trial: run.values for batch in runs for run in batch}


def test_a_whole_number_for_a_decimal_is_the_same_setting():
    assert repr(values_of({"main": {"seeds": [[1, 1]]}}, rate=1)) == "{'single': {'rate': 1.0, 'width': 4}}"


def test_one_setting_written_in_two_ways_is_refused_where_a_seed_is_given_twice():
    with pytest.raises(ReproseError, match=r"seed 1 of 'rate=1.0' is given twice .first as 'rate=1'"):
        values_of({"main": {"grid": {"rate": [1, 1.0]}, "seeds": [[1, 1]]}})


def test_a_value_that_does_not_fit_is_refused_with_its_place():
    with pytest.raises(ReproseError, match=r"config.yaml: problems.toy.variants.plain: width is 4.5, expected"):
        values_of({"main": {"seeds": [[1, 1]]}}, width=4.5)


def test_a_reference_stays_one_and_must_name_a_hyperparameter():
    blocks = {"main": {"seeds": [[1, 1]]}}
    assert values_of(blocks, {"rate": "toy/plain/rate"}) == {"single": {"rate": {"from": "toy/plain/rate"}, "width": 4}}
    with pytest.raises(ReproseError, match="'toy/plain/depth' is no hyperparameter. Allowed: rate, width"):
        values_of(blocks, {"rate": "toy/plain/depth"})


def test_a_value_taken_over_two_winners_is_checked_by_what_the_first_may_have():
    blocks = {"main": {"seeds": [[1, 1]]}}
    with pytest.raises(ReproseError, match="rate is -1.0"):
        values_of(blocks, {"rate": "toy/plain/rate"}, rate=-1.0)
