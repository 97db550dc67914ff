import numpy as np
import pytest

from reprose.base import arrays
from reprose.base.errors import ReproseError
from reprose.numbers.claims import evaluate
from reprose.numbers.intervals import crossed_interval, mean_interval
from reprose.numbers.items import kept
from reprose.numbers.registry import constant, measured, read_numbers, write_numbers

SEEDS, ITEMS = 5, 240


def tables(stream, seeds=SEEDS, items=ITEMS, seed_spread=0.02, item_spread=0.4, noise=0.2, shift=0.0):
    """Return values of items by seed, (seeds, items), about `shift`: each seed and each item has its own luck."""
    luck = stream.normal(0, seed_spread, (seeds, 1)) + stream.normal(0, item_spread, (1, items))
    return shift + luck + stream.normal(0, noise, (seeds, items))


def numbers_of(folder, variants, part="a" * 64, constants=False):
    """Return the registry of `accuracy` of some variants, name -> (seeds, items), as the steps leave and read it."""
    numbers, artifacts = [], {}
    for name, table in variants.items():
        source = f"toy/{name}/evaluate"
        samples = {seed: float(values.mean()) for seed, values in enumerate(table)}
        if constants:
            numbers.append(constant(f"{name}.accuracy", samples[0], 3, source, mean_of="accuracy"))
        else:
            numbers.append(measured(f"{name}.accuracy", samples, 3, "higher", source, mean_of="accuracy"))
        artifacts[source] = folder / f"{name}.npz"
        groups = {str(s): kept({"accuracy": v}, {"accuracy": samples[s]}, part, source) for s, v in enumerate(table)}
        arrays.save_groups(artifacts[source], groups)
    write_numbers(folder / "numbers.json", numbers)
    return read_numbers(folder / "numbers.json", artifacts)


def test_a_difference_of_one_item_is_not_shown_though_every_seed_agrees(tmp_path):
    right = np.arange(ITEMS) < 150
    better = np.arange(ITEMS) < 151  # one image more, whatever the seed
    numbers = numbers_of(tmp_path, {"a": np.tile(better, (SEEDS, 1)), "b": np.tile(right, (SEEDS, 1))})
    (found,) = evaluate("a.accuracy ? b.accuracy", numbers)
    assert found.holds
    assert found.difference.mean == pytest.approx(1 / ITEMS)
    assert found.difference.items == ITEMS
    (over_seeds,) = evaluate("a.accuracy > b.accuracy", read_numbers(tmp_path / "numbers.json"))
    assert over_seeds.holds


def test_the_items_of_a_number_in_per_cent_are_shares(tmp_path):
    right = np.arange(ITEMS) < 150
    groups = {"1": kept({"accuracy": right}, {"accuracy": right.mean()}, "a" * 64, "toy")}
    arrays.save_groups(tmp_path / "a.npz", groups)
    number = measured("a.accuracy", {1: 62.5}, 1, "higher", "toy/a/evaluate", "%", mean_of="accuracy")
    write_numbers(tmp_path / "numbers.json", [number])
    read = read_numbers(tmp_path / "numbers.json", {"toy/a/evaluate": tmp_path / "a.npz"})
    assert read["a.accuracy"].by_item(1).mean() == pytest.approx(62.5)
    assert set(read["a.accuracy"].by_item(1)) == {0, 100}


def test_what_both_get_right_or_wrong_item_by_item_does_not_count(tmp_path):
    stream = np.random.default_rng(1)
    hard = stream.normal(0, 5, (1, ITEMS))
    first, second = (hard + stream.normal(mean, 0.1, (SEEDS, ITEMS)) for mean in (0.1, 0.0))
    (found,) = evaluate("a.accuracy > b.accuracy", numbers_of(tmp_path, {"a": first, "b": second}))
    assert found.holds
    assert found.difference.high - found.difference.low < 0.1


def test_variants_with_other_test_parts_are_not_paired_item_by_item(tmp_path):
    stream = np.random.default_rng(1)
    hard = stream.normal(0, 5, (1, ITEMS))
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    first = numbers_of(tmp_path / "one", {"a": hard + stream.normal(0.1, 0.1, (SEEDS, ITEMS))}, "a" * 64)
    second = numbers_of(tmp_path / "two", {"b": hard + stream.normal(0.0, 0.1, (SEEDS, ITEMS))}, "b" * 64)
    (found,) = evaluate("a.accuracy ? b.accuracy", first | second)
    assert found.holds


@pytest.mark.parametrize("seeds", [2, 3, 5])
@pytest.mark.parametrize("seed_spread", [0.0, 0.02, 0.2])
def test_an_interval_over_seeds_and_items_holds_the_truth_as_often_as_it_says(seeds, seed_spread):
    stream = np.random.default_rng(3)
    intervals = [crossed_interval(tables(stream, seeds, 60, seed_spread)) for _ in range(400)]
    missed = np.mean([not low < 0 < high for low, high in intervals])
    assert missed < 0.08  # 5 % and what 400 tries leave open


def test_an_interval_over_seeds_alone_misses_the_truth_where_items_vary():
    stream = np.random.default_rng(3)
    means = [tables(stream, 5, 60).mean(axis=1) for _ in range(400)]
    assert np.mean([not low < 0 < high for low, high in map(mean_interval, means)]) > 0.3


def test_the_interval_of_a_number_covers_its_items(tmp_path):
    stream = np.random.default_rng(2)
    number = numbers_of(tmp_path, {"a": tables(stream, seed_spread=0.0)})["a.accuracy"]
    low, high = mean_interval(number.samples.values())
    assert number.high - number.low > 3 * (high - low)
    assert number.value == pytest.approx((number.low + number.high) / 2)


def test_a_comparison_with_a_constant_covers_the_items(tmp_path):
    numbers = numbers_of(tmp_path, {"a": np.tile(np.arange(ITEMS) < 150, (SEEDS, 1))})
    assert [evaluate(f"a.accuracy {relation}", numbers)[0].holds for relation in ("? 0.62", "< 0.9")] == [True, True]


def test_two_fits_without_chance_are_told_apart_by_their_items_alone(tmp_path):
    stream = np.random.default_rng(4)
    made = {"a": stream.random((1, ITEMS)) < 0.6, "b": stream.random((1, ITEMS)) < 0.5, "c": np.ones((1, ITEMS))}
    numbers = numbers_of(tmp_path, made, constants=True)
    relations = ("a.accuracy ? b.accuracy", "a.accuracy < c.accuracy")
    assert [evaluate(relation, numbers)[0].holds for relation in relations] == [True, True]
    assert evaluate("a.accuracy > b.accuracy", read_numbers(tmp_path / "numbers.json"))[0].holds


def test_a_number_in_per_cent_is_a_hundred_times_its_items(tmp_path):
    numbers = numbers_of(tmp_path, {"a": np.tile(np.arange(ITEMS) < 150, (SEEDS, 1))})
    percent = measured("a", dict.fromkeys(range(SEEDS), 62.5), 1, "higher", "toy/a/evaluate", "%", "accuracy")
    write_numbers(tmp_path / "percent.json", [percent])
    found = read_numbers(tmp_path / "percent.json", {"toy/a/evaluate": numbers["a.accuracy"].items.artifacts})["a"]
    assert found.low == pytest.approx(100 * numbers["a.accuracy"].low)


def test_items_whose_mean_is_not_the_metric_are_refused():
    with pytest.raises(ReproseError, match=r"toy: the metric 'accuracy' is 0.5, but the mean of its items is 0.25"):
        kept({"accuracy": np.array([0, 0, 0, 1])}, {"accuracy": 0.5}, "", "toy")
    with pytest.raises(ReproseError, match=r"toy: the items of 'speed' have shape \(1,\).* metrics accuracy"):
        kept({"speed": np.zeros(1)}, {"accuracy": 0.5}, "", "toy")


def test_a_number_that_is_not_the_mean_of_the_items_it_names_is_refused(tmp_path):
    numbers = numbers_of(tmp_path, {"a": np.tile(np.arange(ITEMS) < 150, (SEEDS, 1))})
    text = (tmp_path / "numbers.json").read_text().replace("0.625", "62.5")
    (tmp_path / "numbers.json").write_text(text)
    percent = read_numbers(tmp_path / "numbers.json", {"toy/a/evaluate": numbers["a.accuracy"].items.artifacts})
    with pytest.raises(ReproseError, match="'a.accuracy' is 62.5 for seed 0, but the mean of the items"):
        evaluate("a.accuracy > 50", percent)
