import numpy as np

from reprose.numbers.cost import effort
from reprose.training.contract import Results, VariantResults


def variant(**histories):
    trials = [{"trial": "a", "metrics": {"1": {}, "2": {}}}, {"trial": "b", "metrics": {"1": {}}}]
    return VariantResults(trials, "a", {}, {}, histories, {}, {})


def test_runs_and_epochs_are_counted_over_all_variants():
    long, short = {"loss": np.zeros(7), "grid": np.zeros((3, 2))}, {"loss": np.zeros(2), "facts": np.float64(1)}
    results = Results("toy", "real", {"one": variant(a=long, b=short), "other": variant(c={})})
    found = {number.key: number.value for number in effort(results)}
    assert found == {"effort.runs": 6, "effort.epochs": 9}


def test_the_counts_come_from_the_step_that_counts():
    assert {number.source for number in effort(Results("toy", "real", {}))} == {"toy/summarize"}
