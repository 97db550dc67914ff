from reprose.base.canonical import to_pretty_json
from reprose.training.from_winners import fill


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
