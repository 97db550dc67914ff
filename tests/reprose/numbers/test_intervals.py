import math

import numpy as np
import pytest
from scipy import stats

from reprose.base.errors import ReproseError
from reprose.numbers.intervals import mean_interval, paired_difference, spread, welch_difference


def test_the_interval_of_a_mean_is_that_of_scipy():
    values = np.random.default_rng(1).normal(3, 2, size=9)
    expected = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert mean_interval(values) == pytest.approx((expected.low, expected.high), rel=1e-12)


def test_one_value_leaves_the_mean_undetermined():
    assert mean_interval([2.0]) == (-math.inf, math.inf)


def test_equal_values_have_an_interval_of_no_width():
    assert mean_interval([0.1] * 5) == (0.1, 0.1)


@pytest.mark.parametrize("scale", [2.0**-600, 2.0**600])
def test_no_scale_is_too_small_or_too_large_for_an_interval(scale):
    low, high = mean_interval([1.0, 2.0])
    assert mean_interval([scale, 2 * scale]) == (low * scale, high * scale)


def test_what_is_drawn_beside_a_mean_is_an_interval_only_of_enough_values():
    assert spread([1.0, 2.0, 4.0]) == (1.0, 4.0)
    assert spread([2.0]) == (2.0, 2.0)
    assert spread([1.0, 2.0, 3.0, 4.0, 5.0]) == mean_interval([1.0, 2.0, 3.0, 4.0, 5.0])


def test_no_value_is_an_error():
    with pytest.raises(ReproseError, match="no values"):
        mean_interval([])


def test_pairing_removes_what_both_variants_share():
    shared = np.random.default_rng(2).normal(0, 5, size=8)
    a = {seed: value + 1 for seed, value in enumerate(shared)}
    b = dict(enumerate(shared))
    difference = paired_difference(a, b)
    assert (difference.low, difference.high) == pytest.approx((1, 1))


def test_what_only_rounding_tells_apart_does_not_differ():
    noise, plain = dict.fromkeys((1, 2, 3), 0.1 + 0.2), dict.fromkeys((1, 2, 3), 0.3)
    for found in (paired_difference(noise, plain), welch_difference(noise, plain)):
        assert (found.mean, found.low, found.high) == (0.0, 0.0, 0.0)
    assert paired_difference({1: 1e-200, 2: 1e-200}, {1: 2e-200, 2: 2e-200}).high < 0


def test_only_seeds_that_both_have_are_paired():
    difference = paired_difference({1: 5.0, 2: 6.0, 9: 100.0}, {2: 4.0, 1: 4.0, 7: -100.0})
    assert (difference.mean, difference.n) == (1.5, 2)


def test_variants_without_a_common_seed_cannot_be_compared():
    with pytest.raises(ReproseError, match=r"first has 1, 2; second has 3"):
        paired_difference({1: 0.0, 2: 0.0}, {3: 0.0})


def test_samples_that_are_not_paired_are_compared_as_scipy_does():
    generator = np.random.default_rng(3)
    a, b = generator.normal(1, 1, size=5), generator.normal(0, 3, size=9)
    expected = stats.ttest_ind(a, b, equal_var=False).confidence_interval(0.95)
    difference = welch_difference(dict(enumerate(a)), dict(enumerate(b, 100)))
    assert (difference.low, difference.high) == pytest.approx((expected.low, expected.high), rel=1e-9)


def test_one_value_against_many_has_no_interval_and_equal_values_one_of_no_width():
    assert welch_difference({1: 2.0}, {2: 1.0, 3: 1.0}).low is None
    difference = welch_difference({1: 2.0, 2: 2.0}, {3: 1.0, 4: 1.0})
    assert (difference.low, difference.high) == (1.0, 1.0)
