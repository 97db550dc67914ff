"""What the front door tells beside building: what it expects a build to take, and afterwards what it took."""

import sys
import time
from collections.abc import Callable
from functools import wraps
from pathlib import Path

from reprose.comparing.gitquery import clean_commit
from reprose.comparing.remembered import remember
from reprose.foresight import settled
from reprose.foresight.forecast import cores_here, forecast, invocations, memory, scheduled, span
from reprose.foresight.history import History, run_record
from reprose.foresight.outlook import Outlook
from reprose.jobs import Job, Jobs


def harmless(method: Callable[..., None]) -> Callable[..., None]:
    """Make a method say what went wrong instead of raising: no build fails for the sake of its forecast."""

    @wraps(method)
    def tried(*arguments: object) -> None:
        try:
            method(*arguments)
        except Exception as error:  # whatever it is, the build is worth more
            print(f"no forecast: {type(error).__name__}: {error}", file=sys.stderr, flush=True)

    return tried


class Ledger:
    """The expectations of one build, and its outcome. `options` are those of Snakemake."""

    def __init__(self, jobs: Jobs, wanted: list[Job], options: list[str]) -> None:
        self.jobs = jobs
        self.wanted = wanted  # of all jobs, those that this build is to bring up to date
        self.cores = cores_here(options, jobs.plan.threads)
        self.here = not any("profile" in option or "executor" in option for option in options)
        self.started = time.monotonic()
        self.stamps = {job.provenance: _stamp(job) for job in wanted}

    @harmless
    def expect(self) -> None:
        """Say what the build will take, once the audit has passed; until it ends well, nothing is settled."""
        settled.unsettle(self.jobs.plan.tier)
        self.history, outlook = History.read(self.jobs), Outlook(self.jobs, ask=False)
        self.needed = outlook.needed
        must, may = ([job for job in found if job in self.wanted] for found in (outlook.must, outlook.may))
        at_most = forecast(self.history, self.jobs, [*must, *may], self.needed, self.cores)
        if self.here and at_most.unknown < at_most.jobs:
            least = f"{span(forecast(self.history, self.jobs, must, self.needed, self.cores).wall)} to "
            print(f"expected: {least if may else ''}{at_most}", flush=True)

    @harmless
    def settle(self) -> None:
        """Remember that the build ended well, and its numbers where the files are as committed."""
        tier = self.jobs.plan.tier
        settled.settle(tier, [job.provenance for job in self.wanted])
        if commit := clean_commit():
            remember(commit, Path(), tier, [job.wildcards["problem"] for job in self.wanted if job.rule == "summarize"])

    @harmless
    def close(self) -> None:
        """Say how far off the forecast was for the jobs that ran, and remember what these took."""
        ran = [job for job in self.wanted if _stamp(job) != self.stamps.get(job.provenance)]
        if not ran:
            return
        wall = time.monotonic() - self.started
        told = forecast(self.history, self.jobs, ran, self.needed, self.cores)
        self.history.learn(self.jobs, ran)
        took = forecast(self.history, self.jobs, ran, self.needed, self.cores)
        if self.here:  # what starting jobs costs on a cluster, and its queue, says nothing about this machine
            seconds = {job.provenance: self.history.expect(self.jobs, job).seconds for job in ran}
            overhead = wall - scheduled(self.jobs, seconds, self.needed, self.cores)
            self.history.builds.append([invocations(self.jobs, seconds), len(ran) / self.cores, overhead])
        if self.here and not told.unknown:
            print(
                f"predicted {span(told.wall)} for the {len(ran)} jobs that ran, took {span(wall)}"
                f" ({_error(told.wall, wall)}); predicted {memory(told.largest)} for the largest job, was"
                f" {memory(took.largest)} ({_error(told.largest, took.largest)})",
                flush=True,
            )
        self.history.write()


def _stamp(job: Job) -> int:
    try:
        return run_record(job).stat().st_mtime_ns
    except OSError:
        return 0


def _error(predicted: float, actual: float) -> str:
    return f"{round(100 * (actual / predicted - 1)):+d} %" if predicted else "new"
