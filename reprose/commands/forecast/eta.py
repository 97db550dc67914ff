"""How long a build will take: a range in which most past builds of its size would have been, or nothing."""

import heapq
import math
import os
import statistics
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from reprose.commands.forecast.job_costs import History
from reprose.jobs.graph import Jobs
from reprose.jobs.job import Job
from reprose.training.timing import duration

START = 4.0  # ASSUME seconds that an invocation of Snakemake takes beside its jobs; what builds took corrects it
ALIKE = 10.0  # builds that were expected to take up to so many times more or less tell of this one
LEAST = 2  # builds before anything is foretold
WIDEST = 10.0  # a range whose ends differ by this factor tells nothing
SPREAD = 0.1  # of the logarithms at least, as two builds may agree by chance
QUANTILES = (3.08, 1.89, 1.64, 1.53, 1.48, 1.44, 1.41, 1.40, 1.38)  # of Student's t at 0.9, by degrees of freedom
LAST = 1.33  # for more of them


@dataclass(frozen=True)
class Range:
    """A time that is not known better."""

    low: float  # seconds
    high: float

    def __str__(self) -> str:
        """Return the range in words: "2 to 5 min"."""
        low, high = duration(max(self.low, 1)), duration(max(self.high, 1))
        if low == high:
            return f"about {low}"
        number, _, unit = low.partition(" ")
        return f"{number if high.endswith(unit) and unit in ('s', 'min') and ' h ' not in high else low} to {high}"


class Eta:
    """What the rest of one build takes, asked at any moment of it."""

    def __init__(self, jobs: Jobs, must: Collection[Job], may: Collection[Job], history: History, cores: int) -> None:
        self.must = {job.name for job in must}
        self.may = {job.name for job in may}
        self.cores = cores
        names = {job.record: job.name for job in jobs.all}
        costs = {job.name: history.expect(job) for job in (*must, *may)}
        self.seconds = {name: cost.seconds for name, cost in costs.items() if cost}
        self.memory = max((cost.memory for cost in costs.values() if cost), default=0.0)  # bytes, of the largest job
        needs = {job.name: [names[record] for record in jobs.needs[job.record]] for job in jobs.all}
        self.waves = [{job.name: needs[job.name] for job in wave} for wave in jobs.waves()]
        self.factors = factors(history.builds, self.expected([*self.must, *self.may]))

    def left(self, done: Collection[str] = (), running: Mapping[str, float] | None = None) -> Range | None:
        """Return what is left when the jobs `done` are, and others have been running for so many seconds."""
        must, may = ([name for name in names if name not in done] for names in (self.must, self.may))
        least, most = self.expected(must, running), self.expected([*must, *may], running)
        if least is None or most is None or self.factors is None:
            return None
        return Range(least * self.factors[0], most * self.factors[1])

    def expected(self, names: Collection[str], running: Mapping[str, float] | None = None) -> float | None:
        """Return the seconds that jobs take by what they took last; None where that is not known of one of them."""
        if any(name not in self.seconds for name in names):
            return None
        begun = running or {}
        seconds = {name: max(self.seconds[name] - begun.get(name, 0.0), 0.0) for name in names}
        starts = sum(any(name in seconds for name in wave) for wave in self.waves) - bool(begun)
        return self._scheduled(seconds) + START * max(starts, 0)

    def _scheduled(self, seconds: Mapping[str, float]) -> float:
        """Return how long jobs take wave after wave, each on the first core that is free once its inputs are there."""
        total = 0.0
        for wave in self.waves:
            free, ends = [0.0] * self.cores, {}
            for name in (name for name in wave if name in seconds):
                begin = max([heapq.heappop(free), *(ends[other] for other in wave[name] if other in ends)])
                ends[name] = begin + seconds[name]
                heapq.heappush(free, ends[name])
            total += max(ends.values(), default=0.0)
        return total


def factors(builds: Iterable[tuple[float, float]], expected: float | None) -> tuple[float, float] | None:
    """Return between which multiples of what is `expected` a build ends with a chance of 80 %.

    That is the prediction interval of the next value, given the ratios of past builds of about this size, whose
    logarithms are taken as normal. None where fewer than two are known, or they differ too much to foretell anything.
    """
    if not expected:
        return None
    ratios = [took / was for was, took in builds if was and took and 1 / ALIKE <= was / expected <= ALIKE]
    if len(ratios) < LEAST:
        return None
    logs, freedom = [math.log(ratio) for ratio in ratios], len(ratios) - 1
    quantile = QUANTILES[freedom - 1] if freedom <= len(QUANTILES) else LAST
    half = quantile * max(statistics.stdev(logs), SPREAD) * math.sqrt(1 + 1 / len(logs))
    middle = statistics.mean(logs)
    return None if 2 * half > math.log(WIDEST) else (math.exp(middle - half), math.exp(middle + half))


def cores_here(options: Iterable[str], threads: int) -> int:
    """Return how many jobs of so many threads may run at once: as the options of Snakemake say, else on all cores."""
    words = [part for option in options for part in option.split("=")]
    for option, value in zip(words, words[1:], strict=False):
        if option in ("--cores", "-c", "--jobs", "-j") and value.isdecimal():
            return max(int(value) // threads, 1)
    every = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(every // threads, 1)
