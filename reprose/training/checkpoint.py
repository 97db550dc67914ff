"""Training state that survives a crash: written whole, verified when written and when read, cleared after the build."""

import ctypes
import hashlib
import io
import pickle
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

import numpy as np

from reprose.base.arrays import plain, read, write
from reprose.base.errors import ReproseError
from reprose.base.files import write_whole
from reprose.training.memory import ARRAY, TENSORS, TORCH, first_shared

INTERVAL = 30.0  # seconds between two checkpoints, unless an epoch takes longer
PLAIN = {type(None), bool, int, float, str, bytes, list, tuple, dict}  # their parts are looked at one by one
CONVERTED = (
    "Allowed: arrays, tensors, numbers, strings, and lists, tuples and dicts of them. Say float(...) or int(...) of a"
    " NumPy number."
)
FITTED = (
    "A fit in one call keeps nothing and needs no Trainee: let the function that begins the training return"
    " Outcome(estimator)."
)


Package = Callable[[bool], ModuleType | None]


def without(needed: bool) -> None:
    """Stand for a package that is not there."""


class Checkpoint:
    """The checkpoint of one job: one file in a folder that only this job uses.

    `torch` returns that package: where it is not needed only if it is imported already, as a training without it
    shall neither wait for its import nor have it installed.
    """

    def __init__(self, folder: Path, interval: float = INTERVAL, torch: Package = without) -> None:
        self.path = Path(folder) / "state"
        self.interval = interval
        self.torch = torch
        self.last = time.monotonic()

    def load(self) -> Any | None:
        """Return the last saved state, or None where there is none or its bytes are damaged."""
        if not self.path.exists():
            return None
        digest, _, body = self.path.read_bytes().partition(b"\n")
        if hashlib.sha256(body).hexdigest().encode() != digest:
            print(f"{self.path}: damaged; training starts from the beginning", flush=True)
            return None
        return _loaded(body, self.torch)

    def due(self) -> bool:
        """Return whether the interval has passed since the last save."""
        return time.monotonic() - self.last >= self.interval

    def save(self, state: Any) -> None:
        """Write `state` with its digest, by one rename; what could not be loaded again is an error that names it."""
        body = _dumped(state, self.torch)
        if body is None:
            check_plain(state, "the state of the training", self.torch)
            raise ReproseError("the state of the training cannot be loaded again.")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(self.path, hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
        self.last = time.monotonic()


def kept(value: Any) -> Any:
    """Return what must be saved of a value: the state of what has one, else the value itself."""
    if isinstance(value, np.ndarray):
        return plain("an attribute that a training keeps", value)
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


def restored(value: Any, saved: Any) -> Any:
    """Return `value` set to what `kept` returned of it."""
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


def check_keeps(training: Any, torch: Package = without) -> None:
    """Raise where what a training keeps could not be loaded again, or would no longer share memory with the rest."""
    kind = type(training)
    where = f"{kind.__module__.replace('.', '/')}.py: {kind.__qualname__}.keeps"
    for name in training.keeps:
        if not hasattr(training, name):
            raise ReproseError(f"{where}: '{name}' is no attribute of the training.")
        _check_kept(getattr(training, name), f"{where}: {name}", torch)
    if shared := first_shared(training, training.keeps):
        one, other = shared
        raise ReproseError(
            f"{where}: '{one}' and '{other}' share memory, which they would not after a training was resumed."
            " Keep the one that holds all, and take the other from it where it is needed; or copy it."
        )


def check_plain(value: Any, place: str, torch: Package = without) -> None:
    """Raise naming the innermost part of `value` that could not be loaded again, after its place."""
    for step, part in _parts(value):
        check_plain(part, f"{place}{step}", torch)
    kind = type(value)
    if kind is np.ndarray and value.dtype.hasobject:
        raise ReproseError(f"{place} is an array of objects, which cannot be loaded again. {CONVERTED}")
    if isinstance(value, np.ndarray) and kind is not np.ndarray:
        raise ReproseError(f"{place} is a {kind.__module__}.{kind.__qualname__}. Say np.array(...) of it.")
    if kind in PLAIN or (kind.__module__, kind.__name__) in TENSORS or _dumped(value, torch) is not None:
        return
    remedy = FITTED if hasattr(value, "fit") else CONVERTED
    raise ReproseError(f"{place} is a {kind.__module__}.{kind.__qualname__}, which cannot be loaded again. {remedy}")


def _check_kept(value: Any, place: str, torch: Package) -> None:
    """Raise where `kept` returns of a value what could not be loaded again; only the kinds of values are looked at."""
    if isinstance(value, np.random.RandomState | np.random.Generator) or hasattr(value, "state_dict"):
        return
    if isinstance(value, np.ndarray):
        plain(place, value)
    if is_dataclass(value):
        for item in fields(value):
            _check_kept(getattr(value, item.name), f"{place}.{item.name}", torch)
    elif not hasattr(value, "set_state"):
        check_plain(value, place, torch)


class _Pickler(pickle.Pickler):
    """Saves what needs no class; arrays (ARRAY), and what torch alone may be able to save (TORCH), are put apart."""

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file, protocol=5)
        self.apart: dict[str, list[Any]] = {ARRAY: [], TORCH: []}
        self.places: dict[int, tuple[Any, ...]] = {}
        self.held: list[Any] = []  # so that no other object gets the number of one of them

    def persistent_id(self, obj: Any) -> tuple[Any, ...] | None:
        """Return where something is put, each once, so that what was the same object is so again."""
        if type(obj) in PLAIN:
            return None
        if id(obj) not in self.places:
            self.held.append(obj)
            kind, layout, part = TORCH, (), obj
            if type(obj) is np.ndarray and not obj.dtype.hasobject:
                kind, layout, part = ARRAY, *_laid_out(obj)
            self.places[id(obj)] = (kind, len(self.apart[kind]), *layout)
            self.apart[kind].append(part)
        return self.places[id(obj)]


class _Unpickler(pickle.Unpickler):
    """Loads what `_Pickler` saved, and no class or function."""

    def __init__(self, file: io.BytesIO, apart: Mapping[str, list[Any]]) -> None:
        super().__init__(file)
        self.apart = apart
        self.made: dict[int, np.ndarray] = {}

    def persistent_load(self, place: tuple[Any, ...]) -> Any:
        """Return what was put apart; the same place gives the same object."""
        kind, number, *layout = place
        if layout:
            descriptor, shape, strides, offset = layout
            buffer = self.apart[kind][number]
            dtype = np.lib.format.descr_to_dtype(descriptor)
            return self.made.setdefault(number, np.ndarray(shape, dtype, buffer, offset, strides))
        return self.apart[kind][number]

    def find_class(self, module: str, name: str) -> NoReturn:
        """Refuse all of them."""
        raise pickle.UnpicklingError(f"a checkpoint names {module}.{name}; it may hold no class and no function")


def _laid_out(array: np.ndarray) -> tuple[tuple[Any, ...], np.ndarray]:
    """Return what is saved of an array: itself, or its memory, and how it lies in that.

    Sums and products of one whose axes or steps lie otherwise come out with other last bits, and so would a training.
    """
    if array.flags.c_contiguous or array.flags.f_contiguous:
        return (), array
    low, high = np.lib.array_utils.byte_bounds(array)
    memory = np.frombuffer((ctypes.c_uint8 * (high - low)).from_address(low), np.uint8)
    descriptor = np.lib.format.dtype_to_descr(array.dtype)
    return (descriptor, array.shape, array.strides, array.ctypes.data - low), memory


def _dumped(state: Any, torch: Package) -> bytes | None:
    """Return the bytes of a state; None where it could not be loaded from them again."""
    buffer, body = io.BytesIO(), io.BytesIO()
    pickler = _Pickler(buffer)
    pickler.dump(state)
    parts = {"plain": _as_array(buffer)}
    parts |= {f"{ARRAY}{number}": array for number, array in enumerate(pickler.apart[ARRAY])}
    if pickler.apart[TORCH]:
        if not (package := torch(False)):
            return None
        saved = io.BytesIO()
        try:
            package.save(pickler.apart[TORCH], saved)
            saved.seek(0)
            package.load(saved, weights_only=True)
        except (pickle.PickleError, AttributeError, TypeError):  # the last two: a function without a name of its own
            return None
        parts[TORCH] = _as_array(saved)
    try:
        write(body, parts)
    except ValueError:  # of a type that no file can hold
        return None
    return body.getvalue()


def _loaded(body: bytes, torch: Package) -> Any:
    """Return the state of which these are the bytes."""
    parts = read(io.BytesIO(body))
    apart: dict[str, list[Any]] = {TORCH: []}
    apart[ARRAY] = [parts[f"{ARRAY}{number}"] for number in range(len(parts) - 1 - (TORCH in parts))]
    if TORCH in parts:
        apart[TORCH] = torch(True).load(io.BytesIO(parts[TORCH].tobytes()), weights_only=True)
    return _Unpickler(io.BytesIO(parts["plain"].tobytes()), apart).load()


def _as_array(buffer: io.BytesIO) -> np.ndarray:
    return np.frombuffer(buffer.getbuffer(), np.uint8)


def _parts(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        yield from ((f".{name}", part) for name, part in value.items())
        yield from ((f".{name} (the key)", name) for name in value)
    elif isinstance(value, list | tuple):
        yield from ((f"[{place}]", part) for place, part in enumerate(value))
