"""The front door: build every handout of a tier in waves, so that a step that rewrites equal bytes stops there.

Snakemake compares inputs by content between invocations, not within one. So the front door asks once what there is to
do (`snakemake --dry-run`), and then runs only the stages concerned, one invocation each; stages of which nothing has
run before share one.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from reprose import cluster, entrance, handouts, loading, locks
from reprose import config as configuration
from reprose.audit import Audit, Digests, aside
from reprose.diagnosis import diagnosis
from reprose.download import Network
from reprose.errors import ReproseError
from reprose.foresight.ledger import Ledger
from reprose.jobs import Job, Jobs
from reprose.missing import Missing
from reprose.plan import TIERS
from reprose.sources import check_available
from reprose.step import MARK
from reprose.system import refusal, refusal_in

QUICK = Network(connect=3, read=3, attempts=1)  # for the question whether a server has a file
ROOT = Path(__file__).resolve().parents[2]


def main(kind: "type[Build] | None" = None) -> None:
    """Build the handouts of one tier; exit with 1 if any could not be built."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tier", choices=TIERS, default="sample", help="sample data or the published data")
    parser.add_argument("--profile", help="the folder of profiles/ that says where jobs run, such as slurm")
    parser.add_argument("snakemake", nargs="*", help="further arguments for Snakemake, after --")
    arguments = parser.parse_args()
    os.chdir(ROOT)
    try:
        descriptor = locks.hold_build()
        cluster.settle(submits=False)  # here already, where the person sees at once what it says
        jobs = entrance.jobs(configuration.load(ROOT / "config.yaml"), ROOT)[arguments.tier]
        profile = cluster.options(arguments.profile, ROOT) if arguments.profile else []
        sys.exit((kind or Build)(jobs, descriptor, [*profile, *arguments.snakemake]).run())
    except (ReproseError, OSError) as error:
        sys.exit(f"error: {refusal(error) or error}")
    except KeyboardInterrupt:
        sys.exit("interrupted; run the same command again to go on")


class Build:
    """One build of one tier, with the build lock held by this process and handed to Snakemake."""

    def __init__(self, jobs: Jobs, descriptor: int, options: list[str]) -> None:
        self.jobs = jobs
        self.descriptor = descriptor
        self.options = options
        self.tier = jobs.plan.tier
        self.undone: list[Job] = []  # jobs of waves that failed

    def run(self) -> int:
        """Build every handout whose data can be had; return the exit status."""
        started = time.monotonic()
        lacking = self.lacking()
        blocked = [name for name, problems in self.jobs.handouts.items() if lacking.keys() & set(problems)]
        if blocked:
            self.jobs = Jobs(self.jobs.plan, ROOT, without=blocked)
            draft = f"'make draft TIER={self.tier}' builds them with what is there."
            print(f"left out, for want of data: {', '.join(blocked)}. {draft}", file=sys.stderr, flush=True)
            if not self.jobs.handouts:
                return 1
        worked = self.work(list(self.jobs.waves()))
        self.show(time.monotonic() - started, worked)
        return 1 if blocked or self.undone else 0

    def work(self, waves: list[list[Job]]) -> bool:
        """Run the waves that have something to do, each without the problems that failed; return whether any had."""
        waves, every = joined(waves), [job for wave in waves for job in wave]
        ledger = Ledger(self.jobs, every, self.options)
        new = not any(map(has_run, every))  # then there is no need to ask
        planned = Counter(job.rule for job in every) if new else self.planned(job.provenance for job in every)
        if planned:
            print(f"to do: {', '.join(f'{count} {rule}' for rule, count in planned.items())} (at most)", flush=True)
            ledger.expect()
        for number, wave in enumerate(waves, 1):
            wanted = [job for job in wave if not self.jobs.problems_of(job) & self.failed.keys()]
            if planned.keys() & {job.rule for job in wanted} and self.snakemake(*(job.provenance for job in wanted)):
                self.undone = self.not_current(job for earlier in waves[:number] for job in earlier)
        if planned and not self.undone:
            shutil.rmtree(Path("results", self.tier, "checkpoints"), ignore_errors=True)
        if not self.undone:
            ledger.settle()
        ledger.close()
        return bool(planned)

    def not_current(self, jobs: Iterable[Job]) -> list[Job]:
        """Return the jobs of which outputs are missing, damaged or out of date."""
        audit = Audit(Digests(locks.FOLDER / "digests.json"), act=False)
        return [job for job in jobs if not audit.current(Path(job.provenance), self.jobs.key_of(job))]

    @property
    def failed(self) -> dict[str, Job]:
        """Return the problems that need an undone job, each with the first such job."""
        found: dict[str, Job] = {}
        for problem in self.jobs.problems_in_use if self.undone else ():
            behind = {job.provenance for job in self.jobs.behind([problem])}
            if first := next((job for job in self.undone if job.provenance in behind), None):
                found[problem] = first
        return found

    def lacking(self) -> dict[str, Missing]:
        """Return the problems whose data cannot be had, and say of each data set why, before any work."""
        faults = {name: self._fault(name) for name in self.jobs.datasets_in_use} if self.tier == "real" else {}
        for message in filter(None, faults.values()):
            print(f"error: {message}", file=sys.stderr, flush=True)
        found = {}
        for problem in self.jobs.problems_in_use:
            for job in self.jobs.behind([problem]):
                if job.rule == "fetch" and (reason := faults.get(job.wildcards["dataset"])):
                    found.setdefault(problem, self.missing(problem, job, reason))
        return found

    def missing(self, problem: str, job: Job, reason: str) -> Missing:
        """Return what a draft prints instead of the section of `problem`, for want of `job`."""
        return Missing(handouts.heading(ROOT, problem), job.name, job.log, reason)

    def _fault(self, dataset: str) -> str | None:
        source, folder = loading.dataset(dataset).SOURCE, Path("data", self.tier, dataset)
        return check_available(source, dataset, os.environ.get("REPROSE_MIRROR"), folder, QUICK)

    def planned(self, targets: Iterable[str]) -> dict[str, int]:
        """Return the rules that Snakemake would run, with the number of jobs; audits first."""
        asked = subprocess.run(
            self._command("--dry-run", "--quiet", "rules", "host", "reason", "--", *targets),
            env=self._environment(),
            pass_fds=[self.descriptor],
            preexec_fn=locks.end_with_parent,
            capture_output=True,
            text=True,
        )
        sys.stderr.write("".join(line + "\n" for line in asked.stderr.splitlines() if line.startswith("audit: ")))
        if asked.returncode:
            ended = "it was killed. Run the same command again." if asked.returncode < 0 else ""
            text = asked.stdout + asked.stderr + ended
            raise refusal_in(text) or ReproseError(f"Snakemake cannot plan the build:\n{text}")
        table = (asked.stdout + asked.stderr).partition("Job stats:")[2]
        return {rule: int(count) for rule, count in re.findall(r"^(\w+)\s+(\d+)\s*$", table, re.M) if rule != "total"}

    def snakemake(self, *targets: str) -> int:
        """Run one wave and return Snakemake's exit status."""
        command, environment = self._command("--keep-going", "--", *targets), self._environment()
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, "pass_fds": [self.descriptor]}
        pipes["preexec_fn"] = locks.end_with_parent
        with subprocess.Popen(command, env=environment, **pipes) as running, cluster.told():
            try:
                said = list(self._shown(running.stdout))
            except KeyboardInterrupt:  # Snakemake has it, too, and needs a moment and a reader to cancel its jobs
                print("interrupted; ending the jobs", flush=True)
                running.communicate()
                raise
        for line in diagnosis(running.returncode, said) if running.returncode else ():
            print(line, flush=True)
        return running.returncode

    def _shown(self, lines: Iterable[str]) -> Iterator[str]:
        """Pass on Snakemake's lines into its log, and those that a step says to the person also to the screen."""
        log = Path("logs", self.tier, "snakemake.log")
        log.parent.mkdir(parents=True, exist_ok=True)
        with open(log, "ab", buffering=0) as file:
            for written in lines:
                with suppress(OSError):  # a full disk must not end the reading; the steps tell of it
                    file.write(written.encode())
                for line in cluster.explained(written).splitlines(keepends=True):
                    if line.startswith(MARK):
                        print(line.removeprefix(MARK), end="", flush=True)
                    yield line

    def show(self, seconds: float, worked: bool) -> None:
        """Name the handouts and the time that the build took; of those that failed, say what to do."""
        failed, untypeset = self.failed, {job.wildcards.get("handout") for job in self.undone}
        for name, problems in self.jobs.handouts.items():
            if blame := sorted(set(problems) & failed.keys()):
                print(f"not built: {name}, as these sections failed: {', '.join(blame)}")
            elif name in untypeset:
                print(f"not built: {name}, which could not be typeset")
            else:
                print(f"{'built' if worked else 'up to date'}: results/{self.tier}/handouts/{name}.pdf, {name}.html")
        if self.undone:
            print("What was finished is kept. Mend the cause and run the same command again.")
        print(f"{seconds:.1f} s", flush=True)

    def _command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "snakemake", *self.options, *arguments]

    def _environment(self) -> dict[str, str]:
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
        return {**os.environ, "PATH": path, locks.BUILD_VARIABLE: str(self.descriptor)}


def joined(waves: Iterable[list[Job]]) -> list[list[Job]]:
    """Join each wave of which no job has run to the one before: where every job must run, none can be spared."""
    found: list[list[Job]] = []
    for wave in waves:
        if found and not any(map(has_run, wave)):
            found[-1] = found[-1] + wave
        else:
            found.append(wave)
    return found


def has_run(job: Job) -> bool:
    """Return whether a record of `job` is there, or was set aside by the audit."""
    record = Path(job.provenance)
    return record.exists() or aside(record).exists()


if __name__ == "__main__":
    main()
