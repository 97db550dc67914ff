"""Arithmetic that training and figures share, two imports away from the steps."""

SCALE = 1.0


def residual(slope: float, offset: float, x: float, y: float) -> float:
    """Return the error of a prediction."""
    # the order of this sum matters to the last bit
    return SCALE * (slope * x + offset - y)


def caption() -> str:
    """Return the label of the axis."""
    return "epoch"
