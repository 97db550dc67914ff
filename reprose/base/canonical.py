"""Canonical text and digests: equal values always give equal bytes."""

import hashlib
import json
import math
from pathlib import Path
from typing import Any

from reprose.base.errors import ReproseError


def to_json(value: Any) -> str:
    """Return `value` as one line of JSON with sorted keys; NaN and infinity raise `ValueError`."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False, ensure_ascii=True)


def to_pretty_json(value: Any) -> str:
    """Return `value` as indented JSON with sorted keys, for files that people open; numbers of NumPy and torch, too."""
    return json.dumps(value, sort_keys=True, indent=1, allow_nan=False, ensure_ascii=True, default=_plain) + "\n"


def is_finite(value: Any) -> bool:
    """Return whether `value` is a number, and finite."""
    try:
        return math.isfinite(value)
    except (TypeError, ValueError, OverflowError):  # no number, an array of several, a whole number beyond 1.8e308
        return False


def _plain(value: Any) -> Any:
    """Return a single number of another library, such as float32, as one of Python."""
    plain = value.item() if getattr(value, "ndim", None) == 0 and hasattr(value, "item") else None
    if isinstance(plain, int | float | str):
        return plain
    raise ReproseError(f"{value!r} is a {type(value).__name__}, which JSON does not know. Allowed: numbers and text.")


def read_json(path: Path) -> Any:
    """Return the JSON value in `path`; raise `ReproseError` naming the file if it is not JSON."""
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise ReproseError(f"{path}: not readable as JSON ({error}). Delete the file and run again.") from error


def text_digest(text: str) -> str:
    """Return the SHA-256 of `text` in UTF-8, as 64 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def file_digest(path: Path) -> str:
    """Return the SHA-256 of the bytes of `path`, as 64 hexadecimal digits."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
