"""Build drafts: every handout with the sections that can be made, and a box where one cannot."""

import argparse
import subprocess
from dataclasses import asdict
from pathlib import Path

from reprose.base.messages import MARK, harmless
from reprose.commands import availability
from reprose.commands.build import Build, begin
from reprose.commands.invocation import step_call
from reprose.document.drafts import Missing
from reprose.jobs import handover
from reprose.jobs.graph import Jobs
from reprose.jobs.job import Job


def run(arguments: argparse.Namespace) -> int:
    """Build what can be built, then typeset every handout anew; drafts are no part of the workflow."""
    snakemake, jobs, stores = begin(arguments)
    gaps = availability.lacking(jobs)
    build = Build(without_sections(jobs, gaps), snakemake, stores)
    build.bring_up_to_date(job for job in build.jobs.all if job.rule != "typeset")
    failed = {problem: availability.missing(jobs, problem, job, said(job)) for problem, job in build.failed.items()}
    drafts = without_sections(jobs, gaps | failed)
    return max([typeset(drafts, name) for name in drafts.handouts], default=0)


def without_sections(jobs: Jobs, gaps: dict[str, Missing]) -> Jobs:
    """Return the jobs of drafts without the sections in `gaps`."""
    return Jobs(jobs.experiments, jobs.root, jobs.without, {name: asdict(gap) for name, gap in gaps.items()})


def typeset(jobs: Jobs, handout: str) -> int:
    """Typeset one draft by the step of that name; return its exit status."""
    job = jobs.job("typeset", handout=handout)
    description = handover.hand_over(job, set())
    done = subprocess.run(**step_call("typeset", description), stderr=subprocess.PIPE, text=True, check=False)
    shown = [line.removeprefix(MARK) for line in done.stderr.splitlines() if line.startswith(MARK)]
    print(harmless("\n".join(shown)), flush=True)
    if not done.returncode:
        gaps = [name for name in job.settings["missing"] if name in job.settings["order"]]
        print(f"draft: {job.outputs['pdf']}" + (f", without {', '.join(gaps)}" if gaps else ""), flush=True)
    return done.returncode


def said(job: Job) -> str:
    """Return the error at the end of the log of `job`, or where to look."""
    log = Path(job.log)
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.exists() else []
    told = [line.removeprefix(MARK) for line in lines if line.startswith(MARK)]
    return "\n".join(told) or "It was not tried, or left no message."
