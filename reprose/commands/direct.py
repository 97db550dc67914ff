"""Light jobs without Snakemake, whose start takes longer than they do: each is called as its rule would call it.

So a build goes on from where only figures, numbers, text and pages are left to make, on this machine and by the
engine's rules. Where a person or a project asks more of Snakemake, by options, a profile, or rules of their own that
may change ours, Snakemake runs these jobs as well.
"""

import os
import re
import selectors
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import yaml

from reprose.base.package import engine_file, rules
from reprose.commands import profiles
from reprose.commands.diagnosis import diagnosis
from reprose.commands.forecast.eta import cores_here
from reprose.commands.invocation import CHUNK, Ear, Invocation, log_of, step_call
from reprose.commands.screen.lines import Lines
from reprose.commands.serving import serve_steps
from reprose.commands.snakemake_internals import Memory
from reprose.jobs import handover, locks
from reprose.jobs.assessment import Assessment
from reprose.jobs.audit import apply, clear_away
from reprose.jobs.job import Job
from reprose.steps.forkserver import LIGHT

LAYERS: Mapping[str, int] = {"plot": 0, "summarize": 0, "write": 1, "typeset": 2}  # those of one do not need each other
FEW = 4  # jobs that import what they need in less time than a server takes to begin
PLAIN = (  # the lines of a Snakefile that leave the engine's rules as they are, and make nothing that those read
    r"[ \t#].*",
    r'"""[^"]*"""',
    r"from reprose\.base\.package import rules",
    r'configfile: "config\.yaml"',
    r'include: rules\("\w+\.smk"\)',
    r"rule all:",
)


def workers(options: Sequence[str], root: Path) -> int:
    """Return how many jobs may run at a time; 0 where these options and this project want Snakemake for all."""
    is_usual = not options or (len(options) == 2 and options[0] in ("--cores", "-c"))
    settings = _settings(profiles.profile_file("default", root))
    beyond = settings.keys() - _settings(engine_file(f"{profiles.PROFILES}/default/{profiles.FILE}")).keys()
    if not is_usual or beyond or "SNAKEMAKE_PROFILE" in os.environ or not _is_plain(root):
        return 0
    return cores_here(options or ["--cores", str(settings.get("cores"))], 1)


def are_light(jobs: Iterable[Job]) -> bool:
    """Return whether Snakemake takes longer to start than any of these jobs."""
    return all(job.rule in LAYERS for job in jobs)


def layers(jobs: Iterable[Job]) -> Iterator[list[Job]]:
    """Yield light jobs in the order in which they must run: those that do not need each other together."""
    found: dict[int, list[Job]] = {}
    for job in jobs:
        found.setdefault(LAYERS[job.rule], []).append(job)
    yield from (found[layer] for layer in sorted(found))


def run(jobs: Iterable[Job], found: Assessment, screen: Lines, workers: int) -> int:
    """Run those of `jobs` that have to run by what was `found`, and return 1 if any failed, else 0.

    What was set aside of the others comes back. Nothing that they need may be missing. Up to `workers` run at a time.
    """
    clear_away()
    memory = _Memory()
    apply(found, memory)
    found.digests.save()
    waiting = [job for job in jobs if found.findings[job.record].must_run]
    for job in waiting:
        memory.forget(job)
    if len(waiting) > FEW:
        serve_steps(LIGHT)
    with log_of(found.jobs.tier) as log:
        invocation = Invocation(screen, log.write)
        status = _Steps(waiting, invocation).run(workers)
    for line in diagnosis(status, invocation.said) if status else ():
        screen.say(line)
    return status


class _Memory:
    """Snakemake's memory: what it has of jobs that are run without it is forgotten, and the rest left as it is."""

    def __init__(self) -> None:
        self.memory = Memory()

    def agrees(self, job: Job) -> bool:
        """Return True: the next start of Snakemake asks again."""
        return True

    def forget(self, job: Job) -> None:
        """Forget the job's files."""
        self.memory.forget_job(job.outputs.values())


class _Steps:
    """Steps that run side by side."""

    def __init__(self, jobs: Iterable[Job], invocation: Invocation) -> None:
        self.waiting = list(jobs)
        self.invocation = invocation
        self.selector = selectors.DefaultSelector()
        self.running: dict[int, _Running] = {}  # descriptor -> the step whose words it brings
        self.status = 0

    def run(self, workers: int) -> int:
        """Run all, and return 1 if any failed; where a signal breaks that off, end those that run."""
        try:
            while self.waiting or self.running:
                while self.waiting and len(self.running) < workers:
                    self._start(self.waiting.pop(0))
                self._hear()
        except BaseException as reason:
            with suppress(OSError):  # a closed terminal
                if not isinstance(reason, Exception):
                    self.invocation.screen.interrupted()
            for each in self.running.values():
                each.process.terminate()
            while self.running:
                self._hear()
            raise
        finally:
            self.selector.close()
        return self.status

    def _start(self, job: Job) -> None:
        running = _Running(job, self.invocation)
        self.running[running.descriptor] = running
        self.selector.register(running.descriptor, selectors.EVENT_READ, running)

    def _hear(self) -> None:
        for key, _ in self.selector.select():
            if not key.data.hear():
                self.selector.unregister(key.fd)
                self.status |= self.running.pop(key.fd).end()


class _Running:
    """One step that runs."""

    def __init__(self, job: Job, invocation: Invocation) -> None:
        self.job = job
        self.invocation = invocation
        self.description = handover.hand_over(job, set())
        Path(job.log).parent.mkdir(parents=True, exist_ok=True)
        self.log = os.open(job.log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        self.ear = Ear(self._take)
        self._tell("started")
        call = step_call(job.rule, self.description)
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        self.process = subprocess.Popen(**call, preexec_fn=locks.end_with_parent, **pipes)
        self.descriptor = self.process.stdout.fileno()

    def hear(self) -> bool:
        """Take in what the step says; return whether it may say more."""
        self.ear.take(os.read(self.descriptor, CHUNK))
        return not self.ear.is_deaf

    def end(self) -> int:
        """Tell how the step ended, and return 1 if it failed, else 0."""
        with self.process:
            status = self.process.wait()
        os.close(self.log)
        self.description.unlink(missing_ok=True)  # of no use any more; each edit would leave one
        self._tell("failed" if status else "finished")
        return int(status != 0)

    def _take(self, line: bytes) -> None:
        with suppress(OSError):  # a full disk must not end the reading; the step tells of it
            os.write(self.log, line)
        self.invocation.hear(line)

    def _tell(self, event: str) -> None:
        names = {"rule": self.job.rule, "wildcards": dict(self.job.wildcards)}
        told = {"event": event, "id": self.job.digest, "time": time.time(), "logs": [self.job.log], "text": "", **names}
        self.invocation.take(told)


def _is_plain(root: Path) -> bool:
    """Return whether the project runs the engine's rules as they are."""
    engine = engine_file("workflow/rules")
    lines = (root / "Snakefile").read_text(encoding="utf-8").splitlines()
    own = [path for path in engine.glob("*.smk") if Path(rules(path.name)) != path.absolute()]
    return not own and all(not line or re.fullmatch("|".join(PLAIN), line) for line in lines)


def _settings(profile: Path) -> dict[str, object]:
    found = yaml.safe_load(profile.read_text(encoding="utf-8"))
    return found if isinstance(found, dict) else {}
