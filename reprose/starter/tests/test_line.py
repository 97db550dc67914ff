import numpy as np
from scripts.problems.line.model import error


def test_the_error_of_the_true_line_is_zero():
    x = np.arange(5.0)
    assert error(np.array([2.0, 1.0]), {"x": x, "y": 2 * x + 1}, "y") == 0
