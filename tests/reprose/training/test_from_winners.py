import numpy as np

from reprose.base.arrays import save_groups
from reprose.base.canonical import to_pretty_json
from reprose.training.from_winners import fill, weights


def test_values_are_taken_from_the_winner_that_they_name(tmp_path):
    files = []
    for variant, rate in (("one", 0.1), ("two", 0.2)):
        files.append(tmp_path / "toy" / variant / "winner.json")
        files[-1].parent.mkdir(parents=True)
        files[-1].write_text(to_pretty_json({"rate": rate, "width": 8}))
    trials = [("epochs=3", {"epochs": 3, "rate": {"from": "toy/two/rate"}, "width": {"from": "toy/one/width"}})]
    assert fill(trials, files) == [("epochs=3", {"epochs": 3, "rate": 0.2, "width": 8})]


def test_trials_without_references_need_no_winner():
    assert fill([("single", {"rate": 0.5})], []) == [("single", {"rate": 0.5})]


def test_weights_are_taken_from_the_winner_that_they_name(tmp_path):
    file = tmp_path / "toy" / "one" / "weights.npz"
    file.parent.mkdir(parents=True)
    save_groups(file, {"1": {"line": np.ones(2)}})
    found = weights({"base": "toy/one", "rate": "toy/one/rate"}, [file], None)
    assert {name: list(arrays) for name, arrays in found.items()} == {"base": ["1|line"]}
