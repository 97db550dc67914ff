"""Whether the last build through the front door ended well, so that records alone tell what the next one has to do.

Otherwise Snakemake has reasons of its own to run a job again, which only Snakemake knows: a command of a rule that was
edited, a run that was broken off, a memory that was lost.
"""

import json
from collections.abc import Iterable
from pathlib import Path

from reprose import locks
from reprose.canonical import file_digest, text_digest, to_json

MEMORY = Path(".snakemake/metadata")
INCOMPLETE = Path(".snakemake/incomplete")


def is_settled(tier: str, records: Iterable[str]) -> bool:
    """Return whether the last build ended well for those jobs of `records` that ever ran, and no rule changed since."""
    ran = {record for record in records if Path(record).exists()}
    return not ran or ran <= _read(tier)


def settle(tier: str, records: Iterable[str]) -> None:
    """Remember that a build of the jobs of `records` ended well, beside those of which that is known."""
    made = {"state": _state(), "records": sorted({*_read(tier), *records})}
    _stamp(tier).write_text(json.dumps(made))


def unsettle(tier: str) -> None:
    """Forget that a build of `tier` ended well, as another begins."""
    _stamp(tier).unlink(missing_ok=True)


def _stamp(tier: str) -> Path:
    return locks.FOLDER / f"settled-{tier}.json"


def _read(tier: str) -> set[str]:
    """Return the records of the jobs that are settled; none where Snakemake may know better."""
    try:
        made = json.loads(_stamp(tier).read_text())
        return set(made["records"]) if made["state"] == _state() and not any(INCOMPLETE.iterdir()) else set()
    except (OSError, ValueError, KeyError, TypeError):
        return set()


def _state() -> list[object]:
    """Return what Snakemake's answer depends on beside records, files and keys: its memory, rules and profile."""
    files = [Path("Snakefile"), *sorted(Path("workflow").rglob("*.smk")), *sorted(Path("profiles").rglob("*.*"))]
    digests = {str(path): file_digest(path) for path in files if path.is_file()}
    return [MEMORY.stat().st_ino, text_digest(to_json(digests))]
