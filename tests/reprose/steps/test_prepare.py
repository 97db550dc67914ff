"""What a split may return."""

import numpy as np
import pytest

from reprose.base.errors import ReproseError
from reprose.steps.prepare import check_parts, checked_table

ROWS, NO_ROWS = {"x": np.ones((3, 2)), "size": np.array(3)}, {"x": np.ones((0, 2)), "size": np.array(0)}


def key(test):
    return {"view": "all", "dataset": "line", "split": "halves", "values": {"share": 1}, "test": test}


@pytest.mark.parametrize("empty", [NO_ROWS, {}, {"size": np.array(3)}])
def test_a_part_without_rows_or_without_arrays_is_empty(empty):
    check_parts({"train": ROWS, "validation": empty, "test": empty}, key(test=False))
    with pytest.raises(ReproseError, match="views.all.test is True, but the split 'halves' leaves 0 test rows"):
        check_parts({"train": ROWS, "validation": empty, "test": empty}, key(test=True))
    with pytest.raises(ReproseError, match=r"views.all: the split 'halves' leaves no training rows, .*'share': 1"):
        check_parts({"train": empty, "validation": ROWS, "test": ROWS}, key(test=True))


def test_a_test_part_that_was_denied_is_an_error():
    check_parts(dict.fromkeys(("train", "validation", "test"), ROWS), key(test=True))
    with pytest.raises(ReproseError, match="views.all.test is False, but the split 'halves' leaves 3 test rows"):
        check_parts(dict.fromkeys(("train", "validation", "test"), ROWS), key(test=False))


@pytest.mark.parametrize(
    ("parts", "missing"),
    [
        (None, "train"),
        ((ROWS, ROWS, ROWS), "train"),
        ({"train": ROWS, "test": ROWS}, "validation"),
        ({"train": ROWS, "validation": ROWS, "test": None}, "test"),
    ],
)
def test_a_part_that_is_missing_is_an_error_that_says_what_is_allowed(parts, missing):
    with pytest.raises(ReproseError, match=f"scripts/datasets/line.py returns no part '{missing}'. Allowed: a dict"):
        check_parts(parts, key(test=True))


@pytest.mark.parametrize(("table", "found"), [(None, r"nothing \(None\)"), ((ROWS, ROWS), "a tuple")])
def test_raw_files_that_are_read_as_no_columns_are_an_error(table, found):
    with pytest.raises(ReproseError, match=f"scripts/datasets/line.py: read returns {found}. Allowed: arrays by name"):
        checked_table(table, key(test=True))
