"""The jobs of a plan, in the order they run, each with the canonical key that says all that it depends on but files."""

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reprose import handouts, loading
from reprose.canonical import text_digest, to_json
from reprose.errors import ReproseError
from reprose.fingerprint import fingerprint, versions
from reprose.listings import source_text
from reprose.plan import Plan, Variant
from reprose.provenance import WILDCARDS, job_name

if TYPE_CHECKING:  # it imports what sections are made with, which takes half a second at every start
    from reprose.missing import Missing

# The record of each rule's jobs; the rules under workflow/rules/ declare the same paths.
PROVENANCE = {
    "fetch": "data/{tier}/{dataset}/provenance.json",
    "prepare": "results/{tier}/views/{view}/provenance.json",
    "train": "results/{tier}/{problem}/{variant}/{batch}/provenance.json",
    "choose": "results/{tier}/{problem}/{variant}/provenance.json",
    "evaluate": "results/{tier}/{problem}/{variant}/test/provenance.json",
    "plot": "results/{tier}/{problem}/figures/provenance.json",
    "summarize": "results/{tier}/{problem}/numbers/provenance.json",
    "write": "results/{tier}/{problem}/section/provenance.json",
    "typeset": "results/{tier}/handouts/{handout}.provenance.json",
}
LOGS = {
    "fetch": "logs/{tier}/{dataset}/fetch.log",
    "prepare": "logs/{tier}/views/{view}/prepare.log",
    "train": "logs/{tier}/{problem}/{variant}/{batch}/train.log",
    "choose": "logs/{tier}/{problem}/{variant}/choose.log",
    "evaluate": "logs/{tier}/{problem}/{variant}/evaluate.log",
    "plot": "logs/{tier}/{problem}/plot.log",
    "summarize": "logs/{tier}/{problem}/summarize.log",
    "write": "logs/{tier}/{problem}/write.log",
    "typeset": "logs/{tier}/handouts/{handout}/typeset.log",
}
STAGES = {"fetch": 0, "prepare": 0, "train": 1, "choose": 1, "evaluate": 1, "plot": 2, "summarize": 2}  # others: 3


@dataclass(frozen=True)
class Job:
    """One job: its rule and the values of the rule's wildcards."""

    rule: str
    wildcards: Mapping[str, str]

    @property
    def provenance(self) -> str:
        """Return the path of the job's record."""
        return PROVENANCE[self.rule].format(**self.wildcards)

    @property
    def log(self) -> str:
        """Return the path of the job's log."""
        return LOGS[self.rule].format(**self.wildcards)

    @property
    def name(self) -> str:
        """Return the name of the job in handouts and messages, without the tier."""
        return job_name({"rule": self.rule, **self.wildcards})


class Jobs:
    """The jobs of one plan; `without` some handouts, and with `missing` sections that a draft does without."""

    def __init__(
        self, plan: Plan, root: Path, without: Iterable[str] = (), missing: "Mapping[str, Missing] | None" = None
    ) -> None:
        self.plan = plan
        self.root = root
        self.without = set(without)
        self.missing = missing  # problem -> what a draft prints instead; None where nothing may be missing
        self._keys: dict[tuple[str, ...], str] = {}

    def key(self, rule: str, **wildcards: str) -> str:
        """Return the canonical key of one job: JSON with sorted keys."""
        identity = (rule, *(wildcards[name] for name in WILDCARDS[rule]))
        if identity not in self._keys:
            self._keys[identity] = self._make_key(rule, **wildcards)
        return self._keys[identity]

    def key_of(self, job: Job) -> str:
        """Return the canonical key of `job`."""
        return self.key(job.rule, **job.wildcards)

    def _make_key(self, rule: str, **wildcards: str) -> str:
        make: Callable[..., dict[str, Any]] = getattr(self, f"_{rule}")
        names = {key: value for key, value in wildcards.items() if key != "tier"}
        key = {"rule": rule, "tier": self.plan.tier, **names, **make(**names)}
        code = _code(tuple(loading.entries_of(key)), self.root)
        return to_json({**key, "versions": code.versions, "code": code.digest})

    @cached_property
    def all(self) -> list[Job]:
        """Return every job of the plan, each after the jobs that it needs."""
        jobs = [self._job("fetch", dataset=name) for name in self.datasets_in_use]
        jobs += [self._job("prepare", view=name) for name in sorted(self.views_in_use, key=self._view_depth)]
        variants = [
            variant for problem in self.problems_in_use for variant in self.plan.problems[problem].variants.values()
        ]
        for variant in sorted(variants, key=self.plan.depth):
            jobs += self.of_variant(variant)
        for problem in self.problems_in_use:
            jobs += [self._job(rule, problem=problem) for rule in ("plot", "summarize", "write")]
        return jobs + [self._job("typeset", handout=name) for name in self.handouts]

    @cached_property
    def handouts(self) -> dict[str, list[str]]:
        """Return the handouts, each with its sections."""
        wanted = [name for name in handouts.names(self.root) if name not in self.without]
        table = {name: handouts.sections(self.root, name) for name in wanted}
        for name, listed in table.items():
            for problem in listed:
                if problem not in self.plan.problems:
                    raise ReproseError(
                        f"{self.root / handouts.HANDOUTS / name}{handouts.SUFFIX}: the section '{problem}' is no"
                        f" problem of config.yaml. Allowed: {', '.join(sorted(self.plan.problems))}."
                    )
        return {name: [item for item in listed if item not in (self.missing or {})] for name, listed in table.items()}

    def sections(self, handout: str) -> list[str]:
        """Return the sections of a handout in order, also those that are missing."""
        return handouts.sections(self.root, handout)

    @cached_property
    def problems_in_use(self) -> list[str]:
        """Return the problems that handouts print, and those that they use, in alphabetical order."""
        return sorted(self._with_used(problem for listed in self.handouts.values() for problem in listed))

    @cached_property
    def views_in_use(self) -> list[str]:
        """Return the views that these problems train on, and those that they are made of."""
        return sorted(self._views_behind(self.problems_in_use))

    @cached_property
    def datasets_in_use(self) -> list[str]:
        """Return the data sets of these views."""
        return sorted({self.plan.views[view].dataset for view in self.views_in_use})

    def of_variant(self, variant: Variant) -> list[Job]:
        """Return the jobs that train, choose and evaluate one variant."""
        names = {"problem": variant.problem, "variant": variant.name}
        jobs = [self._job("train", **names, batch=batch) for batch in variant.batches]
        jobs.append(self._job("choose", **names))
        return jobs + ([self._job("evaluate", **names)] if variant.view.test else [])

    def behind(self, problems: Iterable[str]) -> list[Job]:
        """Return the jobs that the results of `problems` come from, in the order they run."""
        wanted = self._with_used(problems)
        views = self._views_behind(wanted)
        keep = {
            "problem": wanted,
            "view": views,
            "dataset": {self.plan.views[view].dataset for view in views},
            "handout": set(),
        }
        chosen = ("problem", "view", "dataset", "handout")
        return [job for job in self.all if all(job.wildcards[k] in keep[k] for k in chosen if k in job.wildcards)]

    def manifests(self, problems: Iterable[str]) -> list[str]:
        """Return the manifests of the raw data that the results of `problems` come from."""
        fetched = [job.wildcards for job in self.behind(problems) if job.rule == "fetch"]
        return ["data/{tier}/{dataset}/manifest.json".format(**wildcards) for wildcards in fetched]

    def problems_of(self, job: Job) -> set[str]:
        """Return the problems without which `job` cannot run; none for the jobs of data sets and views."""
        own = [job.wildcards["problem"]] if "problem" in job.wildcards else []
        return self._with_used(own or self.handouts.get(job.wildcards.get("handout", ""), []))

    def waves(self) -> Iterator[list[Job]]:
        """Yield the stages of a build, one after another: the jobs that each must bring up to date."""
        for _, jobs in itertools.groupby(sorted(self.all, key=self._stage), key=self._stage):
            yield list(jobs)

    def _stage(self, job: Job) -> tuple[int, int]:
        stage = STAGES.get(job.rule, 3)
        if job.rule == "prepare":
            return stage, self._view_depth(job.wildcards["view"])
        if stage == 1:
            return stage, self.plan.depth(self.plan.variant(job.wildcards["problem"], job.wildcards["variant"]))
        return stage, 0

    def _view_depth(self, view: str) -> int:
        return len(self.plan.origins(view)) - 1

    def _views_behind(self, problems: Iterable[str]) -> set[str]:
        variants = [variant for name in problems for variant in self.plan.problems[name].variants.values()]
        return {view.name for variant in variants for view in self.plan.origins(variant.view.name)}

    def _with_used(self, problems: Iterable[str]) -> set[str]:
        found, front = set(), list(problems)
        while front:
            problem = front.pop()
            if problem not in found:
                found.add(problem)
                variants = self.plan.problems[problem].variants.values()
                front.extend(pair[0] for variant in variants for pair in variant.used)
        return found

    def _job(self, rule: str, **names: str) -> Job:
        return Job(rule, {"tier": self.plan.tier, **names})

    def _fetch(self, dataset: str) -> dict[str, Any]:
        sample = self.plan.datasets[dataset]["sample"] if self.plan.tier == "sample" else None
        return {"sample": sample}

    def _prepare(self, view: str) -> dict[str, Any]:
        made = self.plan.views[view]
        return {"dataset": made.dataset, "split": made.split, "values": made.values, "test": made.test, "of": made.of}

    def _train(self, problem: str, variant: str, batch: str) -> dict[str, Any]:
        made = self.plan.variant(problem, variant)
        runs = made.batches[batch]
        trials = list({run.trial: [run.trial, run.values] for run in runs}.values())
        seeds = list(dict.fromkeys(run.seed for run in runs))
        return {"trials": trials, "seeds": seeds, "uses": made.uses, "compute": self._compute(problem)}

    def _compute(self, problem: str) -> dict[str, Any]:
        compute = self.plan.problems[problem].compute
        if compute["device"] == "cpu":
            return dict(compute)
        return {**compute, "settings": _code(("reprose.repeatable:settle",), self.root).digest}

    def _choose(self, problem: str, variant: str) -> dict[str, Any]:
        made = self.plan.variant(problem, variant)
        trials = {run.trial: [run.trial, run.values] for runs in made.batches.values() for run in runs}
        select = self.plan.problems[problem].select
        return {"batches": list(made.batches), "trials": list(trials.values()), "select": select}

    def _evaluate(self, problem: str, variant: str) -> dict[str, Any]:
        return {"compute": {**self.plan.problems[problem].compute, "device": "cpu"}}  # weights come back as arrays

    def _plot(self, problem: str) -> dict[str, Any]:
        return {"variants": {v.name: v.view.test for v in self.plan.problems[problem].variants.values()}}

    _summarize = _plot

    def _write(self, problem: str) -> dict[str, Any]:
        listed = handouts.listings(self.root, problem)
        jobs = [job.name for job in self.behind([problem])]
        return {
            "jobs": jobs,
            "listings": {name: text_digest(source_text(name, self.root / "scripts")) for name in listed},
        }

    def _typeset(self, handout: str) -> dict[str, Any]:
        listed = self.handouts[handout]
        made = {"sections": listed, "jobs": [job.name for job in self.behind(listed)]}
        if self.missing is None:
            return made
        order = self.sections(handout)
        gaps = {problem: asdict(gap) for problem, gap in self.missing.items() if problem in order}
        return {**made, "order": order, "missing": gaps}


@dataclass(frozen=True)
class _Code:
    digest: str
    versions: Mapping[str, str]


@cache
def _code(entries: tuple[str, ...], root: Path) -> _Code:
    made = fingerprint(entries, root / "scripts")
    return _Code(made.digest, versions(made.packages))
