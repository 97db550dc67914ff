from __future__ import annotations

import random
from typing import Literal, Self

import pytest
from pydantic import Field, model_validator

from reprose.base.canonical import to_json
from reprose.base.errors import ReproseError
from reprose.config.settings import Settings, canonical, typed


class Toy(Settings):
    rate: float = Field(gt=0)
    width: int
    shared: bool
    kind: Literal["line", "curve"]
    decay: float | None
    widths: tuple[int, ...]

    @model_validator(mode="after")
    def _widths_fit(self) -> Self:
        if any(width > self.width for width in self.widths):
            raise ValueError(f"widths are {self.widths}, expected at most width ({self.width})")
        return self


VALUES = {"rate": 0.1, "width": 4, "shared": True, "kind": "line", "decay": None, "widths": [1, 2]}
WHERE = "config.yaml: problems.toy"


def test_values_of_every_declared_type_are_read():
    found = typed(Toy, {**VALUES, "decay": 0.5}, WHERE)
    assert found == Toy(rate=0.1, width=4, shared=True, kind="line", decay=0.5, widths=(1, 2))
    assert typed(Toy, VALUES, WHERE).decay is None


def test_a_whole_number_becomes_a_decimal_where_one_is_declared():
    assert to_json(canonical(Toy, {**VALUES, "rate": 1, "decay": 0}, WHERE)) == to_json(
        canonical(Toy, {**VALUES, "rate": 1.0, "decay": 0.0}, WHERE)
    )
    assert type(typed(Toy, {**VALUES, "rate": 1}, WHERE).rate) is float


def test_canonical_values_are_plain_json_and_are_read_again_to_the_same():
    found = canonical(Toy, VALUES, WHERE)
    assert found == VALUES
    assert canonical(Toy, found, WHERE) == found


def test_every_bit_of_a_decimal_is_kept():
    stream = random.Random(1)
    for _ in range(2000):
        rate = stream.random() * 10 ** stream.randint(-300, 300)
        assert typed(Toy, {**VALUES, "rate": rate}, WHERE).rate == rate


def test_an_unknown_hyperparameter_is_an_error_that_lists_the_known():
    with pytest.raises(ReproseError, match="toy: unknown hyperparameter 'rat'. Allowed: decay, kind, rate, shared"):
        typed(Toy, {**VALUES, "rat": 1}, WHERE)


def test_a_misspelt_hyperparameter_is_told_once_with_the_one_that_was_meant():
    with pytest.raises(ReproseError) as caught:
        typed(Toy, {**{name: value for name, value in VALUES.items() if name != "rate"}, "raet": 0.5}, WHERE)
    assert str(caught.value) == (
        f"{WHERE}: unknown hyperparameter 'raet'. Did you mean 'rate'?"
        " Allowed: decay, kind, rate, shared, width, widths."
    )


def test_all_missing_hyperparameters_are_told_with_their_types():
    with pytest.raises(ReproseError) as caught:
        typed(Toy, {"width": 4, "shared": True, "widths": []}, WHERE)
    assert str(caught.value).splitlines() == [
        f"{WHERE}: the hyperparameter 'rate' (float) is missing.",
        f"{WHERE}: the hyperparameter 'kind' (Literal['line', 'curve']) is missing.",
        f"{WHERE}: the hyperparameter 'decay' (float | None) is missing.",
    ]


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("width", 4.0, "expected a valid integer"),
        ("width", True, "expected a valid integer"),
        ("width", "4", "expected a valid integer"),
        ("shared", 1, "expected a valid boolean"),
        ("rate", "fast", "expected a valid number"),
        ("rate", True, "expected a valid number"),
        ("rate", 0, "expected greater than 0"),
        ("rate", float("inf"), "expected a finite number"),
        ("kind", "dot", "expected 'line' or 'curve'"),
        ("widths", 3, "expected a valid array"),
    ],
)
def test_a_value_that_is_not_allowed_is_an_error_that_shows_it_and_what_is(name, value, allowed):
    with pytest.raises(ReproseError) as caught:
        typed(Toy, {**VALUES, name: value}, WHERE)
    assert str(caught.value) == f"{WHERE}: {name} is {value!r}, {allowed}."


def test_a_value_within_a_list_is_named_by_its_place():
    with pytest.raises(ReproseError, match=r"toy: widths\[1\] is 'b', expected a valid integer"):
        typed(Toy, {**VALUES, "widths": [1, "b"]}, WHERE)


def test_a_rule_between_values_says_what_it_says():
    with pytest.raises(ReproseError) as caught:
        typed(Toy, {**VALUES, "widths": [9]}, WHERE)
    assert str(caught.value) == f"{WHERE}: widths are (9,), expected at most width (4)."


def test_a_replaced_value_is_checked_too():
    wanted = typed(Toy, VALUES, WHERE)
    assert wanted.replace(width=5).width == 5
    with pytest.raises(ReproseError, match="Toy: rate is -1, expected greater than 0"):
        wanted.replace(rate=-1)


def test_settings_cannot_be_changed_and_can_be_compared_and_hashed():
    wanted = typed(Toy, VALUES, WHERE)
    with pytest.raises(ValueError, match="frozen"):
        wanted.width = 5
    assert {wanted, typed(Toy, VALUES, WHERE)} == {wanted}
