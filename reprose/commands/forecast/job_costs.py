"""What past builds took, kept in a small file of its own, and what a job is expected to take by that."""

import json
import statistics
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

from reprose.base.canonical import read_json
from reprose.base.errors import ReproseError
from reprose.base.files import write_whole
from reprose.jobs import locks
from reprose.jobs.job import Job
from reprose.jobs.record import here_or_aside

HISTORY = locks.FOLDER / "history.json"
BUILDS = 20  # of which it is remembered what they were expected to take, and took


@dataclass(frozen=True)
class Cost:
    """What one run of a job took."""

    seconds: float  # from its start to its end, as Snakemake saw it
    memory: float  # bytes, at its peak
    runs: int  # training runs in the job; 1 for other jobs


@dataclass
class History:
    """What the last run of every job of a tier took, kept also where its results are gone."""

    tier: str
    jobs: dict[str, Cost] = field(default_factory=dict)  # name -> its last run
    builds: list[tuple[float, float]] = field(default_factory=list)  # seconds: what was expected, what it took

    @classmethod
    def read(cls, tier: str) -> "History":
        """Return what is remembered of a tier; nothing where the file is missing or damaged."""
        try:
            kept = _tiers()[tier]
            jobs = {name: Cost(**cost) for name, cost in kept["jobs"].items()}
            return cls(tier, jobs, [(float(expected), float(took)) for expected, took in kept["builds"]])
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return cls(tier)

    def write(self) -> None:
        """Write the file, by rename, with what it holds of other tiers."""
        try:
            tiers = dict(_tiers())
        except (OSError, ValueError, TypeError):
            tiers = {}
        jobs = {name: asdict(cost) for name, cost in self.jobs.items()}
        tiers[self.tier] = {"jobs": jobs, "builds": self.builds[-BUILDS:]}
        write_whole(HISTORY, json.dumps(tiers).encode())

    def learn(self, job: Job, seconds: float) -> None:
        """Remember what a job took."""
        self.jobs[job.name] = Cost(seconds, _memory(job), training_runs(job))
        self.__dict__.pop("_usual", None)

    def expect(self, job: Job) -> Cost | None:
        """Return what `job` is expected to take: as its own last run, else as those of its rule in its problem."""
        known, runs = self.jobs.get(job.name) or self._usual.get(_kind(job.name)), training_runs(job)
        return known and Cost(known.seconds / known.runs * runs, known.memory, runs)

    @cached_property
    def _usual(self) -> dict[tuple[str, str], Cost]:
        """Return what one run takes by problem and rule: the medians of the jobs that are known."""
        kinds: dict[tuple[str, str], list[Cost]] = {}
        for name, cost in self.jobs.items():
            kinds.setdefault(_kind(name), []).append(cost)
        return {
            kind: Cost(
                statistics.median(cost.seconds / cost.runs for cost in costs),
                statistics.median(cost.memory for cost in costs),
                1,
            )
            for kind, costs in kinds.items()
        }


def _kind(name: str) -> tuple[str, str]:
    """Return the problem and the rule of a job."""
    return name.split("/")[0], name.rsplit("/", 1)[-1]


def training_runs(job: Job) -> int:
    """Return how many training runs a job makes; 1 for jobs that train nothing."""
    return len(job.settings["trials"]) * len(job.settings["seeds"]) if job.rule == "train" else 1


def _tiers() -> Mapping[str, Any]:
    return json.loads(HISTORY.read_text(encoding="utf-8"))


def _memory(job: Job) -> float:
    """Return the bytes that the last run of a job took at its peak, as its record says."""
    try:
        return float(read_json(here_or_aside(job.run_record))["peak_memory_bytes"])
    except (ReproseError, KeyError, TypeError):
        return 0.0
