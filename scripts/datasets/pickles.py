"""Pickles as plain data: numbers, texts, containers and arrays of bytes, and no code, whatever the file asks for."""

import pickle
import struct
from pathlib import Path
from typing import Any

import numpy as np

from reprose import ReproseError

REMEDY = "Delete the file and fetch the official one."
HEAD, STOP = b"\x80\x02", b"."
ARRAY = b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R"
BYTES = b"cnumpy\ndtype\nU\x02u1K\x00K\x01\x87R(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"


def load(path: Path) -> Any:
    """Return what the file holds, texts of Python 2 as bytes; anything but plain data is an error and does not run."""
    try:
        with open(path, "rb") as file:
            return _plain(_Unpickler(file, fix_imports=False, encoding="bytes").load())
    except FileNotFoundError:
        raise ReproseError(f"{path}: no such file. Fetch the data set again.") from None
    except ReproseError as error:
        raise ReproseError(f"{path}: {error} {REMEDY}") from None
    except Exception as error:  # damaged bytes make the unpickler raise errors of almost any type
        raise ReproseError(
            f"{path}: cut short or damaged, not readable as a pickle ({type(error).__name__}: {error}). {REMEDY}"
        ) from error


def pickled(value: Any) -> bytes:
    """Return `value` (bytes, whole numbers, lists, dictionaries, arrays of bytes) as Python 2 pickled it."""
    return HEAD + _encoded(value) + STOP


class _Array:
    """Stands for an array while its pickle is read: the shape and the bytes, once they are known."""

    def __init__(self, *arguments: object) -> None:
        self.found: np.ndarray | None = None

    def __setstate__(self, state: Any) -> None:
        _, shape, kind, by_column, raw = state
        if not isinstance(kind, _Kind) or kind.name not in (b"u1", "u1"):
            raise ReproseError("holds an array of other things than bytes; allowed: uint8.")
        if type(raw) is not bytes or type(shape) is not tuple:
            raise ReproseError("holds an array without bytes or shape.")
        self.found = np.frombuffer(raw, dtype=np.uint8).reshape(shape, order="F" if by_column else "C")


class _Kind:
    """Stands for the type of an array's elements."""

    def __init__(self, name: object = "", *flags: object) -> None:
        self.name = name

    def __setstate__(self, state: object) -> None:
        """Ignore the byte order and the flags: a byte has neither."""


class _Unpickler(pickle.Unpickler):
    """Knows three names, all of arrays, and gives its own stand-ins for them."""

    def find_class(self, module: str, name: str) -> type:
        known = {
            ("numpy.core.multiarray", "_reconstruct"): _Array,
            ("numpy._core.multiarray", "_reconstruct"): _Array,
            ("numpy", "ndarray"): _Array,
            ("numpy", "dtype"): _Kind,
        }
        if (module, name) not in known:
            raise ReproseError(f"asks for '{module}.{name}'; allowed: arrays, texts, numbers, lists, dictionaries.")
        return known[module, name]


def _plain(value: Any) -> Any:
    """Return `value` with arrays in the place of their stand-ins; what is no plain data is an error."""
    if isinstance(value, _Array) and value.found is not None:
        return value.found
    if type(value) is dict:
        return {_plain(key): _plain(entry) for key, entry in value.items()}
    if type(value) in (list, tuple):
        return type(value)(map(_plain, value))
    if value is None or type(value) in (bytes, str, int, float, bool):
        return value
    raise ReproseError(f"holds a {type(value).__name__}; allowed: arrays, texts, numbers, lists, dictionaries.")


def _encoded(value: Any) -> bytes:
    match value:
        case bytes() if len(value) < 256:
            return b"U" + bytes([len(value)]) + value
        case bytes():
            return b"T" + struct.pack("<i", len(value)) + value
        case int():
            return b"J" + struct.pack("<i", value)
        case list():
            return b"](" + b"".join(map(_encoded, value)) + b"e"
        case dict():
            return b"}(" + b"".join(_encoded(key) + _encoded(entry) for key, entry in value.items()) + b"u"
        case np.ndarray():
            rows, columns = value.shape
            state = b"(K\x01" + _encoded(rows) + _encoded(columns) + b"\x86" + BYTES + b"\x89"
            return ARRAY + state + _encoded(value.astype(np.uint8).tobytes()) + b"tb"
    raise TypeError(f"a {type(value).__name__} cannot be pickled here")
