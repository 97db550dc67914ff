"""What one build expects of itself by those before it, and leaves for the next."""

import sys
import time
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from pathlib import Path

from reprose.base.messages import plural
from reprose.commands.forecast.eta import Eta, cores_here
from reprose.commands.forecast.job_costs import History
from reprose.commands.git import clean_commit
from reprose.commands.remembered import remember
from reprose.jobs.assessment import Assessment
from reprose.jobs.job import Job

FRESH = 1.0  # seconds after which the time left is reckoned again, or
SHARE = 50  # so many times what that took, which is the longer for tens of thousands of jobs


def harmless(method: Callable[..., None]) -> Callable[..., None]:
    """Make a method say what went wrong instead of raising: no build fails for the sake of its history."""

    @wraps(method)
    def tried(*arguments: object) -> None:
        try:
            method(*arguments)
        except Exception as error:  # whatever it is, the build is worth more
            print(f"history: {type(error).__name__}: {error}", file=sys.stderr, flush=True)

    return tried


@harmless
def keep_numbers(tier: str, jobs: Iterable[Job]) -> None:
    """Keep the numbers of a build that is whole, if it was one of a commit, for later ones to be compared with."""
    if commit := clean_commit():
        remember(commit, Path(), tier, [job.wildcards["problem"] for job in jobs if job.rule == "summarize"])


class LastBuild:
    """The build of the jobs `wanted`: what is expected of it, and in the end what it took."""

    def __init__(self, assessment: Assessment, wanted: Iterable[Job], options: list[str]) -> None:
        self.tier = assessment.jobs.tier
        self.wanted = {job.name: job for job in wanted}
        self.must = [job for job in assessment.must if job.name in self.wanted]
        self.may = [job for job in assessment.may if job.name in self.wanted]
        # What starting jobs costs on a cluster, and its queue, tells nothing of this machine.
        self.is_here = not any("profile" in option or "executor" in option for option in options)
        self.eta: Eta | None = None
        self.said = (0.0, "")  # until when the time left is not reckoned again, and what it was
        self.started = time.monotonic()
        self._expect(assessment, options)

    def time_left(self, done: set[str], running: Mapping[str, float]) -> str:
        """Return how long the rest of the build takes, in words; nothing where that is not known."""
        now = time.monotonic()
        if now >= self.said[0]:
            left = self.eta.left(done, running) if self.eta else None
            took = time.monotonic() - now
            self.said = (now + max(FRESH, SHARE * took), f"{left} left" if left else "")
        return self.said[1]

    def __str__(self) -> str:
        """Return what the build has to do, in words."""
        expected = self.eta.left() if self.eta else None
        more = f", and perhaps {len(self.may)} more" if self.may else ""
        return f"to do: {plural(len(self.must), 'job')}{more}" + (f"; {expected}" if expected else "")

    @harmless
    def close(self, took: Mapping[str, float], is_whole: bool) -> None:
        """Remember the seconds that jobs took, and of a build that is whole also its own, and its numbers."""
        if took and self.is_here:
            history = History.read(self.tier)
            for name, seconds in took.items():
                if job := self.wanted.get(name):
                    history.learn(job, seconds)
            expected = self.eta.expected([name for name in took if name in self.wanted]) if self.eta else None
            if is_whole and expected:
                history.builds.append((expected, time.monotonic() - self.started))
            history.write()
        if is_whole:
            keep_numbers(self.tier, self.wanted.values())

    @harmless
    def _expect(self, assessment: Assessment, options: list[str]) -> None:
        jobs = assessment.jobs
        if self.is_here:
            cores = cores_here(options, jobs.experiments.threads)
            self.eta = Eta(jobs, self.must, self.may, History.read(self.tier), cores)
