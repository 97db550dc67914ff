"""Canonical text and digests: equal values always give equal bytes."""

import hashlib
import json
from pathlib import Path
from typing import Any

from reprose.base.errors import ReproseError


def to_json(value: Any) -> str:
    """Return `value` as one line of JSON with sorted keys; NaN and infinity raise `ValueError`."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False, ensure_ascii=True)


def to_pretty_json(value: Any) -> str:
    """Return `value` as indented JSON with sorted keys, for files that people open."""
    return json.dumps(value, sort_keys=True, indent=1, allow_nan=False, ensure_ascii=True) + "\n"


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
