"""Text files as they are published: whole lines in a known encoding. A byte order mark before them is no text."""

import codecs
from pathlib import Path

from reprose import ReproseError

REMEDY = "Delete the file and fetch it again."


def read_text(path: Path, encoding: str = "utf-8") -> str:
    """Return the text of a file without a byte order mark; bytes that are no text are an error."""
    raw = path.read_bytes().removeprefix(codecs.BOM_UTF8)
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ReproseError(
            f"{path}:{line}: found the bytes {raw[error.start : error.end]!r}, expected {encoding.upper()} text."
            f" {REMEDY}"
        ) from error


def read_lines(path: Path, expected: str, encoding: str = "utf-8") -> list[str]:
    """Return the lines of a file without their ends; an empty file, where `expected` was, or a cut line is an error."""
    text = read_text(path, encoding)
    if not text.strip():
        raise ReproseError(f"{path}: the file is empty, expected {expected}. {REMEDY}")
    *lines, rest = text.split("\n")
    if rest:
        raise ReproseError(f"{path}:{len(lines) + 1}: the last line has no end; the file is cut off. {REMEDY}")
    return lines
