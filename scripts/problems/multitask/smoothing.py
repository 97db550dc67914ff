"""The smoothed curve that TensorBoard draws, from which the documents read half of their numbers."""

import numpy as np

WEIGHT = 0.6  # of the past; TensorBoard's default


def smooth(values: np.ndarray) -> np.ndarray:
    """Return the exponential moving average of `values`, freed of the bias towards its start at zero."""
    averages, average = [], 0.0
    for count, value in enumerate(values, 1):
        average = WEIGHT * average + (1 - WEIGHT) * float(value)
        averages.append(average / (1 - WEIGHT**count))
    return np.array(averages, dtype=np.float64)
