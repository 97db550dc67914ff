import pytest

from reprose.base.errors import ReproseError
from reprose.training.choosing import distinct, renamed, tabulate

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
    with pytest.raises(ReproseError, match=r"config.yaml: problems.p.select.metric is 'loss'.*Allowed: error"):
        tabulate(TRIALS, METRICS, {"metric": "loss", "better": "lower"}, "problems.p")


def test_trials_whose_values_come_to_be_equal_are_one_with_all_seeds():
    trials, labels = distinct([("single", {"rate": 1}), ("rate=1", {"rate": 1}), ("b", {"rate": 2})])
    metrics = {"single/1": {"error": 0.2}, "rate=1/2": {"error": 0.6}, "b/1": {"error": 0.3}}
    rows = tabulate(trials, renamed(metrics, labels), {"metric": "error", "better": "lower"})
    assert [(row["trial"], list(row["metrics"]), row["chosen"]) for row in rows] == [
        ("single", ["1", "2"], False),
        ("b", ["1"], True),
    ]


def test_a_seed_that_two_names_of_one_trial_have_counts_once():
    _, labels = distinct([("single", {"rate": 1}), ("rate=1", {"rate": 1})])
    assert renamed({"single/1": "first", "rate=1/1": "same"}, labels) == {"single/1": "first"}


def test_a_trial_that_diverged_with_any_seed_loses_and_its_row_says_so():
    metrics = {"a/1": {"error": 0.1}, "a/2": {"diverged": 3}, "b/1": {"error": 9.0}, "b/2": {"error": 9.0}}
    lost, won = tabulate([("a", {"rate": 9}), ("b", {"rate": 1})], metrics, {"metric": "error", "better": "lower"})
    assert (lost["chosen"], lost["mean"], lost["diverged"]) == (False, None, {"2": 3})
    assert won["chosen"] and "diverged" not in won
    with pytest.raises(ReproseError, match="every trial diverged: a. Change their settings"):
        tabulate([("a", {"rate": 9})], metrics, {"metric": "error", "better": "lower"})
