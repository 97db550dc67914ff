"""The audit rehearsed: what the next build's audit would find and do, with nothing touched."""

from collections.abc import Iterable
from pathlib import Path

from reprose import locks
from reprose.audit import Audit, Digests, aside
from reprose.errors import ReproseError
from reprose.jobs import Jobs
from reprose.provenance import Provenance, read_provenance


class Foreseen(Digests):
    """Digests of files as they will be once the audit has set aside, deleted and brought back what it would."""

    def __init__(self, cache: Path) -> None:
        """Start from what the last audit remembered in `cache`, which is only read."""
        super().__init__(cache)
        self.gone: set[Path] = set()  # folders whose job has to run
        self.back: set[Path] = set()  # folders whose outputs come back from where they were set aside

    def of(self, path: Path) -> str | None:
        """Return the digest of `path`, or None where there will be no such file."""
        if path.parent in self.gone:
            return None
        kept = aside(path)
        return super().of(kept if path.parent in self.back and kept.exists() else path)


class Rehearsal(Audit):
    """One pass over the jobs of a tier, in the order they run: which must run, which only come back."""

    def __init__(self, jobs: Jobs) -> None:
        super().__init__(Foreseen(locks.FOLDER / "digests.json"), act=False)
        self.jobs = jobs
        self.folders = {Path(job.provenance).parent for job in jobs.all}
        self.must: list[str] = []  # records of the jobs that must run
        self.back: list[str] = []  # records of the jobs whose outputs come back, as an edit was undone
        self.faults: dict[str, list[str]] = {}  # record -> what is wrong with the job's files
        for job in jobs.all:
            self._foresee(Path(job.provenance), jobs.key_of(job))

    def last(self, record: Path) -> Provenance | None:
        """Return the record of the last run of a job, also one that was set aside; None where there is none."""
        for path in (record, aside(record)):
            try:
                return read_provenance(path)
            except ReproseError:
                continue
        return None

    def _foresee(self, record: Path, key: str) -> None:
        fault, _ = self._fault(record, key)
        lost = [path for path in self._inputs(record) if not path.exists() and path.parent not in self.folders]
        if fault is None and not lost:
            return
        if self._restorable(record, key, self._set_aside_before(record)):
            self.digests.back.update(self._own(record))
            self.back.append(str(record))
            return
        self.faults[str(record)] = self._faults(record, lost)
        self.digests.gone.update(self._own(record))
        self.must.append(str(record))

    def _own(self, record: Path) -> set[Path]:
        """Return the folder that is one job's own; handouts share theirs, and nothing reads it."""
        return {record.parent} if record.name == "provenance.json" else set()

    def _faults(self, record: Path, lost: Iterable[Path]) -> list[str]:
        """Return what is wrong with the files of a job: its record, its outputs, its inputs."""
        found = self.last(record)
        if not record.exists():
            ran = record.with_name(record.name.replace("provenance", "run")).exists()
            return ["its outputs were deleted" if ran else "never built"] if found is None else []
        if found is None:
            return ["its record is damaged"]
        outputs = {path: self.digests.of(Path(path)) for path in found.outputs}
        wrong = [
            f"{path} {'is not what the job wrote' if digest else 'is missing'}"
            for path, digest in outputs.items()
            if digest != found.outputs[path]
        ]
        inputs = [(path, self.digests.of(Path(path)), digest) for path, digest in found.inputs.items()]
        moved = [f"{path} changed" for path, now, digest in inputs if now not in (digest, None)]
        return [*wrong, *moved, *(f"{path} is missing" for path in lost)]

    def _inputs(self, record: Path) -> list[Path]:
        found = self.last(record) if record.exists() else None
        return [Path(path) for path in found.inputs] if found else []

    def _set_aside_before(self, record: Path) -> list[Path]:
        """Return the paths of the outputs of a job that lie set aside."""
        return [record.parent / path.name for path in aside(record).parent.glob("*")]
