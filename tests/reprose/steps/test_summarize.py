"""What `summarize` of a problem may return."""

import pytest

from reprose.base.errors import ReproseError
from reprose.numbers.registry import constant
from reprose.steps.summarize import checked

NUMBER = constant("rows", 3, 0, "toy/summarize")


def test_numbers_are_taken_also_one_by_one():
    assert checked((item for item in [NUMBER]), "summary.py: summarize") == [NUMBER]


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (None, r"returns nothing \(None\). Allowed: a list of what"),
        ({"rows": NUMBER}, "returns a dict. Allowed"),
        (NUMBER, "returns a Number. Allowed"),
        ([NUMBER, 0.5], "returns a float at place 1. Allowed"),
        ([None], r"returns nothing \(None\) at place 0"),
    ],
)
def test_what_are_no_numbers_is_told(made, told):
    with pytest.raises(ReproseError, match=f"summary.py: summarize {told}"):
        checked(made, "summary.py: summarize")
