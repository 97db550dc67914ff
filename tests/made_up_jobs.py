"""Made-up jobs in a folder: one writes what the next one reads."""

from dataclasses import replace
from pathlib import Path

from reprose.base.canonical import file_digest
from reprose.code.names import program
from reprose.jobs.assessment import Assessment
from reprose.jobs.audit import apply, bring_into_the_past
from reprose.jobs.digests import Digests
from reprose.jobs.graph import Jobs
from reprose.jobs.job import Job
from reprose.jobs.record import Record


class MadeUp(Jobs):
    """Jobs that are given, not described by a project."""

    root = Path()

    def __init__(self, jobs):
        self.all = jobs


class Memory:
    """A memory that notes what it is asked to forget."""

    def __init__(self, agreeing=True):
        self.agreeing = agreeing
        self.forgotten = []

    def agrees(self, job):
        return self.agreeing

    def forget(self, job):
        self.forgotten.append(job.name)


def job(name, inputs=(), rate=1, outputs=("out.txt",)):
    """Return a job whose files lie in the folder `name`."""
    files = {f"file{number}": f"{name}/{file}" for number, file in enumerate(outputs)}
    wildcards = {"tier": "sample", "problem": name, "variant": "plain"}
    made = {**files, "provenance": f"{name}/provenance.json"}
    return Job("choose", wildcards, {"given": tuple(inputs)}, made, {"rate": rate}, (), program((("", Path.cwd()),)))


def ran(job, text="made"):
    """Write what the job leaves when it has run with today's inputs."""
    digests = {}
    for path in job.outputs.values():
        if path != job.record:
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            Path(path).write_text(text)
            digests[path] = file_digest(Path(path))
    consumed = {path: file_digest(Path(path)) for path in job.paths}
    Record(job.name, job.key, consumed, digests).write(Path(job.record))


def assess(*jobs):
    """Return what the audit finds."""
    return Assessment(MadeUp(list(jobs)), Digests(Path("digests.json")))


def audited(*jobs, memory=None):
    """Let the audit act, and return what it had found."""
    found = assess(*jobs)
    bring_into_the_past(found.jobs, found.digests)
    apply(found, memory or Memory())
    return found


def states(*jobs):
    """Return the state of each job."""
    return [finding.state for finding in assess(*jobs).findings.values()]


def changed(job, rate):
    """Return the job with another setting."""
    return replace(job, settings={"rate": rate})
