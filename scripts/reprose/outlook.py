"""What the next build would run, why, and what that will take: `make plan`. Nothing is run or changed."""

import argparse
import json
import os
import re
import subprocess
import sys
import textwrap
from collections import Counter
from pathlib import Path

from reprose import config as configuration
from reprose import entrance, reasons
from reprose.build import ROOT, Build
from reprose.canonical import to_json
from reprose.dependencies import downstream, needs
from reprose.errors import ReproseError
from reprose.forecast import cores_here, forecast
from reprose.history import History, run_record
from reprose.jobs import Job, Jobs
from reprose.plan import TIERS
from reprose.provenance import FOLDERS
from reprose.rehearsal import Rehearsal
from reprose.settled import is_settled

WIDTH = 100
FOLLOWS = "Input files updated by another job"
FILES = ("Updated input files", "Missing output files")  # what else follows from a job that runs before
BLOCK = re.compile(r"^(?:local)?rule (\w+):\n((?:    .*\n?)+)", re.MULTILINE)


class Outlook:
    """What the next build of a tier would run: the jobs that must, and those that may if what they read changes."""

    def __init__(self, jobs: Jobs) -> None:
        self.jobs = jobs
        self.needed = needs(jobs)
        self.rehearsal = Rehearsal(jobs)
        self.records = {job.provenance: job for job in jobs.all}
        self.why = {record: self._why(self.records[record]) for record in self.rehearsal.must}  # record -> reasons
        if not is_settled(jobs.plan.tier, self.records):
            self.why |= self._asked()
        self._tell_handouts()

    @property
    def must(self) -> list[Job]:
        """Return the jobs that will run, in the order they run."""
        return [job for job in self.jobs.all if job.provenance in self.why]

    @property
    def may(self) -> list[Job]:
        """Return the jobs that will run if a job before them writes other bytes than last time."""
        reached = downstream(self.needed, self.why)
        return [job for job in self.jobs.all if job.provenance in reached and job.provenance not in self.why]

    def _why(self, job: Job) -> tuple[str, ...]:
        """Return all reasons for which the records say that a job must run."""
        record, key = Path(job.provenance), self.jobs.key_of(job)
        said, found = list(self.rehearsal.faults[job.provenance]), self.rehearsal.last(record)
        if found and to_json(found.key) != key:
            now = json.loads(key)
            said += reasons.of_key(found.key, now)
            if found.key["code"] != now["code"]:
                said += reasons.of_code(run_record(job), now, ROOT)
        return tuple(said) or ("its outputs are not complete",)

    def _tell_handouts(self) -> None:
        """Enter the handouts that are typeset anew in any case, as they print the record of a job that changes."""
        changed = {record for record in self.why if self._changes_record(Path(record))}
        for job in self.jobs.all:
            if job.rule == "typeset" and job.provenance not in self.why and self.needed[job.provenance] & changed:
                self.why[job.provenance] = ("prints the records of jobs that run",)

    def _changes_record(self, record: Path) -> bool:
        """Return whether a job that must run is sure to leave another record: it has another key or other inputs."""
        found, job = self.rehearsal.last(record), self.records[str(record)]
        if found is None:
            return False
        moved = (self.rehearsal.digests.of(Path(path)) not in (digest, None) for path, digest in found.inputs.items())
        return to_json(found.key) != self.jobs.key_of(job) or any(moved)

    def _asked(self) -> dict[str, tuple[str, ...]]:
        """Return the jobs that Snakemake alone would run again, and why; those that follow another job excepted."""
        command = [sys.executable, "-m", "snakemake", "--dry-run", "--quiet", "host", "--", *self.records]
        asked = subprocess.run(command, capture_output=True, text=True)
        if asked.returncode:
            raise ReproseError(f"Snakemake cannot plan the build:\n{asked.stdout}{asked.stderr}")
        settled = {*self.why, *self.rehearsal.back}
        following = downstream(self.needed, settled)
        found = {}
        for rule, text in BLOCK.findall(asked.stdout + asked.stderr):
            lines = dict(line.strip().split(": ", 1) for line in text.splitlines() if ": " in line)
            record = Job(rule, dict(pair.split("=") for pair in lines["wildcards"].split(", "))).provenance
            unsaid = (FOLLOWS, *FILES) if record in following else (FOLLOWS,)
            parts = [part for part in lines["reason"].split("; ") if not part.startswith(unsaid)]
            if parts and record not in settled:
                found[record] = tuple(f"Snakemake: {textwrap.shorten(part, 90)}" for part in parts)
        return found


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
    cores = cores_here([], jobs.plan.compute["threads"])
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
