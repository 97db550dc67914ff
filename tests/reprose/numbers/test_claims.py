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
    "users": constant("users", 943, 0, "toy/summarize"),
}


@pytest.mark.parametrize(
    "relation",
    [
        "large.error < small.error",
        "small.error > large.error",
        "small.error ~ other.error",
        "small.error < 0.9",
        "1e3 > small.error",
        "rank < users",
        "rank ~ 32",
        "large.error < small.error and small.error ~ other.error and rank > 31",
    ],
)
def test_a_true_relation_holds(relation):
    assert holds(relation, NUMBERS)


@pytest.mark.parametrize(
    ("relation", "verdict"),
    [
        ("small.error < large.error", "reversed"),
        ("small.error < other.error", "within noise"),
        ("small.error ~ large.error", "differs"),
        ("lone.error < small.error", "one seed: untested"),
        ("lone.error ~ small.error", "one seed: untested"),
        ("rank > users", "reversed"),
    ],
)
def test_a_false_relation_says_what_is_found_instead(relation, verdict):
    (comparison,) = evaluate(relation, NUMBERS)
    assert not comparison.holds
    assert comparison.verdict == verdict


def test_one_false_part_makes_the_whole_false():
    assert not holds("large.error < small.error and small.error < large.error", NUMBERS)


@pytest.mark.parametrize("relation", ["small.error", "small.error = rank", "a < b < c", "small.error<rank", ""])
def test_a_relation_that_cannot_be_read_is_an_error(relation):
    with pytest.raises(ReproseError, match="not understood"):
        evaluate(relation, NUMBERS)


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
