from collections import Counter

import numpy as np
import pytest

from reprose.base.errors import ReproseError
from reprose.numbers.claims import Claim, comparison_text, difference_text, evaluate, explain, holds
from reprose.numbers.registry import constant, measured

NOISE = np.random.default_rng(3).normal(0, 0.1, size=10)


def number(key, value, noise):
    return measured(key, {seed: value + shift for seed, shift in enumerate(noise)}, 3, "lower", "toy/small/choose")


NUMBERS = {
    "small.error": number("small.error", 0.5, NOISE),
    "large.error": number("large.error", 0.4, NOISE + 0.01 * np.sin(range(10))),
    "other.error": number("other.error", 0.5, np.roll(NOISE, 3)),
    "lone.error": measured("lone.error", {1: 0.1}, 3, "lower", "toy/lone/choose"),
    "rank": constant("rank", 32, 0, "toy/summarize"),
    "sum": constant("sum", 0.1 + 0.2, 2, "toy/summarize"),
    "users": constant("users", 943, 0, "toy/summarize"),
}


@pytest.mark.parametrize(
    "relation",
    [
        "large.error < small.error",
        "small.error > large.error",
        "small.error ~ other.error within 0.2",
        "small.error ? other.error",
        "small.error < 0.9",
        "1e3 > small.error",
        "rank < users",
        "rank = 32",
        "sum = 0.3",
        "small.error = small.error",
        "large.error < small.error and small.error ? other.error and rank > 31",
        "lone.error ? small.error",
    ],
)
def test_a_true_relation_holds(relation):
    assert holds(relation, NUMBERS)


@pytest.mark.parametrize(
    ("relation", "verdict"),
    [
        ("small.error < large.error", "reversed"),
        ("small.error < other.error", "not shown"),
        ("small.error ~ other.error within 0.02", "not shown"),
        ("small.error ~ large.error within 0.05", "differs"),
        ("small.error ? large.error", "differs"),
        ("small.error = other.error", "not shown"),
        ("lone.error < small.error", "one seed: untested"),
        ("lone.error ~ small.error within 9", "one seed: untested"),
        ("rank > users", "reversed"),
    ],
)
def test_a_false_relation_says_what_is_found_instead(relation, verdict):
    (comparison,) = evaluate(relation, NUMBERS)
    assert not comparison.holds
    assert comparison.verdict == verdict


def test_one_false_part_makes_the_whole_false():
    assert not holds("large.error < small.error and small.error < large.error", NUMBERS)


@pytest.mark.parametrize("relation", ["small.error", "small.error == rank", "a < b < c", "small.error<rank", ""])
def test_a_relation_that_cannot_be_read_is_an_error(relation):
    with pytest.raises(ReproseError, match="not understood"):
        evaluate(relation, NUMBERS)


@pytest.mark.parametrize(
    "relation", ["small.error ~ other.error", "small.error < rank within 1", "rank ~ 32 within 0", "rank ~ 3 within x"]
)
def test_only_equality_within_a_margin_has_a_margin(relation):
    with pytest.raises(ReproseError, match=r"found (no|the) margin.*Say from what difference on it would matter"):
        evaluate(relation, NUMBERS)


def test_two_seeds_of_models_that_differ_by_two_standard_deviations_are_seldom_called_equal():
    generator = np.random.default_rng(1)
    found = Counter()
    for _ in range(1000):
        first, second = generator.normal([[0.0], [2.0]], 1.0, size=(2, 2))
        pair = {"a": number("a", 0, first), "b": number("b", 0, second)}
        found[evaluate("a ~ b within 1", pair)[0].found] += 1
    assert found["~"] < 50
    assert found["?"] > 600


def test_the_margin_is_held_at_five_per_cent_where_the_difference_equals_it():
    generator = np.random.default_rng(2)
    equal = 0
    for _ in range(2000):
        noise = generator.normal(0, 0.3, size=(2, 8))
        pair = {"a": number("a", 0.0, noise[0]), "b": number("b", 1.0, noise[1])}
        equal += evaluate("a ~ b within 1", pair)[0].found == "~"
    assert equal < 0.05 * 2000


def test_of_few_seeds_the_values_are_told_and_no_interval():
    few = {
        "a": number("a", 0.5, [0.0, 0.01, 0.02]),
        "b": number("b", 0.4, [0.0, 0.0, 0.0]),
    }
    (comparison,) = evaluate("a > b", few)
    assert comparison.holds
    assert "0.10" in difference_text(comparison)
    assert "[" not in difference_text(comparison)
    assert "from 0.10000 to 0.12000, 3 seeds" in explain(Claim("A", evaluate("a < b", few)))


def test_an_unknown_key_is_an_error():
    with pytest.raises(ReproseError, match=r"no number 'smal.error'"):
        evaluate("smal.error < rank", NUMBERS)


def test_the_explanation_of_a_false_claim_gives_both_values():
    claim = Claim("Small is better", evaluate("small.error < large.error", NUMBERS))
    assert "small.error is 0.489" in explain(claim)
    assert "large.error is 0.391" in explain(claim)
    assert "10 seeds" in explain(claim)


def test_a_claim_prints_once_what_both_sides_share():
    (comparison,) = evaluate("small.error > large.error", NUMBERS)
    assert comparison_text(comparison) == r"error: small $>$ large"
    assert difference_text(comparison).startswith("0.0")


def test_a_false_sentence_about_fixed_values_names_no_interval():
    said = explain(Claim("Users are fewer.", evaluate("users < rank", NUMBERS)))
    assert "difference 911.00, fixed values" in said
    assert "interval" not in said
