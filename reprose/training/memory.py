"""Which attributes of a training share memory, and would not any more once it is resumed from a checkpoint."""

from collections.abc import Collection, Iterable
from dataclasses import fields, is_dataclass
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

TENSORS = {("torch", "Tensor"), ("torch.nn.parameter", "Parameter")}  # by name: a fit without torch need not load it
ARRAY, TORCH = "array", "torch"  # come back as new objects, of which those of torch share what they shared
FILLED = "filled"  # where it lies: a part of something that takes its state back
NOT = ""


def first_shared(training: Any, keeps: Collection[str]) -> tuple[str, str] | None:
    """Return the names of two attributes that share memory now and would not after a resume; None if there are none."""
    parts = _memories(training, keeps)
    low, high = np.array([np.lib.array_utils.byte_bounds(part.array) for part in parts], np.uint64).reshape(-1, 2).T
    for place, part in enumerate(parts):
        near = np.flatnonzero((low < high[place]) & (high > low[place])) if part.way else ()
        for other in (parts[number] for number in near if number != place):
            if not part.stays_with(other) and _share_memory(part.array, other.array):
                return part.name, other.name
    return None


class _Memory(NamedTuple):
    """Numbers that a training holds."""

    name: str  # of the attribute
    value: Any  # an array or a tensor
    array: np.ndarray  # how they lie in memory
    way: str  # how it comes back after a resume: one of the ways above, NOT if it is not kept

    def stays_with(self, other: "_Memory") -> bool:
        """Return whether the two share after a resume what they share now, or nobody can write into it."""
        ways = {self.way, other.way}
        if self.value is other.value and ways in ({ARRAY}, {TORCH}):
            return True
        if ways == {TORCH} or ways <= {FILLED, NOT}:
            return True
        return not (self.array.flags.writeable or other.array.flags.writeable)


def _memories(training: Any, keeps: Collection[str]) -> list[_Memory]:
    """Return the numbers that a training holds."""
    found: list[_Memory] = []
    seen: set[tuple[int, bool]] = set()  # also what is kept and what is not

    def look(name: str, value: Any, is_kept: bool, is_filled: bool = False) -> None:
        inner: Iterable[Any] = ()
        if isinstance(value, list | tuple):
            inner = value
        elif isinstance(value, dict):
            inner = value.values()
        elif is_dataclass(value) and not isinstance(value, type):
            inner = [getattr(value, item.name) for item in fields(value)]
        elif hasattr(value, "state_dict"):
            inner, is_filled = value.state_dict().values(), True
        elif (array := _in_memory(value)) is not None:
            way = FILLED if is_filled else ARRAY if isinstance(value, np.ndarray) else TORCH
            found.append(_Memory(name, value, array, way if is_kept else NOT))
        if inner and (id(value), is_kept) not in seen:  # a list may hold itself
            seen.add((id(value), is_kept))
            for each in inner:
                look(name, each, is_kept, is_filled)

    state = object.__getstate__(training) or {}  # `vars` reaches docstrings, of which each would count
    held = {**(state[0] or {}), **state[1]} if isinstance(state, tuple) else state  # with slots
    for name, value in sorted(held.items(), key=lambda item: item[0] not in keeps):
        look(name, value, name in keeps)
    return found


def _in_memory(value: Any) -> np.ndarray | None:
    """Return an array, or how a tensor lies in memory as one; None of anything else.

    Of a tensor, the numbers are never looked at: it may be on a GPU, or of a type that NumPy lacks.
    """
    if isinstance(value, np.ndarray):
        return value
    if (type(value).__module__, type(value).__name__) not in TENSORS:
        return None
    size = value.element_size()
    try:
        place, strides = value.data_ptr(), tuple(step * size for step in value.stride())
    except RuntimeError:  # one without a place, as a sparse one
        return None
    layout = {"version": 3, "shape": tuple(value.shape), "typestr": f"|V{size}", "strides": strides}
    lies = SimpleNamespace(__array_interface__={**layout, "data": (place, False)})
    return np.asarray(lies) if value.numel() and place else None  # one of the device `meta` has none


def _share_memory(one: np.ndarray, other: np.ndarray) -> bool:
    try:
        return np.shares_memory(one, other, max_work=10_000)
    except np.exceptions.TooHardError:
        return True
