"""95 % t intervals of means and of paired differences."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from reprose.base.errors import ReproseError

CONFIDENCE = 0.95
FEW = 5  # seeds; of fewer the values' range is printed and no interval, whose width they can hardly tell
ROUNDING = 1e-12  # a difference that is a smaller share of what it is between comes from arithmetic alone


@dataclass(frozen=True)
class Difference:
    """The mean of a paired difference with its 95 % interval, which one pair alone does not have."""

    mean: float
    low: float | None
    high: float | None
    n: int  # pairs; 0 for the difference of two constants
    least: float = 0.0  # of the pairs' differences
    most: float = 0.0
    items: int = 0  # items of the test part that the interval covers beside the seeds

    @property
    def is_tested(self) -> bool:
        """Return whether there is anything to test: not where both quantities are fixed values, without a spread."""
        return bool(self.n or self.items)


def mean_interval(values: Iterable[float]) -> tuple[float, float]:
    """Return the 95 % t interval (low, high) of the mean of `values`; infinite for a single value."""
    sample = np.fromiter(values, dtype=np.float64)
    if sample.size == 0:
        raise ReproseError("mean_interval: found no values, expected at least one.")
    if sample.size == 1:
        return -math.inf, math.inf
    _, power = math.frexp(np.abs(sample).max())
    sample = np.ldexp(sample, -power)  # so that no square is too large or too small for a float; exact
    mean = math.fsum(sample) / sample.size
    half = float(_quantile(sample.size - 1) * sample.std(ddof=1) / math.sqrt(sample.size))
    return math.ldexp(mean - half, power), math.ldexp(mean + half, power)


def crossed_interval(*tables: Sequence[np.ndarray]) -> tuple[float, float]:
    """Return the 95 % interval of the mean over seeds and test items, or of a sum of such means.

    A table holds for each seed the values of the items, (items,); tables after the first are of other items, and their
    seeds are paired with those of the first. What the mean owes to the luck of the
    seeds is told by the items' means, what it owes to the items by the seeds' means (Owen 2007,
    doi:10.1214/07-AOAS122: a little too much, never too little); the half widths of these t intervals add as squares
    (Zou and Donner 2008, doi:10.1002/sim.3095). A single seed stands for a fit without chance.
    """
    seeds = np.sum([[values.mean() for values in table] for table in tables], axis=0)
    samples = [seeds] if seeds.size > 1 else []
    for table in tables:
        alike = len({values.size for values in table}) == 1  # else each seed has items of its own
        samples.append(np.mean(table, axis=0) if alike else np.concatenate(table))
    ends = [mean_interval(sample) for sample in samples]
    mean, half = math.fsum(seeds) / seeds.size, math.hypot(*((high - low) / 2 for low, high in ends))
    return mean - half, mean + half


def difference(a: float, b: float) -> float:
    """Return `a` - `b`; 0 where only rounding tells them apart, as in 0.1 + 0.2 and 0.3."""
    return 0.0 if math.isclose(a, b, rel_tol=ROUNDING) else a - b


def spread(values: Iterable[float]) -> tuple[float, float]:
    """Return what to draw beside a mean: its 95 % interval over `FEW` values or more, else the ends of the values."""
    sample = [float(value) for value in values]
    return mean_interval(sample) if len(sample) >= FEW else (min(sample), max(sample))


def paired_difference(a: Mapping[int, float], b: Mapping[int, float]) -> Difference:
    """Return mean and interval of `a` - `b` over the seeds that both have; no common seed is an error."""
    common = sorted(a.keys() & b.keys())
    if not common:
        raise ReproseError(
            f"paired_difference: no common seed (first has {_listed(a)}; second has {_listed(b)})."
            " Give both variants the same seeds in config.yaml."
        )
    differences = [difference(a[seed], b[seed]) for seed in common]
    low, high = mean_interval(differences) if len(common) > 1 else (None, None)
    mean = math.fsum(differences) / len(common)
    return Difference(mean, low, high, len(common), min(differences), max(differences))


def welch_difference(a: Mapping[int, float], b: Mapping[int, float]) -> Difference:
    """Return mean and interval of `a` - `b` for samples that are not paired, whose variances may differ (Welch)."""
    first, second = (np.fromiter(sample.values(), dtype=np.float64) for sample in (a, b))
    mean, n = difference(float(first.mean()), float(second.mean())), min(first.size, second.size)
    if n < 2:
        return Difference(mean, None, None, n)
    parts = [sample.var(ddof=1) / sample.size for sample in (first, second)]
    error = math.sqrt(sum(parts))
    if error == 0:
        return Difference(mean, mean, mean, n)
    freedom = sum(parts) ** 2 / (parts[0] ** 2 / (first.size - 1) + parts[1] ** 2 / (second.size - 1))
    half = float(_quantile(freedom)) * error
    return Difference(mean, mean - half, mean + half, n)


def _listed(samples: Mapping[int, float]) -> str:
    return ", ".join(map(str, sorted(samples))) or "none"


def _quantile(freedom: float) -> float:
    """Return the quantile of Student's t that bounds an interval."""
    from scipy.special import stdtrit  # here, so that commands which test nothing do not wait for it

    return stdtrit(freedom, (1 + CONFIDENCE) / 2)
