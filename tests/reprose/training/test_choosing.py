import pytest

from reprose.choosing import tabulate
from reprose.errors import ReproseError

TRIALS = [("a", {"rate": 1}), ("b", {"rate": 2})]
METRICS = {"a/1": {"error": 0.2}, "a/2": {"error": 0.4}, "b/1": {"error": 0.1}, "b/2": {"error": 0.3}}


@pytest.mark.parametrize(("better", "winner"), [("lower", "b"), ("higher", "a")])
def test_the_best_mean_over_seeds_is_chosen(better, winner):
    rows = tabulate(TRIALS, METRICS, {"metric": "error", "better": better})
    assert [row["trial"] for row in rows if row["chosen"]] == [winner]
    assert rows[0]["mean"] == pytest.approx(0.3)
    assert rows[0]["std"] == pytest.approx(0.02**0.5)


def test_of_equals_the_first_is_chosen():
    metrics = {name: {"error": 0.5} for name in METRICS}
    rows = tabulate(TRIALS, metrics, {"metric": "error", "better": "lower"})
    assert [row["chosen"] for row in rows] == [True, False]


def test_a_metric_that_was_not_measured_is_an_error_that_lists_those_that_were():
    with pytest.raises(ReproseError, match="no validation metric 'loss'.*Found: error"):
        tabulate(TRIALS, METRICS, {"metric": "loss", "better": "lower"})
