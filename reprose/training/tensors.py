"""Tensors, lists and numbers as arrays of NumPy, so that a problem may return what it has at hand."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from reprose.base.arrays import plain
from reprose.base.errors import ReproseError


def as_array(what: str, value: Any) -> np.ndarray:
    """Return `value` as an array of NumPy; what NumPy does not know, and rows of different lengths, are errors."""
    try:
        return plain(what, off_device(value))
    except (TypeError, ValueError) as error:
        raise ReproseError(f"{what} is no array of numbers or text: {error}") from error


def as_arrays(where: str, values: Any) -> dict[str, np.ndarray]:
    """Return arrays by name, as NumPy has them."""
    if not isinstance(values, Mapping):
        raise ReproseError(f"{where}: found a {type(values).__name__}, expected arrays by name.")
    return {name: as_array(f"{where}: '{name}'", value) for name, value in values.items()}


def off_device(value: Any) -> Any:
    """Return a tensor, wherever it lies, as an array, also those in a list."""
    if isinstance(value, list | tuple):
        return [off_device(item) for item in value] if any(hasattr(item, "detach") for item in value) else value
    return value.detach().cpu().numpy() if hasattr(value, "detach") else value
