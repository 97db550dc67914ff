"""The record of a job: its key, and the digests of what it consumed and made. Byte-stable, beside the outputs."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from reprose.canonical import read_json, text_digest, to_json, to_pretty_json
from reprose.errors import ReproseError

STALE = ".stale"  # folder beside the outputs where the audit sets aside what an edit made out of date

WILDCARDS = {  # what names a job of each rule, beside the tier
    "fetch": ("dataset",),
    "prepare": ("view",),
    "train": ("problem", "variant", "batch"),
    "choose": ("problem", "variant"),
    "evaluate": ("problem", "variant"),
    "plot": ("problem",),
    "summarize": ("problem",),
    "write": ("problem",),
    "typeset": ("handout",),
}
FOLDERS = {"fetch": ("data",), "prepare": ("views",), "typeset": ("handouts",)}


def job_name(key: Mapping[str, Any]) -> str:
    """Return the name of a job in handouts and messages, without the tier: "multitask/shared_ranking/choose"."""
    rule = key["rule"]
    return "/".join((*FOLDERS.get(rule, ()), *(key[name] for name in WILDCARDS[rule]), rule))


@dataclass(frozen=True)
class Provenance:
    """What one job consumed and made. Paths are relative to the project."""

    name: str
    key: Mapping[str, Any]
    inputs: Mapping[str, str]  # path -> SHA-256
    outputs: Mapping[str, str]  # path -> SHA-256, this file excepted

    @property
    def key_digest(self) -> str:
        """Return the SHA-256 of the canonical key."""
        return text_digest(to_json(self.key))

    def write(self, path: Path) -> None:
        """Write the record to `path`."""
        path.write_text(to_pretty_json(asdict(self)), encoding="utf-8")


def read_provenance(path: Path) -> Provenance:
    """Return the record in `path`; anything else in that file is an error that names it."""
    value = read_json(path)
    try:
        record = Provenance(**value)
        for table in (record.key, record.inputs, record.outputs):
            dict(table)
        return record
    except (TypeError, ValueError) as error:
        raise ReproseError(f"{path}: not a record of a job ({error}). Delete the file and run again.") from error
