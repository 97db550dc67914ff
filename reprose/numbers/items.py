"""What each item of the test part adds to a metric that is their mean: its images, ratings, reviews.

An interval over seeds alone says what other seeds would give on these items, not what other items would. So `evaluate`
keeps the items' values beside its artifacts, and where a claim is tested they are read again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from reprose.base.arrays import load_groups
from reprose.base.errors import ReproseError
from reprose.training.tensors import as_array

PREFIX = "items/"  # of the names of these arrays among the artifacts
PART = "items of"  # the digest of the test part, beside them
CLOSE = 1e-5  # share by which a metric may differ from the mean of its items, as some are summed as float32


@dataclass(frozen=True)
class Items:
    """The items' values of one metric of a variant, read when they are asked for."""

    artifacts: Path  # the file that evaluate left
    metric: str

    @cached_property
    def _groups(self) -> dict[str, dict[str, np.ndarray]]:
        return load_groups(self.artifacts)

    @property
    def part(self) -> str:
        """Return the digest of the test part that the items are of."""
        return bytes(next(iter(self._groups.values()))[PART]).decode()

    def of(self, seed: int | None) -> np.ndarray:
        """Return the values for one seed, (items,) float64, in the order of the test part; None: for the only one."""
        group = next(iter(self._groups.values())) if seed is None else self._groups[str(seed)]
        return group[PREFIX + self.metric].astype(np.float64)


def kept(items: Mapping[str, np.ndarray], metrics: Mapping[str, float], part: str, where: str) -> dict[str, np.ndarray]:
    """Return the arrays that keep `items` of the test part with the digest `part`; each mean must be its metric."""
    items = {metric: as_array(f"{where}: the items of '{metric}'", values) for metric, values in items.items()}
    for metric, values in items.items():
        if np.ndim(values) != 1 or metric not in metrics:
            raise ReproseError(
                f"{where}: the items of '{metric}' have shape {np.shape(values)}. Allowed: one value for each item, of"
                f" one of the metrics {', '.join(sorted(metrics))}."
            )
        mean = float(np.mean(values, dtype=np.float64))
        if not abs(mean - metrics[metric]) <= CLOSE * max(abs(mean), abs(metrics[metric])):
            raise ReproseError(
                f"{where}: the metric '{metric}' is {metrics[metric]}, but the mean of its items is {mean}. Give as"
                " items what the metric is the mean of."
            )
    named = {PREFIX + metric: values for metric, values in items.items()}
    return {**named, PART: np.frombuffer(part.encode(), dtype=np.uint8)} if named else {}
