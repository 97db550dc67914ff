"""Bring what lies in results/ to a state that Snakemake may trust, before it looks at any file.

Snakemake trusts a file that exists. The audit makes that trust deserved, without any memory of Snakemake's: what the
assessment finds damaged is deleted, what belongs to another state is set aside whole, and what was set aside and fits
again comes back.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from reprose.base.errors import ReproseError
from reprose.base.files import TEMPORARY, sweep_scratch, sweep_temporary
from reprose.jobs import locks
from reprose.jobs.assessment import BACK, DAMAGED, STALE_STATE, UNSURE, VALID, Assessment, Finding
from reprose.jobs.digests import Digests
from reprose.jobs.graph import Jobs
from reprose.jobs.job import Job
from reprose.jobs.record import Record, aside, read_record, record_at


class Memory(Protocol):
    """What Snakemake remembers of the files that it made."""

    def agrees(self, job: Job) -> bool:
        """Return whether what is remembered of a job gives no reason to run it again."""

    def forget(self, job: Job) -> None:
        """Forget the job's files, which then count as up to date while they are newer than its inputs."""


def apply(assessment: Assessment, memory: Memory) -> None:
    """Bring the files of all jobs to a state that Snakemake may trust.

    What lies there of jobs that may run in this build stays, and a link to it is kept aside: Snakemake deletes it
    before they run, and an edit may be undone.
    """
    for job in assessment.may:
        finding = assessment.findings[job.record]
        if finding.state in (VALID, UNSURE) and not finding.is_aside:
            _link_aside(job, finding.found)
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


def clear_away() -> None:
    """Wait for steps that outlived a killed build, and delete what it left half made. Needs the build lock."""
    locks.heal()
    sweep_scratch()
    sweep_temporary([Path("data"), Path("results"), locks.FOLDER])


def bring_into_the_past(jobs: Jobs, digests: Digests) -> None:
    """Give files whose times lie ahead of this machine's clock its time: Snakemake refuses what is made of them.

    They were saved on a machine whose clock is ahead, or before this one's was put back.
    """
    now = time.time_ns()
    for path in {path for job in jobs.all for path in (*job.paths, *job.outputs.values())}:
        if (modified := _modified(path)) > now:
            try:
                _set_time(path, now, digests)
            except PermissionError:
                ahead = (modified - now) / 1e9
                raise ReproseError(
                    f"{path}: it was saved {ahead:,.0f} s ahead of this machine's clock, and belongs to somebody"
                    " else, so that its time cannot be put right. Set the clock, or let its owner 'touch' the file."
                ) from None


def report(assessment: Assessment, why: Callable[[Finding], tuple[str, ...]], act: bool = True) -> None:
    """Tell the user on standard error what was found wrong, `why` in words, and what is done about it."""
    jobs: dict[str, list[str]] = {}
    for finding in assessment.findings.values():
        if told := _told(finding, why, assessment.brought.get(finding.job.record)):
            jobs.setdefault(told, []).append(finding.job.name)
    for told, names in jobs.items():
        shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
        print(f"audit: {told}{'' if act else ' at the next build'}: {shown}", file=sys.stderr, flush=True)


def _told(finding: Finding, why: Callable[[Finding], tuple[str, ...]], store: str | None) -> str | None:
    if finding.state == BACK:
        return f"results are taken from {store}" if store else "an edit was undone; results are back"
    if finding.state in (DAMAGED, STALE_STATE):
        first, *others = why(finding)
        more = f" and {len(others)} more" if others else ""
        return f"{first.splitlines()[0]}{more}; {'deleted' if finding.state == DAMAGED else 'set aside'}"
    return None


def _moved(job: Job, record: Record | None) -> Iterator[str]:
    """Yield the outputs that are set aside together, the record last."""
    paths = [path for path in (record.outputs if record else ()) if job.is_moved(path)]
    others = [path for path in job.outputs.values() if path != job.record]
    yield from dict.fromkeys([*paths, *others, job.run_record, job.record])


def _set_aside(job: Job, record: Record | None) -> None:
    """Set aside what lies there, in place of what was set aside before."""
    drop_aside(job)
    for path in _moved(job, record):
        if os.path.exists(path):
            aside(path).parent.mkdir(exist_ok=True)
            os.replace(path, aside(path))


def _link_aside(job: Job, record: Record | None) -> None:
    """Keep what lies there aside as well, where the file system has links."""
    drop_aside(job)
    with suppress(OSError):
        for path in _moved(job, record):
            if os.path.exists(path):
                aside(path).parent.mkdir(exist_ok=True)
                os.link(path, aside(path))


def drop_aside(job: Job) -> None:
    """Delete what was set aside of a job: its record first, so that what is left in part counts for nothing."""
    record = record_at(aside(job.record))
    aside(job.record).unlink(missing_ok=True)
    for path in _moved(job, record):
        aside(path).unlink(missing_ok=True)


def _swap(job: Job, digests: Digests) -> None:
    """Bring back what was set aside, and set aside what lies there, so that a second change of mind costs nothing."""
    kept, here = read_record(aside(job.record)), record_at(Path(job.record))
    whole = here is not None and all(digests.of(path) == digest for path, digest in here.outputs.items())
    coming = [path for path in _moved(job, kept) if aside(path).exists()]  # without a record of the run, if it was lost
    going = [path for path in _moved(job, here) if os.path.exists(path)] if whole else []
    for path in going:
        os.replace(path, _between(path))
    for path in coming:
        known = digests.of(aside(path))
        os.replace(aside(path), path)
        if path != job.run_record:  # which tells when the job ran
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
    for path in job.outputs.values():
        if _modified(path) < newest:
            _set_time(path, newest, digests)


def _set_time(path: str, nanoseconds: int, digests: Digests) -> None:
    """Give a file a time that is not ahead; to one of somebody else, the present. Its digest stays known."""
    known = digests.of(path)
    try:
        os.utime(path, ns=(nanoseconds, nanoseconds))
    except PermissionError:  # to write to it does not suffice
        os.utime(path)
    digests.keep(path, str(known))


def _modified(path: str) -> int:
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return 0
