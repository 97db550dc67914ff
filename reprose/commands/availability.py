"""Which problems cannot be built for want of data, asked before any work."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from reprose.base.messages import harmless
from reprose.config import handouts, loading
from reprose.data.mirror_address import VARIABLE
from reprose.jobs.graph import Jobs
from reprose.jobs.job import Job

if TYPE_CHECKING:
    from reprose.document.drafts import Missing


def lacking(jobs: Jobs) -> "dict[str, Missing]":
    """Return the problems whose data cannot be had, and say of each data set why."""
    published = [name for name in jobs.datasets_in_use if "file" not in jobs.experiments.datasets[name]]
    faults = {name: _fault(jobs.tier, name) for name in published} if jobs.tier == "real" else {}
    for message in filter(None, faults.values()):
        print(f"error: {harmless(message)}", file=sys.stderr, flush=True)
    found: dict[str, Missing] = {}
    for problem in sorted({problem for listed in jobs.handouts.values() for problem in listed}):
        for job in jobs.behind([problem]):
            if job.rule == "fetch" and (reason := faults.get(job.wildcards["dataset"])):
                found.setdefault(problem, missing(jobs, problem, job, reason))
    return found


def missing(jobs: Jobs, problem: str, job: Job, reason: str) -> "Missing":
    """Return what a draft prints instead of the section of `problem`, for want of `job`."""
    from reprose.document.drafts import Missing  # here, as few builds want it, and it is slow to import

    return Missing(handouts.heading(jobs.root, problem), job.name, job.log, reason)


def blocked(jobs: Jobs, gaps: "dict[str, Missing]") -> list[str]:
    """Return the handouts that cannot be built without the problems in `gaps`."""
    return [name for name, problems in jobs.handouts.items() if gaps.keys() & set(problems)]


def _fault(tier: str, dataset: str) -> str | None:
    from reprose.data.download import Network  # here, as on sample data nobody asks a server
    from reprose.data.obtain import check_available

    quick = Network(connect=3, read=3, attempts=1)
    source, folder = loading.source(dataset), Path("data", tier, dataset)
    return check_available(source, dataset, os.environ.get(VARIABLE), folder, quick)
