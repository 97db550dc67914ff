"""Training state that survives a crash: written whole, verified when written and when read, cleared after the build."""

import hashlib
import io
import time
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from pickle import PickleError
from typing import Any

import numpy as np

from reprose.base.arrays import plain, read, write
from reprose.base.errors import ReproseError
from reprose.base.files import write_whole

INTERVAL = 30.0  # seconds between two checkpoints, unless an epoch takes longer
PLAIN = {type(None), bool, int, float, str, bytes, list, tuple, dict}  # their parts are looked at one by one
TENSORS = {("torch", "Tensor"), ("torch.nn.parameter", "Parameter")}  # by name: a fit without torch need not load it
CONVERTED = (
    "Allowed: tensors, numbers, strings, and lists, tuples and dicts of them. Say float(...) or int(...) of a NumPy"
    " number, torch.from_numpy(...) of an array."
)
FITTED = (
    "A fit in one call keeps nothing and needs no Trainee: let the function that begins the training return"
    " Outcome(estimator)."
)


class Checkpoint:
    """The checkpoint of one job: one file in a folder that only this job uses."""

    def __init__(self, folder: Path, interval: float = INTERVAL) -> None:
        self.path = Path(folder) / "state"
        self.interval = interval
        self.last = time.monotonic()

    def load(self) -> Any | None:
        """Return the last saved state, or None where there is none or its bytes are damaged."""
        if not self.path.exists():
            return None
        digest, _, body = self.path.read_bytes().partition(b"\n")
        if hashlib.sha256(body).hexdigest().encode() != digest:
            print(f"{self.path}: damaged; training starts from the beginning", flush=True)
            return None
        return _loaded(body)

    def due(self) -> bool:
        """Return whether the interval has passed since the last save."""
        return time.monotonic() - self.last >= self.interval

    def save(self, state: Any) -> None:
        """Write `state` with its digest, by one rename; what could not be loaded again is an error that names it."""
        body = _dumped(state)
        if body is None:
            check_plain(state, "the state of the training")
            raise ReproseError("the state of the training cannot be loaded again.")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(self.path, hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
        self.last = time.monotonic()


def kept(value: Any) -> Any:
    """Return what must be saved of a value: the state of what has one, an array as a tensor, else the value itself."""
    if isinstance(value, np.ndarray):
        return _packed(value)
    if isinstance(value, np.random.RandomState):
        name, keys, *rest = value.get_state()
        return (name, keys.tolist(), *rest)
    if isinstance(value, np.random.Generator):
        return value.bit_generator.state
    if hasattr(value, "state_dict"):  # modules and optimizers of torch
        return value.state_dict()
    if is_dataclass(value):
        return {item.name: kept(getattr(value, item.name)) for item in fields(value)}
    return value.get_state() if hasattr(value, "set_state") else value  # torch.Generator


def check_keeps(training: Any) -> None:
    """Raise where a checkpoint could not hold what a training keeps; only the kinds of values are looked at."""
    kind = type(training)
    where = f"{kind.__module__.replace('.', '/')}.py: {kind.__qualname__}.keeps"
    for name in training.keeps:
        if not hasattr(training, name):
            raise ReproseError(f"{where}: '{name}' is no attribute of the training.")
        _check_kept(getattr(training, name), f"{where}: {name}")


def _check_kept(value: Any, place: str) -> None:
    """Raise where `kept` returns of a value what could not be loaded again."""
    if isinstance(value, np.ndarray):
        plain(place, value)
    elif isinstance(value, np.random.RandomState | np.random.Generator) or hasattr(value, "state_dict"):
        return
    elif is_dataclass(value):
        for item in fields(value):
            _check_kept(getattr(value, item.name), f"{place}.{item.name}")
    elif not hasattr(value, "set_state"):
        check_plain(value, place)


def check_plain(value: Any, place: str) -> None:
    """Raise naming the innermost part of `value` that could not be loaded again, after its place."""
    for step, part in _parts(value):
        check_plain(part, f"{place}{step}")
    kind = type(value)
    if kind in PLAIN or (kind.__module__, kind.__name__) in TENSORS or _dumped(value) is not None:
        return
    remedy = FITTED if hasattr(value, "fit") else CONVERTED
    raise ReproseError(f"{place} is a {kind.__module__}.{kind.__qualname__}, which cannot be loaded again. {remedy}")


def restored(value: Any, saved: Any) -> Any:
    """Return `value` set to what `kept` returned of it."""
    if isinstance(value, np.ndarray):
        return _unpacked(saved)
    if isinstance(value, np.random.Generator):
        value.bit_generator.state = saved
    elif hasattr(value, "state_dict"):
        value.load_state_dict(saved)
    elif hasattr(value, "set_state"):  # torch.Generator and np.random.RandomState
        value.set_state(saved)
    elif is_dataclass(value):
        for name, part in saved.items():
            setattr(value, name, restored(getattr(value, name), part))
    else:
        return saved
    return value


def as_tensor(arrays: Mapping[str, np.ndarray]) -> Any:
    """Return arrays as one tensor of bytes, which a checkpoint can hold; they keep their bits and order in memory."""
    import torch  # here, so that a fit without it does not wait for it

    buffer = io.BytesIO()
    write(buffer, arrays)
    return torch.frombuffer(bytearray(buffer.getvalue()), dtype=torch.uint8)


def from_tensor(packed: Any) -> dict[str, np.ndarray]:
    """Return the arrays that `as_tensor` packed."""
    return read(io.BytesIO(packed.numpy().tobytes()))


def _packed(value: np.ndarray) -> Any:
    """Return an array as a tensor; one that torch does not take, such as of text, as the bytes of a file."""
    import torch

    array = plain("an attribute that a training keeps", value)
    try:
        return torch.from_numpy(array)
    except (TypeError, ValueError):  # of its type or order of bytes; of a step backwards in memory
        return {"npz": as_tensor({"array": array})}


def _unpacked(saved: Any) -> np.ndarray:
    return saved.numpy() if hasattr(saved, "numpy") else from_tensor(saved["npz"])["array"]


def _dumped(state: Any) -> bytes | None:
    """Return the bytes of a state; None where it could not be loaded from them again."""
    import torch  # here, so that steps which only move arrays start without it

    buffer = io.BytesIO()
    try:
        torch.save(state, buffer)
        _loaded(buffer.getvalue())
    except (PickleError, AttributeError, TypeError):  # the last two are of a function without a name of its own
        return None
    return buffer.getvalue()


def _loaded(body: bytes) -> Any:
    import torch

    return torch.load(io.BytesIO(body), weights_only=True)


def _parts(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        yield from ((f".{name}", part) for name, part in value.items())
        yield from ((f".{name} (the key)", name) for name in value)
    elif isinstance(value, list | tuple):
        yield from ((f"[{place}]", part) for place, part in enumerate(value))
