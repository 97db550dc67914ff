from dataclasses import replace

import numpy as np

from reprose.numbers.registry import Table, Text, constant, measured
from reprose.numbers.summary import summarize, trials
from reprose.training.contract import Parts, Results, VariantResults


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


def test_a_sweep_is_a_table_of_what_differs_between_its_trials():
    def trial(rate, **more):
        return {"values": {"rate": rate, "width": 4}, "chosen": False, "metrics": {"1": {"error": 0.5}}, **more}

    rows = [trial(0.1), trial(0.01, chosen=True), trial(9.0, metrics={"1": {"diverged": 2}}, diverged={"1": 2})]
    made = trials("sweep", replace(variant({}, {}), trials=rows), "toy/one/choose", "error", "lower")
    assert made.columns == ("rate", "error", "")
    assert [[getattr(cell, "value", cell) for cell in row] for row in made.rows] == [
        [0.1, 0.5, ""],
        [0.01, 0.5, "chosen"],
        [9.0, "diverged", ""],
    ]


def test_of_a_view_there_are_its_rows_and_the_columns_that_hold_numbers():
    train = {"x": np.array([1.0, 3.0]), "name": np.array(["a", "b"]), "odd": np.array([1, np.inf]), "size": np.array(2)}
    views = {"all": Parts({"train": train, "validation": {"x": np.array([])}})}
    *rows, table = summarize(Results("look", "real", {}, views), {})
    assert [(item.key, item.value, item.source) for item in rows] == [
        ("all.train.rows", 2, "views/all/prepare"),
        ("all.validation.rows", 0, "views/all/prepare"),
    ]
    ((label, *cells),) = table.rows
    assert (table.key, table.columns, label) == ("all.columns", ("", "mean", "std", "least", "most"), "x")
    assert [cell.value for cell in cells] == [2.0, 1.0, 1.0, 3.0]
    assert {cell.digits for cell in cells} == {2}
