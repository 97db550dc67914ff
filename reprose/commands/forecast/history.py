"""What the last run of every job took, kept in a small file of its own, and what the next run is expected to take."""

import json
import os
import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from reprose.base.canonical import read_json
from reprose.base.errors import ReproseError
from reprose.jobs import locks
from reprose.jobs.description import Job
from reprose.jobs.graph import Jobs

HISTORY = locks.FOLDER / "history.json"
BUILDS = 20  # of which the overhead is remembered
OVERHEAD = (4.0, 0.6)  # ASSUME seconds of an invocation of Snakemake, and of starting a job, before any was measured


@dataclass(frozen=True)
class Cost:
    """What one run of a job took."""

    seconds: float
    memory: float  # bytes, at its peak
    runs: int  # training runs in the job; 1 for other jobs


@dataclass
class History:
    """What the last run of every job took, kept also where its results are gone."""

    jobs: dict[str, dict[str, Cost]] = field(default_factory=dict)  # tier -> name of the job -> its last run
    builds: list[list[float]] = field(default_factory=list)  # [invocations of Snakemake, jobs, seconds of overhead]

    @classmethod
    def read(cls, jobs: Jobs) -> "History":
        """Return what is remembered, and of jobs that it does not know, what their run records say."""
        made = cls._remembered()
        known = made.jobs.get(jobs.tier, {})
        made.learn(jobs, [job for job in jobs.all if job.name not in known])
        return made

    @classmethod
    def _remembered(cls) -> "History":
        try:
            table = json.loads(HISTORY.read_text(encoding="utf-8"))
            jobs = {tier: {name: Cost(*cost) for name, cost in known.items()} for tier, known in table["jobs"].items()}
            return cls(jobs, [[float(number) for number in build] for build in table["builds"]])
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return cls()

    def write(self) -> None:
        """Write the file, by rename."""
        jobs = {
            tier: {name: [cost.seconds, cost.memory, cost.runs] for name, cost in known.items()}
            for tier, known in self.jobs.items()
        }
        temporary = HISTORY.with_suffix(".new")
        temporary.write_text(json.dumps({"jobs": jobs, "builds": self.builds[-BUILDS:]}), encoding="utf-8")
        os.replace(temporary, HISTORY)

    def learn(self, jobs: Jobs, ran: Iterable[Job]) -> None:
        """Take in the run records of `ran`."""
        known = self.jobs.setdefault(jobs.tier, {})
        for job in ran:
            if cost := _cost(job):
                known[job.name] = cost

    def expect(self, jobs: Jobs, job: Job) -> Cost | None:
        """Return what `job` is expected to take: as its own last run, else as the median of those most alike."""
        known, runs = self.jobs.get(jobs.tier, {}), training_runs(job)
        chosen = [known[job.name]] if job.name in known else self._alike(known, job.name)
        if not chosen:
            return None
        seconds = statistics.median(cost.seconds / cost.runs for cost in chosen) * runs
        return Cost(seconds, statistics.median(cost.memory for cost in chosen), runs)

    def _alike(self, known: Mapping[str, Cost], name: str) -> list[Cost]:
        """Return what the jobs of the same rule took, those of the same problem where there are any."""
        problem, rule = name.split("/")[0], name.rsplit("/", 1)[-1]
        same = {other: cost for other, cost in known.items() if other.endswith(f"/{rule}")}
        return [cost for other, cost in same.items() if other.startswith(f"{problem}/")] or list(same.values())

    def overhead(self) -> tuple[float, float]:
        """Return the seconds that an invocation of Snakemake costs, and each job beside its own work."""
        rows = [[1, 0, OVERHEAD[0]], [0, 5, 5 * OVERHEAD[1]], *self.builds]  # the assumption weighs as a small build
        table = np.array(rows, dtype=np.float64)
        solved = np.linalg.lstsq(table[:, :2], table[:, 2], rcond=None)[0]
        return max(float(solved[0]), 0.0), max(float(solved[1]), 0.0)


def training_runs(job: Job) -> int:
    """Return how many training runs a job makes; 1 for jobs that train nothing."""
    return len(job.settings["trials"]) * len(job.settings["seeds"]) if job.rule == "train" else 1


def _cost(job: Job) -> Cost | None:
    try:
        record = read_json(Path(job.run_record))
        return Cost(record["seconds"], record["peak_memory_bytes"], training_runs(job))
    except (ReproseError, KeyError, TypeError):
        return None
