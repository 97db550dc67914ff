"""What the next build would run, and why; found from the records, and where they do not tell, by asking Snakemake."""

import json
import re
import subprocess
import sys
import textwrap
from pathlib import Path

from reprose.canonical import to_json
from reprose.errors import ReproseError
from reprose.foresight import reasons
from reprose.foresight.dependencies import downstream, needs
from reprose.foresight.history import run_record
from reprose.foresight.rehearsal import Rehearsal
from reprose.foresight.settled import is_settled
from reprose.jobs import Job, Jobs

FOLLOWS = "Input files updated by another job"
FILES = ("Updated input files", "Missing output files")  # what else follows from a job that runs before
BLOCK = re.compile(r"^(?:local)?rule (\w+):\n((?:    .*\n?)+)", re.MULTILINE)


class Outlook:
    """What the next build of a tier would run: the jobs that must, and those that may if what they read changes."""

    def __init__(self, jobs: Jobs, ask: bool = True) -> None:
        """Look, without running or changing anything; Snakemake, which is slow, is asked only if `ask` allows it."""
        self.jobs = jobs
        self.needed = needs(jobs)
        self.rehearsal = Rehearsal(jobs)
        self.records = {job.provenance: job for job in jobs.all}
        self.why = {record: self._why(self.records[record]) for record in self.rehearsal.must}  # record -> reasons
        if ask and not is_settled(jobs.plan.tier, self.records):
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
                said += reasons.of_code(run_record(job), now, self.jobs.root)
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
