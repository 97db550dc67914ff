"""What the next build would run and why, for a person: `make plan`. Nothing is run or changed."""

import argparse
import sys
import textwrap
from collections import Counter
from collections.abc import Sized
from pathlib import Path

from reprose.base.errors import ReproseError
from reprose.commands import availability
from reprose.commands.forecast.eta import Eta, cores_here
from reprose.commands.forecast.job_costs import History
from reprose.commands.forecast.reasons import why
from reprose.commands.snakefile import load_jobs
from reprose.config import reading
from reprose.jobs import leftovers, locks
from reprose.jobs.assessment import Assessment
from reprose.jobs.digests import Digests
from reprose.jobs.graph import Jobs
from reprose.jobs.job import Job
from reprose.jobs.rules import RULES
from reprose.jobs.sharing import Sharing, stores_of

WIDTH = 100
GIGABYTE = 1e9


def run(arguments: argparse.Namespace) -> int:
    """Print what the next build of a tier would run, and why."""
    root = Path.cwd()
    config = reading.load(root / "config.yaml")
    jobs = without_lacking(load_jobs(config, root)[arguments.tier])
    lines = told(Sharing(jobs, stores_of(config)).look(Digests(locks.FOLDER / "digests.json")))
    print("\n".join(lines + _wrapped(leftovers.told(jobs), "")))
    return 0


def without_lacking(jobs: Jobs) -> Jobs:
    """Return the jobs of the handouts whose data can be had, and say which are left out."""
    blocked = availability.blocked(jobs, availability.lacking(jobs))
    if not blocked:
        return jobs
    if len(blocked) == len(jobs.handouts):
        raise ReproseError("no handout has the data that it needs.")
    print(f"left out, for want of data: {', '.join(blocked)}", file=sys.stderr)
    return Jobs(jobs.experiments, jobs.root, without=blocked)


def told(assessment: Assessment) -> list[str]:
    """Return what the next build does as lines for a person."""
    must, may, back = assessment.must, assessment.may, assessment.back
    lines = [f"{_have_results(back)} back, as an edit was undone"] if back else []
    lines += [f"{_have_results(assessment.held)} taken from a store"] if assessment.held else []
    if not must and not may:
        if lines:
            return [*lines, "nothing to run"]
        return [*lines, f"nothing to do: {_all_of(assessment.jobs.all)} up to date"]
    lines += ["will run:"] if must else []
    groups: dict[tuple[str, ...], list[Job]] = {}
    for job in must:
        groups.setdefault(why(assessment.findings[job.record]), []).append(job)
    for reasons, jobs in groups.items():
        lines += _wrapped(f"{described(jobs)}:", "  ")
        lines += [line for reason in reasons for line in _reason(reason)]
    if may:
        lines += ["may run, if a job before writes other bytes than last time:", *_wrapped(described(may), "  ")]
    return [*lines, *_costs(assessment.jobs, must, may)]


def _all_of(found: Sized) -> str:
    return "the 1 job is" if len(found) == 1 else f"all {len(found)} jobs are"


def _have_results(found: Sized) -> str:
    return "1 job has its results" if len(found) == 1 else f"{len(found)} jobs have their results"


def described(jobs: list[Job]) -> str:
    """Return jobs in few words: their names if they are few, else how many of each rule, and of which problems."""
    if len(jobs) <= 3:
        return ", ".join(job.name for job in jobs)
    rules = Counter(job.rule for job in jobs)
    problems = Counter(job.wildcards["problem"] for job in jobs if "problem" in job.wildcards)
    others = Counter(RULES[job.rule].shelf[0] for job in jobs if "problem" not in job.wildcards)
    counts = ", ".join(f"{count} {rule}" for rule, count in rules.items())
    return f"{counts} ({', '.join([*sorted(problems), *others])})"


def _costs(jobs: Jobs, must: list[Job], may: list[Job]) -> list[str]:
    """Return what the build takes, as far as past builds tell."""
    cores = cores_here([], jobs.experiments.threads)
    eta = Eta(jobs, must, may, History.read(jobs.tier), cores)
    lines = [f"expected on {cores} cores: {left}"] if (left := eta.left()) else []
    if eta.memory:
        lines.append(f"memory of the largest job, when it last ran: {eta.memory / GIGABYTE:.2f} GB")
    return lines


def _reason(reason: str) -> list[str]:
    first, *rest = reason.splitlines()
    return [*_wrapped(first, "      "), *(f"        {line}" for line in rest)]


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=f"{indent}  ", break_on_hyphens=False)
