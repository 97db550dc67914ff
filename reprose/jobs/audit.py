"""Compare what lies in results/ with the description of every job, before Snakemake looks at it.

Snakemake trusts a file that exists. The audit makes that trust deserved, without any memory of Snakemake's: `assess`
says of each job whether its results at hand are those of its description, with today's inputs; it changes nothing.
`apply` acts on that: what is damaged is deleted, what belongs to another state is set aside whole, and what was set
aside and fits again comes back.
"""

import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from reprose.base.errors import ReproseError
from reprose.base.files import TEMPORARY
from reprose.jobs.digests import Digests
from reprose.jobs.graph import Jobs
from reprose.jobs.job import Job
from reprose.jobs.record import STALE, Record, read_record
from reprose.jobs.rules import RULES

VALID = "valid"  # the results at hand are the job's
BACK = "comes back"  # what was set aside is
UNSURE = "unsure"  # one of these, if the jobs before it write what they wrote last time
STALE_STATE = "stale"  # results of another state
DAMAGED = "damaged"  # not what a job wrote
ABSENT = "absent"  # never made, or deleted
MUST_RUN = (STALE_STATE, DAMAGED, ABSENT)


class Memory(Protocol):
    """What Snakemake remembers of the files that it made."""

    def agrees(self, job: Job) -> bool:
        """Return whether what is remembered of a job gives no reason to run it again."""

    def forget(self, job: Job) -> None:
        """Forget the job's files, which then count as up to date while they are newer than its inputs."""


@dataclass(frozen=True)
class Finding:
    """What the audit finds of one job."""

    job: Job
    state: str
    faults: tuple[str, ...] = ()  # what is wrong with the results at hand
    is_aside: bool = False  # whether the results that fit, or may fit, are those that were set aside
    found: Record | None = None  # the last record of the job, also one that was set aside

    @property
    def must_run(self) -> bool:
        """Return whether the job has to run."""
        return self.state in MUST_RUN


@dataclass(frozen=True)
class _Unknown:
    """The digest of a file that a job before will write."""

    other_than: str | None = None  # what it is sure not to be


class Assessment:
    """What the audit finds of all jobs of a tier, in the order they run."""

    def __init__(self, jobs: Jobs, digests: Digests) -> None:
        self.jobs = jobs
        self.digests = digests
        self.findings: dict[str, Finding] = {}  # record -> finding
        self._to_come: dict[str, str | _Unknown | None] = {}  # path -> its digest once the audit has acted
        for job in jobs.all:
            self._add(_Look(self, job).finding())

    @property
    def must(self) -> list[Job]:
        """Return the jobs that have to run."""
        return [finding.job for finding in self.findings.values() if finding.must_run]

    @property
    def may(self) -> list[Job]:
        """Return the jobs that run only if a job before them writes other bytes than last time."""
        unsure = {record for record, finding in self.findings.items() if finding.state == UNSURE}
        reached = self.jobs.downstream(job.record for job in self.must) | unsure
        return [finding.job for record, finding in self.findings.items() if record in reached and not finding.must_run]

    @property
    def back(self) -> list[Job]:
        """Return the jobs whose results come back, as an edit was undone."""
        return [finding.job for finding in self.findings.values() if finding.state == BACK]

    def not_valid(self, jobs: Iterable[Job]) -> list[Job]:
        """Return those of `jobs` whose results are not at hand."""
        return [job for job in jobs if self.findings[job.record].state != VALID]

    def digest(self, path: str) -> str | _Unknown | None:
        """Return the digest that an input will have when the jobs before it are done; None where it is missing."""
        return self._to_come[path] if path in self._to_come else self.digests.of(path)

    def _add(self, finding: Finding) -> None:
        job = finding.job
        self.findings[job.record] = finding
        if finding.state == BACK:
            self._to_come |= {path: self.digests.of(aside(path)) for path in job.outputs.values()}
        elif finding.must_run or finding.is_aside:
            self._to_come |= {path: _Unknown() for path in job.outputs.values()}
            if self._leaves_another_record(finding):
                self._to_come[job.record] = _Unknown(self.digests.of(job.record))

    def _leaves_another_record(self, finding: Finding) -> bool:
        """Return whether a job is sure to leave another record than lies there: it has another key or other inputs."""
        found = _record(Path(finding.job.record))
        if not finding.must_run or found is None:
            return False
        changed = (self._surely_differs(path, digest) for path, digest in found.inputs.items())
        return found.canonical_key != finding.job.canonical_key or any(changed)

    def _surely_differs(self, path: str, digest: str) -> bool:
        now = self.digest(path)
        return now.other_than == digest if isinstance(now, _Unknown) else now != digest


class _Look:
    """The look at the results of one job, at their place and where they were set aside."""

    def __init__(self, assessment: Assessment, job: Job) -> None:
        self.assessment = assessment
        self.job = job
        self.found = _record(Path(job.record))
        self.kept = _record(aside(job.record))

    def finding(self) -> Finding:
        """Return what is found."""
        damage = self._damage()
        edits, unsure = self._edits(self.found) if self.found else ([], False)
        if not damage and not edits:
            return self._made(UNSURE if unsure else VALID)
        if self.kept and not self._lost(self.kept, set_aside=True):
            kept_edits, kept_unsure = self._edits(self.kept)
            if not kept_edits:
                return self._made(UNSURE if kept_unsure else BACK, damage + edits, is_aside=True)
        if not self.found and not any(os.path.exists(path) for path in self.job.outputs.values()):
            return self._made(ABSENT, damage)
        return self._made(DAMAGED if damage else STALE_STATE, damage + edits)

    def _made(self, state: str, faults: Iterable[str] = (), is_aside: bool = False) -> Finding:
        return Finding(self.job, state, tuple(faults), is_aside, self.found or self.kept)

    def _damage(self) -> list[str]:
        """Return what is wrong with the files of the job at their place, whatever state they belong to."""
        if self.found is None:
            if os.path.exists(self.job.record):
                return ["its record is damaged"]
            return (
                ["its record is missing"] if any(map(os.path.exists, self.job.outputs.values())) else [self._absent()]
            )
        if not self.found.outputs.keys() >= {path for path in self.job.outputs.values() if path != self.job.record}:
            return ["its record is incomplete"]
        return self._lost(self.found)

    def _absent(self) -> str:
        return "its outputs were deleted" if os.path.exists(self.job.run_record) else "never built"

    def _lost(self, record: Record, set_aside: bool = False) -> list[str]:
        """Return which outputs of a record are not as it says."""
        said = []
        for path, digest in record.outputs.items():
            now = self.assessment.digests.of(aside(path) if set_aside and is_moved(self.job, path) else path)
            if now != digest:
                said.append(f"{path} {'is not what the job wrote' if now else 'is missing'}")
        return said

    def _edits(self, record: Record) -> tuple[list[str], bool]:
        """Return why a record is of another state than today's, and whether jobs before may make it so."""
        said = [] if record.canonical_key == self.job.canonical_key else ["made with another key"]
        if not said and set(record.inputs) != set(self.job.paths):
            said.append("its record names other inputs")
        unsure = False
        for path in self.job.paths if not said else ():
            now = self.assessment.digest(path)
            if isinstance(now, _Unknown):
                if now.other_than is not None and now.other_than == record.inputs[path]:
                    said.append(f"{path} changes")
                unsure = True
            elif now != record.inputs[path]:
                said.append(f"{path} {'changed' if now else 'is missing'}")
        return said, unsure


def apply(assessment: Assessment, memory: Memory) -> None:
    """Bring the files of all jobs to a state that Snakemake may trust."""
    for finding in assessment.findings.values():
        job, digests = finding.job, assessment.digests
        if finding.state == BACK:
            _swap(job, digests)
            memory.forget(job)
        elif finding.state == DAMAGED or finding.is_aside:
            for path in job.outputs.values():
                Path(path).unlink(missing_ok=True)
        elif finding.state == STALE_STATE:
            _set_aside(job, finding.found)
        if finding.state in (VALID, BACK):
            _make_newer(job, digests)
            if not memory.agrees(job):
                memory.forget(job)


def report(assessment: Assessment, act: bool = True) -> None:
    """Tell the user on standard error what was found wrong, and what is done about it."""
    jobs: dict[str, list[str]] = {}
    for finding in assessment.findings.values():
        if told := _told(finding):
            jobs.setdefault(told, []).append(finding.job.name)
    for told, names in jobs.items():
        shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
        print(f"audit: {told}{'' if act else ' at the next build'}: {shown}", file=sys.stderr, flush=True)


def aside(path: str | Path) -> Path:
    """Return where the audit sets an output aside."""
    return Path(path).parent / STALE / Path(path).name


def is_moved(job: Job, path: str) -> bool:
    """Return whether an output is set aside with the others; raw files stay where they are, verified."""
    return path in job.outputs.values() or job.rule != "fetch"


def _told(finding: Finding) -> str | None:
    if finding.state == BACK:
        return "an edit was undone; results are back"
    if finding.state in (DAMAGED, STALE_STATE):
        return f"{finding.faults[0]}; {'deleted' if finding.state == DAMAGED else 'set aside'}"
    return None


def _record(path: Path) -> Record | None:
    try:
        return read_record(path)
    except ReproseError:
        return None


def _moved(job: Job, record: Record | None) -> Iterator[str]:
    """Yield the outputs that are set aside together, the record last."""
    paths = [path for path in (record.outputs if record else ()) if is_moved(job, path)]
    yield from dict.fromkeys([*paths, *(path for path in job.outputs.values() if path != job.record), job.record])


def _set_aside(job: Job, record: Record | None) -> None:
    aside(job.record).unlink(missing_ok=True)  # first, so that what is there in part counts for nothing
    for path in _moved(job, record):
        if os.path.exists(path):
            aside(path).parent.mkdir(exist_ok=True)
            os.replace(path, aside(path))


def _swap(job: Job, digests: Digests) -> None:
    """Bring back what was set aside, and set aside what lies there, so that a second change of mind costs nothing."""
    kept, here = read_record(aside(job.record)), _record(Path(job.record))
    whole = here is not None and all(digests.of(path) == digest for path, digest in here.outputs.items())
    coming, going = list(_moved(job, kept)), list(_moved(job, here)) if whole else []
    for path in going:
        os.replace(path, _between(path))
    for path in coming:
        known = digests.of(aside(path))
        os.replace(aside(path), path)
        os.utime(path)
        digests.keep(path, str(known))
    for path in going:
        os.replace(_between(path), aside(path))


def _between(path: str) -> Path:
    """Return a temporary name, which a later audit sweeps away if this one is killed."""
    return Path(path).with_name(f"{TEMPORARY}aside.{Path(path).name}")


def _make_newer(job: Job, digests: Digests) -> None:
    """Let no input of a valid job be newer than its outputs: without a memory, Snakemake goes by that alone."""
    inputs = [_modified(path) for role, paths in job.inputs.items() if not job.is_sealed(role) for path in paths]
    newest = max(inputs, default=0)
    benchmark = RULES[job.rule].benchmark.format(**job.wildcards)
    if 0 < _modified(benchmark) < newest:  # Snakemake takes it for one of the outputs
        os.utime(benchmark, ns=(newest, newest))
    for path in job.outputs.values():
        if _modified(path) < newest:
            known = digests.of(path)
            os.utime(path)
            if _modified(path) < newest:  # the input's time lies ahead of this machine's clock
                os.utime(path, ns=(newest, newest))
            digests.keep(path, str(known))


def _modified(path: str) -> int:
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return 0
