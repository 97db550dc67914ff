"""How long a build will take and how much memory its jobs need, from what past runs took."""

import heapq
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from reprose.commands.forecast.history import History
from reprose.jobs.description import Job
from reprose.jobs.graph import Jobs
from reprose.training.eta import duration

GIGABYTE = 1e9


@dataclass(frozen=True)
class Forecast:
    """What some jobs together are expected to take."""

    jobs: int
    unknown: int  # jobs of which nothing alike has run
    work: float  # seconds, one job after another
    wall: float  # seconds on the cores of this machine, with what starting Snakemake and jobs costs
    largest: float  # bytes, of the job that needs most
    together: float  # bytes, if the largest run at once

    def __str__(self) -> str:
        """Return the forecast in words."""
        if self.unknown == self.jobs:
            return "unknown, as nothing alike has run here"
        least = f"at least (nothing like {self.unknown} of the jobs has run here) " if self.unknown else ""
        return (
            f"{least}{span(self.wall)} ({span(self.work)} of work), {memory(self.largest)} for the largest job,"
            f" {memory(self.together)} at once"
        )


def forecast(history: History, jobs: Jobs, chosen: Iterable[Job], cores: int) -> Forecast:
    """Return what the jobs `chosen` are expected to take."""
    costs = {job.record: history.expect(jobs, job) for job in chosen}
    seconds = {record: cost.seconds for record, cost in costs.items() if cost}
    largest = sorted((cost.memory for cost in costs.values() if cost), reverse=True)
    invocation, start = history.overhead()
    wall = scheduled(jobs, seconds, cores) + invocation * invocations(jobs, costs) + start * len(costs) / cores
    unknown = len(costs) - len(seconds)
    return Forecast(len(costs), unknown, sum(seconds.values()), wall, max(largest, default=0), sum(largest[:cores]))


def scheduled(jobs: Jobs, seconds: Mapping[str, float], cores: int) -> float:
    """Return how long jobs of so many seconds take wave after wave, each job on the first core that is free."""
    total = 0.0
    for wave in jobs.waves():
        free, ends = [0.0] * cores, {}
        for record in (job.record for job in wave if job.record in seconds):
            begin = max([heapq.heappop(free), *(ends[other] for other in jobs.needs[record] if other in ends)])
            ends[record] = begin + seconds[record]
            heapq.heappush(free, ends[record])
        total += max(ends.values(), default=0.0)
    return total


def invocations(jobs: Jobs, records: Iterable[str]) -> int:
    """Return how often the front door calls Snakemake to run the jobs of `records`: once to ask, and once a wave."""
    wanted = set(records)
    rules = {job.rule for job in jobs.all if job.record in wanted}
    return 1 + sum(bool(rules & {job.rule for job in wave}) for wave in jobs.waves())


def cores_here(options: Iterable[str], threads: int) -> int:
    """Return how many jobs of so many threads may run at once: as the options of Snakemake say, else on all cores."""
    words = [part for option in options for part in option.split("=")]
    for option, value in zip(words, words[1:], strict=False):
        if option in ("--cores", "-c", "--jobs", "-j") and value.isdecimal():
            return max(int(value) // threads, 1)
    every = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(every // threads, 1)


def span(seconds: float) -> str:
    """Return a time in words, fine enough to compare two of them."""
    return f"{seconds:.0f} s" if seconds < 600 else duration(seconds)


def memory(size: float) -> str:
    """Return a number of bytes in words: "0.36 GB"."""
    return f"{size / GIGABYTE:.2f} GB"
