import numpy as np

from reprose.numbers.registry import Table, Text, constant, measured
from reprose.numbers.summary import summarize
from reprose.training.contract import Results, VariantResults


def variant(values, test):
    return VariantResults(
        trials=[],
        winner="single",
        values=values,
        metrics={1: {"Error": 0.25}, 2: {"Error": 0.75}},
        histories={},
        test=test,
        artifacts={seed: {"items/Error": np.ones(2)} for seed in test},
    )


def test_every_metric_and_each_setting_of_every_variant_is_a_number():
    values = {"rate": 0.001, "name": "adam", "widths": [3, 4], "bias": True, "stop": None}
    variants = {"one": variant(values, {1: {"Error": 12.0}, 2: {"Error": 14.0}}), "two": variant({}, {})}
    *items, table = summarize(Results("toy", "sample", variants), {"metric": "Error", "better": "lower"})
    test = measured("one.test.error", {1: 12.0, 2: 14.0}, 1, "lower", "toy/one/evaluate", mean_of="Error")
    validation = [
        measured(f"{name}.validation.error", {1: 0.25, 2: 0.75}, 3, "lower", f"toy/{name}/choose") for name in variants
    ]
    source = "toy/one/choose"
    texts = {"name": "adam", "widths": "3, 4", "bias": "yes", "stop": "none"}
    settings = [constant("one.rate", 0.001, 3, source), *(Text(f"one.{k}", v, source) for k, v in texts.items())]
    assert items == [test, validation[0], *settings, validation[1]]
    rows = (("one", test, validation[0]), ("two", "--", validation[1]))
    assert table == Table("variants", ("variant", "test error", "validation error"), rows, "toy/summarize", 1)
