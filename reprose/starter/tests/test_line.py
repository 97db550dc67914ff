from types import SimpleNamespace

import numpy as np

from reprose import Run
from scripts.problems.line.train import measure


def test_the_error_of_the_true_line_is_zero():
    run, x = Run("true", 1, {}, SimpleNamespace(target="y")), np.arange(5.0)
    assert measure(run, {"weights": np.array([2.0, 1.0])}, {"x": x, "y": 2 * x + 1})["error"].max() == 0
