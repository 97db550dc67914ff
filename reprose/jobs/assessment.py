"""What lies in results/, compared with the description of every job: what must run, and why. Changes nothing."""

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Protocol

from reprose.jobs.digests import Digests
from reprose.jobs.graph import Jobs
from reprose.jobs.job import Job
from reprose.jobs.record import Record, aside, record_at

VALID = "valid"  # the results at hand are the job's
BACK = "comes back"  # what was set aside is
HELD = "held"  # a store holds the results
UNSURE = "unsure"  # one of these, if the jobs before it write what they wrote last time
STALE_STATE = "stale"  # results of another state
DAMAGED = "damaged"  # not what a job wrote
ABSENT = "absent"  # never made, or deleted
MUST_RUN = (STALE_STATE, DAMAGED, ABSENT)


class Offer(Protocol):
    """What a store holds of a job."""

    @property
    def digests(self) -> Mapping[str, str]:
        """Return the digests of all that the job leaves, its record included, by path."""


Ask = Callable[[Job, Mapping[str, str]], Offer | None]  # a job, and the digests of its inputs -> what a store holds


@dataclass(frozen=True)
class Finding:
    """What the audit finds of one job."""

    job: Job
    state: str
    faults: tuple[str, ...] = ()  # what is wrong with the results at hand
    is_aside: bool = False  # whether the results that fit, or may fit, are those that were set aside
    found: Record | None = None  # the last record of the job, also one that was set aside
    offer: Offer | None = None  # what a store holds, in place of running

    @property
    def must_run(self) -> bool:
        """Return whether the job has to run."""
        return self.state in MUST_RUN


@dataclass(frozen=True)
class _Unknown:
    """The digest of a file that a job before will write, or may write."""

    other_than: str | None = None  # what it is sure not to be
    unless_run: str | None = None  # what it stays where that job need not run


class Assessment:
    """What the audit finds of all jobs of a tier, in the order they run; `ask` looks into stores for what must run."""

    def __init__(self, jobs: Jobs, digests: Digests, ask: Ask | None = None) -> None:
        self.jobs = jobs
        self.digests = digests
        self.ask = ask
        self.brought: Mapping[str, str] = {}  # record -> the store that its results were taken from
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

    @property
    def held(self) -> list[Finding]:
        """Return what is found of the jobs whose results a store holds."""
        return [finding for finding in self.findings.values() if finding.state == HELD]

    def not_valid(self, jobs: Iterable[Job]) -> list[Job]:
        """Return those of `jobs` whose results are not at hand."""
        return [job for job in jobs if self.findings[job.record].state != VALID]

    def digest(self, path: str) -> str | _Unknown | None:
        """Return the digest that an input will have when the jobs before it are done; None where it is missing."""
        return self._to_come[path] if path in self._to_come else self.digests.of(path)

    def _add(self, finding: Finding) -> None:
        job = finding.job
        self.findings[job.record] = finding
        if finding.offer:
            self._to_come |= {path: finding.offer.digests[path] for path in job.outputs.values()}
            return
        if finding.must_run or (finding.is_aside and finding.state == UNSURE):
            self._to_come |= {path: _Unknown() for path in job.outputs.values()}
            if self._leaves_another_record(finding):
                self._to_come[job.record] = _Unknown(self.digests.of(job.record))
            return
        stay = {path: self.digests.of(aside(path) if finding.is_aside else path) for path in job.outputs.values()}
        if any(isinstance(self.digest(path), _Unknown) for path in job.paths):
            self._to_come |= {path: _Unknown(unless_run=digest) for path, digest in stay.items()}
        elif finding.is_aside:
            self._to_come |= stay

    def _leaves_another_record(self, finding: Finding) -> bool:
        """Return whether a job is sure to leave another record than lies there: it has another key or other inputs."""
        found = record_at(Path(finding.job.record))
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
        self.found = record_at(Path(job.record))

    @cached_property
    def kept(self) -> Record | None:
        """Return the record that was set aside, which is read only where the one at its place does not do."""
        return record_at(aside(self.job.record))

    def finding(self) -> Finding:
        """Return what is found here, or in a store."""
        found = self._finding_here()
        offer = self._offer() if found.must_run and self.assessment.ask else None
        return replace(found, state=HELD, offer=offer) if offer else found

    def _offer(self) -> Offer | None:
        inputs = {path: self.assessment.digest(path) for path in self.job.paths}
        known = {path: digest for path, digest in inputs.items() if isinstance(digest, str)}
        return self.assessment.ask(self.job, known) if self.assessment.ask and known == inputs else None

    def _finding_here(self) -> Finding:
        damage = self._damage()
        edits, unsure = self._edits(self.found) if self.found else ([], False)
        if not damage and not edits:
            return self._made(UNSURE if unsure else VALID)
        is_absent = not self.found and not any(os.path.exists(path) for path in self.job.outputs.values())
        if self.kept and not self._lost(self.kept, set_aside=True):
            kept_edits, kept_unsure = self._edits(self.kept)
            if not kept_edits:
                return self._made(UNSURE if kept_unsure else BACK, damage + edits, is_aside=True)
            if is_absent and not os.path.exists(self.job.run_record):  # set aside, and the job has not ended since
                damage = kept_edits
        if is_absent:
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
        return "its outputs are gone" if os.path.exists(self.job.run_record) else "never built"

    def _lost(self, record: Record, set_aside: bool = False) -> list[str]:
        """Return which outputs of a record are not as it says."""
        said = []
        for path, digest in record.outputs.items():
            now = self.assessment.digests.of(aside(path) if set_aside and self.job.is_moved(path) else path)
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
                unsure |= now.unless_run != record.inputs[path]
            elif now != record.inputs[path]:
                said.append(f"{path} {'changed' if now else 'is missing'}")
        return said, unsure
