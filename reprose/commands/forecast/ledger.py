"""What the front door tells beside building: what it expects a build to take, and afterwards what it took."""

import sys
import time
from collections.abc import Callable, Collection
from functools import wraps
from pathlib import Path

from reprose.commands.git import clean_commit
from reprose.commands.remembered import remember
from reprose.commands.forecast.duration import cores_here, forecast, invocations, scheduled, span
from reprose.commands.forecast.history import History
from reprose.jobs.audit import Assessment
from reprose.jobs.description import Job


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
    """The expectations of one build of the jobs with the records `wanted`, and its outcome."""

    def __init__(self, assessment: Assessment, wanted: Collection[str], options: list[str]) -> None:
        self.jobs = assessment.jobs
        self.wanted = [job for job in self.jobs.all if job.record in wanted]
        self.must = [job for job in assessment.must if job.record in wanted]
        self.may = [job for job in assessment.may if job.record in wanted]
        self.cores = cores_here(options, self.jobs.experiments.threads)
        self.here = not any("profile" in option or "executor" in option for option in options)
        self.started = time.monotonic()
        self.stamps = {job.record: _stamp(job) for job in self.wanted}

    @harmless
    def expect(self) -> None:
        """Say what the build will take."""
        history = History.read(self.jobs)
        at_most = forecast(history, self.jobs, [*self.must, *self.may], self.cores)
        print(f"to do: {len(self.must)} jobs" + (f", and perhaps {len(self.may)} more" if self.may else ""), flush=True)
        if self.here and at_most.unknown < at_most.jobs:
            least = f"{span(forecast(history, self.jobs, self.must, self.cores).wall)} to " if self.may else ""
            print(f"expected: {least}{at_most}", flush=True)

    @harmless
    def close(self, well: bool) -> None:
        """Remember what the jobs that ran took, and if all went well the numbers, where files are as committed."""
        ran = [job for job in self.wanted if _stamp(job) != self.stamps.get(job.record)]
        if ran:
            history = History.read(self.jobs)
            history.learn(self.jobs, ran)
            if self.here:  # what starting jobs costs on a cluster, and its queue, says nothing about this machine
                seconds = {job.record: history.expect(self.jobs, job).seconds for job in ran}
                overhead = time.monotonic() - self.started - scheduled(self.jobs, seconds, self.cores)
                history.builds.append([invocations(self.jobs, seconds), len(ran) / self.cores, overhead])
            history.write()
        if well and (commit := clean_commit()):
            problems = [job.wildcards["problem"] for job in self.wanted if job.rule == "summarize"]
            remember(commit, Path(), self.jobs.tier, problems)


def _stamp(job: Job) -> int:
    try:
        return Path(job.run_record).stat().st_mtime_ns
    except OSError:
        return 0
