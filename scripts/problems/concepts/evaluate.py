"""Evaluation of a chosen run on the test part."""

from collections.abc import Mapping

import numpy as np

from reprose import Arrays, Evaluation, Run
from scripts.problems.concepts.hyperparameters import Hyperparameters
from scripts.problems.concepts.measure import fit, outputs

REACH = 2.7  # half the side of the square on which a classifier is drawn
CELLS = 81  # along a side


def evaluate(run: Run, weights: Arrays, data: Mapping[str, Arrays]) -> Evaluation:
    """Return `loss` and `accuracy` or `explained` of the test part, and what a figure shows of the model."""
    wanted: Hyperparameters = run.settings
    points = data["test"]["points"]
    artifacts = {"points": points}
    if wanted.code:
        artifacts["made"] = outputs(weights, points, wanted)
    else:
        sides = np.linspace(-REACH, REACH, CELLS)
        grid = np.stack(np.meshgrid(sides, sides), axis=-1).reshape(-1, 2)  # (CELLS * CELLS, 2), rows from below
        artifacts |= {"labels": data["test"]["labels"], "sides": sides}
        artifacts["made"] = outputs(weights, grid, wanted).reshape(CELLS, CELLS)
    return Evaluation(fit(weights, data["test"], wanted), artifacts)
