"""What the next build would run, why, and what that will take, for a person: `make plan`. Nothing is run or changed."""

import argparse
import os
import sys
import textwrap
from collections import Counter

from reprose import config as configuration
from reprose import entrance
from reprose.build import ROOT, Build
from reprose.errors import ReproseError
from reprose.foresight.forecast import cores_here, forecast
from reprose.foresight.history import History
from reprose.foresight.outlook import Outlook
from reprose.jobs import Job, Jobs
from reprose.plan import TIERS
from reprose.provenance import FOLDERS

WIDTH = 100


def main() -> None:
    """Print what the next build of a tier would run, why, and what it will take."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tier", choices=TIERS, default="sample", help="sample data or the published data")
    arguments = parser.parse_args()
    os.chdir(ROOT)
    try:
        jobs = entrance.jobs(configuration.load(ROOT / "config.yaml"), ROOT)[arguments.tier]
        print("\n".join(told(Outlook(without_lacking(jobs)))))
    except ReproseError as error:
        sys.exit(f"error: {error}")


def without_lacking(jobs: Jobs) -> Jobs:
    """Return the jobs of the handouts whose data can be had, and say which are left out."""
    lacking = Build(jobs, -1, []).lacking()
    blocked = [name for name, problems in jobs.handouts.items() if lacking.keys() & set(problems)]
    if not blocked:
        return jobs
    if len(blocked) == len(jobs.handouts):
        raise ReproseError("no handout has the data that it needs.")
    print(f"left out, for want of data: {', '.join(blocked)}", file=sys.stderr)
    return Jobs(jobs.plan, ROOT, without=blocked)


def told(outlook: Outlook) -> list[str]:
    """Return the outlook as lines for a person."""
    must, may, back = outlook.must, outlook.may, outlook.rehearsal.back
    lines = [f"{len(back)} jobs have their results back, as an edit was undone"] if back else []
    if not must:
        return [*lines, f"nothing to do: all {len(outlook.jobs.all)} jobs are up to date"]
    lines += ["will run:"]
    groups: dict[tuple[str, ...], list[Job]] = {}
    for job in must:
        groups.setdefault(outlook.why[job.provenance], []).append(job)
    for why, jobs in groups.items():
        lines += _wrapped(f"{described(jobs)}:", "  ")
        lines += [line for reason in why for line in _reason(reason)]
    if may:
        lines += ["may run, if what they read changes:", *_wrapped(described(may), "  ")]
    return [*lines, *_costs(outlook, must, may)]


def described(jobs: list[Job]) -> str:
    """Return jobs in few words: their names if they are few, else how many of each rule, and of which problems."""
    if len(jobs) <= 3:
        return ", ".join(job.name for job in jobs)
    rules = Counter(job.rule for job in jobs)
    problems = Counter(job.wildcards["problem"] for job in jobs if "problem" in job.wildcards)
    others = Counter(FOLDERS[job.rule][0] for job in jobs if "problem" not in job.wildcards)
    counts = ", ".join(f"{count} {rule}" for rule, count in rules.items())
    return f"{counts} ({', '.join([*sorted(problems), *others])})"


def _costs(outlook: Outlook, must: list[Job], may: list[Job]) -> list[str]:
    jobs, history = outlook.jobs, History.read(outlook.jobs)
    cores = cores_here([], jobs.plan.threads)
    lines = [f"expected on {cores} cores:"]
    lines += _wrapped(f"{len(must)} jobs that will run: {forecast(history, jobs, must, outlook.needed, cores)}", "  ")
    if may:
        every = forecast(history, jobs, [*must, *may], outlook.needed, cores)
        lines += _wrapped(f"{len(must) + len(may)} jobs at most: {every}", "  ")
    return lines


def _reason(reason: str) -> list[str]:
    first, *rest = reason.splitlines()
    return [*_wrapped(first, "      "), *(f"        {line}" for line in rest)]


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=f"{indent}  ", break_on_hyphens=False)


if __name__ == "__main__":
    main()
