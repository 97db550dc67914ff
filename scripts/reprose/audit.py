"""Compare what lies in results/ with what each job's record says, before Snakemake looks at it.

Snakemake trusts a file that exists. The audit makes that trust deserved: a file whose bytes are not those of its
record, or that has no record, is deleted; the outputs of a job whose key or inputs moved on are set aside, whole, and
come back if the edit is undone before the job runs again.
"""

import json
import os
import shutil
import sys
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from pathlib import Path

from reprose.canonical import file_digest, to_json, write_whole
from reprose.errors import ReproseError
from reprose.provenance import STALE, Provenance, read_provenance


class Digests:
    """SHA-256 of files, remembered by size and time of modification."""

    def __init__(self, cache: Path) -> None:
        self.cache = cache
        try:
            self.known: dict[str, list] = dict(json.loads(cache.read_text()))
        except (OSError, ValueError, TypeError):
            self.known = {}

    def of(self, path: Path) -> str | None:
        """Return the digest of `path`, or None where there is no such file."""
        try:
            status = path.stat()
        except OSError:
            return None
        stamp = [status.st_size, status.st_mtime_ns, status.st_ino]
        entry = self.known.get(str(path))
        if not entry or entry[:3] != stamp:
            entry = [*stamp, file_digest(path)]
            self.known[str(path)] = entry
        return entry[3]

    def save(self) -> None:
        """Write the memory to its file, by rename."""
        self.cache.parent.mkdir(exist_ok=True)
        write_whole(self.cache, json.dumps(self.known).encode())


class Audit:
    """One pass over the expected jobs, in the order they run."""

    def __init__(self, digests: Digests, act: bool = True) -> None:
        self.digests = digests
        self.act = act

    def check(self, record: Path, key: str, declared: Iterable[Path]) -> str | None:
        """Bring one job's files to a state that Snakemake may trust; return what was wrong and done, if anything."""
        outputs = [Path(path) for path in declared]
        fault, damaged = self._fault(record, key, outputs)
        if fault is None and record.exists():
            return None
        if self._restorable(record, key, outputs):
            self._restore(outputs)
            return "an edit was undone; results are back"
        left = [path for path in outputs if path.exists()]
        if not left:
            return None
        if damaged:
            self._delete(left)
        else:
            self._set_aside(left)
        return f"{fault}; {'deleted' if damaged else 'set aside'}"

    def current(self, record: Path, key: str) -> bool:
        """Return whether a job's outputs are there, whole, made with this key from inputs that lie there now."""
        if self._fault(record, key)[0] is not None:
            return False
        consumed = read_provenance(record).inputs
        return all(self.digests.of(Path(path)) == digest for path, digest in consumed.items())

    def _fault(self, record: Path, key: str, declared: Iterable[Path] = ()) -> tuple[str | None, bool]:
        if not record.exists():
            return "the record is missing", True
        try:
            found = read_provenance(record)
        except ReproseError:
            return "the record is damaged", True
        if not found.outputs.keys() >= {str(path) for path in declared if path != record}:
            return "the record is incomplete", True
        return self._disagreement(found, key, {})

    def _disagreement(self, found: Provenance, key: str, moved: dict[str, Path]) -> tuple[str | None, bool]:
        """Return what disagrees with a record, and whether it is damage rather than an edit."""
        for path, digest in found.outputs.items():
            if self.digests.of(moved.get(path, Path(path))) != digest:
                return f"{path} is not what the job wrote", True
        if to_json(found.key) != key:
            return "made with another key", False
        for path, digest in found.inputs.items():
            if self.digests.of(Path(path)) not in (digest, None):
                return f"{path} changed since", False
        return None, False

    def _restorable(self, record: Path, key: str, outputs: list[Path]) -> bool:
        kept = aside(record)
        if not kept.exists():
            return False
        try:
            found = read_provenance(kept)
        except ReproseError:
            return False
        return self._disagreement(found, key, {str(path): aside(path) for path in outputs})[0] is None

    def _delete(self, paths: Iterable[Path]) -> None:
        if self.act:
            for path in paths:
                path.unlink()

    def _set_aside(self, paths: Iterable[Path]) -> None:
        if self.act:
            for path in paths:
                aside(path).parent.mkdir(exist_ok=True)
                os.replace(path, aside(path))

    def _restore(self, paths: Iterable[Path]) -> None:
        """Bring files back as new ones, of which Snakemake knows nothing: it remembers the run that was broken off."""
        if self.act:
            for path in paths:
                os.replace(aside(path), path)
                os.utime(path)
                _snakemake_memory(path).unlink(missing_ok=True)


def sweep(folders: Iterable[Path]) -> None:
    """Delete what killed steps left under temporary names."""
    for folder in folders:
        for path in list(folder.rglob(".new.*")):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)


def report(findings: Iterable[tuple[str, str]], act: bool) -> None:
    """Tell the user on standard error what the audit found: pairs of a job's name and what was wrong with it."""
    jobs: dict[str, list[str]] = {}
    for job, finding in findings:
        jobs.setdefault(finding, []).append(job)
    for finding, names in jobs.items():
        shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
        print(f"audit: {finding}{'' if act else ' at the next build'}: {shown}", file=sys.stderr, flush=True)


def aside(path: Path) -> Path:
    """Return where the audit sets an output aside."""
    return path.parent / STALE / path.name


def _snakemake_memory(path: Path) -> Path:
    """Return the file in which Snakemake remembers how `path` was made: its name in base 64, cut to file names."""
    name = urlsafe_b64encode(str(path).encode()).decode()
    parts = [name[start : start + 254] for start in range(0, len(name), 254)]
    return Path(".snakemake/metadata", *(f"@{part}" for part in parts[:-1]), parts[-1])
