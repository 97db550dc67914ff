"""Ridge regression of prices on size and rooms."""

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
from sklearn.linear_model import Ridge

from reprose import Arrays, Outcome, Run, Trainings


def train(runs: Sequence[Run], data: Mapping[str, Arrays], used: Mapping[str, Arrays], device: str) -> Trainings:
    """Yield every run with its fit."""
    for run in runs:
        yield run, partial(fit, run, data["train"])


def fit(run: Run, part: Arrays) -> Outcome:
    """Return the fitted model."""
    return Outcome(Ridge(alpha=run.settings.penalty).fit(features(part), part["price"]))


def measure(run: Run, model: Ridge, part: Arrays) -> dict[str, np.ndarray]:
    """Return the squared error of each house."""
    return {"error": (model.predict(features(part)) - part["price"]) ** 2}


def features(part: Arrays) -> np.ndarray:
    """Return size and rooms, (houses, 2)."""
    return np.stack([part["size"], part["rooms"]], axis=1)
