"""The record of a job: its key, and the digests of what it consumed and made. Byte-stable, beside the outputs."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from reprose.base.canonical import read_json, text_digest, to_json, to_pretty_json
from reprose.base.errors import ReproseError

CHECKPOINTS = "checkpoints"  # folder of results/{tier}/
STALE = ".stale"  # folder beside the outputs where the audit sets aside what an edit made out of date


@dataclass(frozen=True)
class Record:
    """What one job consumed and made. Paths are relative to the project."""

    name: str
    key: Mapping[str, Any]
    inputs: Mapping[str, str]  # path -> SHA-256
    outputs: Mapping[str, str]  # path -> SHA-256, this file excepted

    @cached_property
    def canonical_key(self) -> str:
        """Return the key as canonical JSON."""
        return to_json(self.key)

    @property
    def key_digest(self) -> str:
        """Return the SHA-256 of the canonical key."""
        return text_digest(self.canonical_key)

    @property
    def text(self) -> str:
        """Return what the file of the record holds."""
        return to_pretty_json(asdict(self))

    def write(self, path: Path) -> None:
        """Write the record to `path`."""
        path.write_text(self.text, encoding="utf-8")


def identity(key: Mapping[str, Any], inputs: Mapping[Any, str]) -> str:
    """Return the SHA-256 of all that the results of a job depend on: its key, and its inputs by path and digest."""
    return text_digest(to_json([to_json(key), {str(path): digest for path, digest in inputs.items()}]))


def checkpoint_folder(key: Mapping[str, Any], inputs: Mapping[Any, str]) -> Path:
    """Return where a job with this key and inputs with these digests keeps what it has reached."""
    place = (key[name] for name in ("problem", "variant", "batch"))
    return Path("results", key["tier"], CHECKPOINTS, *place, identity(key, inputs)[:32])


def read_record(path: Path) -> Record:
    """Return the record in `path`; anything else in that file is an error that names it."""
    value = read_json(path)
    try:
        record = Record(**value)
        for table in (record.key, record.inputs, record.outputs):
            dict(table)
        return record
    except (TypeError, ValueError) as error:
        raise ReproseError(f"{path}: not a record of a job ({error}). Delete the file and run again.") from error


def record_at(path: Path) -> Record | None:
    """Return the record in `path`, or None where there is none that is whole."""
    try:
        return read_record(path)
    except ReproseError:
        return None


def aside(path: str | Path) -> Path:
    """Return where the audit sets an output aside."""
    return Path(path).parent / STALE / Path(path).name


def here_or_aside(path: str | Path) -> Path:
    """Return where an output lies: at its place, or set aside if it is not there."""
    place = Path(path)
    return aside(place) if aside(place).exists() and not place.exists() else place
