"""The jobs behind the handouts of one tier: which there are, what each needs, and in which order they run."""

import itertools
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from reprose.base.errors import ReproseError
from reprose.config import handouts
from reprose.config.experiments import Experiments, Variant
from reprose.jobs.descriptions import Describer
from reprose.jobs.fingerprints import fingerprints
from reprose.jobs.job import Job
from reprose.jobs.rules import RULES


class Jobs:
    """The jobs of one tier; `without` some handouts, and as far as they exist where sections are `missing`."""

    def __init__(
        self,
        experiments: Experiments,
        root: Path,
        without: Iterable[str] = (),
        missing: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        self.experiments = experiments
        self.root = root
        self.tier = experiments.tier
        self.without = set(without)
        self.missing = missing  # problem -> what a draft prints instead; None where nothing may be missing
        self.describer = Describer(experiments, root)
        self._known: dict[tuple[str, ...], Job] = {}

    def job(self, rule: str, **names: str) -> Job:
        """Return the description of one job, which need not be behind a handout."""
        identity = (rule, *(names[name] for name in RULES[rule].wildcards))
        if identity not in self._known:
            self._known[identity] = self._describe(rule, {name: names[name] for name in RULES[rule].wildcards})
        return self._known[identity]

    def unknown(self, rule: str, names: Mapping[str, str]) -> str | None:
        """Return which of the names of a job is none here, and which there are; None where all are known."""
        known: dict[str, Iterable[str]] = {
            "dataset": self.experiments.datasets,
            "view": self.experiments.views,
            "problem": self.sections if rule == "write" else self.experiments.problems,
            "handout": self.handouts,
        }
        if names.get("problem") in self.experiments.problems:
            known["variant"] = self.experiments.problems[names["problem"]].variants
            if names.get("variant") in known["variant"]:
                known["batch"] = self.experiments.variant(names["problem"], names["variant"]).batches
        for kind, name in names.items():
            if kind in known and name not in known[kind]:
                return f"there is no {kind} '{name}'. Known: {', '.join(known[kind]) or 'none'}."
        return None

    def _describe(self, rule: str, names: Mapping[str, str]) -> Job:
        if rule == "write":
            return self.describer.write(**names, behind=self.behind([names["problem"]]))
        if rule == "typeset":
            listed = self.handouts[names["handout"]]
            behind = self.behind(listed, ("plot", "summarize", "write"))
            return self.describer.typeset(**names, sections=listed, behind=behind, draft=self._draft(names))
        return getattr(self.describer, rule)(**names)

    def _draft(self, names: Mapping[str, str]) -> dict[str, Any] | None:
        if self.missing is None:
            return None
        order = handouts.sections(self.root, names["handout"])
        gaps = {problem: dict(gap) for problem, gap in self.missing.items() if problem in order}
        return {"order": order, "missing": gaps}

    @cached_property
    def all(self) -> list[Job]:
        """Return every job behind the handouts, each after the jobs that it needs."""
        printed = {problem for listed in self.handouts.values() for problem in listed}
        found = self.behind(printed, ("plot", "summarize", "write"))
        return found + [self.job("typeset", handout=name) for name in self.handouts]

    def _trained(self, problems: Iterable[str]) -> list[Job]:
        """Return the jobs that fetch, prepare, train, choose and evaluate for `problems`, in the order they run."""
        asked = [self.experiments.problems[name] for name in problems if name in self.experiments.problems]
        variants = [item for problem in asked for item in problem.variants.values()]
        seen = [item.view.name for item in variants] + [name for problem in asked for name in problem.views]
        views = {view.name for name in seen for view in self.experiments.origins(name)}
        fetched = sorted({self.experiments.views[view].dataset for view in views})
        jobs = [self.job("fetch", dataset=name) for name in fetched]
        jobs += [self.job("prepare", view=name) for name in sorted(sorted(views), key=self._view_depth)]
        for item in sorted(variants, key=self.experiments.depth):
            jobs += self.of_variant(item)
        return jobs

    @cached_property
    def handouts(self) -> dict[str, list[str]]:
        """Return the handouts, each with its sections that are not missing."""
        wanted = [name for name in handouts.names(self.root) if name not in self.without]
        table = {name: handouts.sections(self.root, name) for name in wanted}
        for name, listed in table.items():
            for problem in listed:
                if problem not in self.sections:
                    raise ReproseError(
                        f"{self.root / handouts.HANDOUTS / name}{handouts.SUFFIX}: the section '{problem}' is no"
                        f" problem of config.yaml. Allowed: {', '.join(sorted(self.experiments.problems)) or 'none'};"
                        f" and prose alone, from {handouts.SECTIONS / problem}{handouts.SUFFIX}."
                    )
        return {name: [item for item in listed if item not in (self.missing or {})] for name, listed in table.items()}

    @cached_property
    def sections(self) -> list[str]:
        """Return what may have a section: the problems of config.yaml, and prose alone."""
        return [*self.experiments.problems, *handouts.prose(self.root, self.experiments.problems)]

    def keep_fingerprints(self) -> None:
        """Leave the fingerprints of our code for later starts, which then take none anew before an edit."""
        fingerprints(self.describer.program).save()

    @cached_property
    def datasets_in_use(self) -> list[str]:
        """Return the data sets that these problems need."""
        return [job.wildcards["dataset"] for job in self.all if job.rule == "fetch"]

    def of_variant(self, variant: Variant) -> list[Job]:
        """Return the jobs that train, choose and evaluate one variant."""
        names = {"problem": variant.problem, "variant": variant.name}
        jobs = [self.job("train", **names, batch=batch) for batch in variant.batches]
        jobs.append(self.job("choose", **names))
        return jobs + ([self.job("evaluate", **names)] if variant.view.test else [])

    def behind(self, problems: Iterable[str], rules: Iterable[str] = ("plot", "summarize")) -> list[Job]:
        """Return the jobs that the results of `problems` come from, and those of `rules`, in the order they run."""
        wanted, known = sorted(set(problems)), self.experiments.problems
        others = sorted({other for name in wanted if name in known for other in known[name].others})
        drawn = sorted({other for name in wanted for other in self.describer.shown.drawn(self.root, name)})
        asked = [("summarize", name) for name in others] + [("plot", name) for name in drawn]
        asked += [(rule, name) for name in wanted for rule in rules]
        made = [
            self.job(rule, problem=name) for rule, name in dict.fromkeys(asked) if self.describer.shown.has(rule, name)
        ]
        return self._trained(sorted(self._with_used(wanted))) + made

    @cached_property
    def needs(self) -> dict[str, set[str]]:
        """Return for each job, by its record, the records of the jobs whose outputs it reads."""
        makers = {path: job.record for job in self.all for path in job.outputs.values()}
        return {job.record: {makers[path] for path in job.paths if path in makers} for job in self.all}

    def downstream(self, start: Iterable[str]) -> set[str]:
        """Return the records of the jobs that read, directly or through others, what the jobs `start` write."""
        reached, found = set(start), set()
        for record, sources in self.needs.items():  # each job stands after the jobs that it needs
            if sources & reached:
                found.add(record)
                reached.add(record)
        return found

    def upstream(self, start: Iterable[str]) -> set[str]:
        """Return the records of the jobs `start` and of all that they need, directly or through others."""
        found, front = set(), list(start)
        while front:
            record = front.pop()
            if record not in found:
                found.add(record)
                front.extend(self.needs[record])
        return found

    def waves(self) -> Iterator[list[Job]]:
        """Yield the stages of a build, one after another: the jobs that each must bring up to date."""
        for _, jobs in itertools.groupby(sorted(self.all, key=self._stage), key=self._stage):
            yield list(jobs)

    def _stage(self, job: Job) -> tuple[int, int]:
        stage = RULES[job.rule].stage
        if job.rule == "prepare":
            return stage, self._view_depth(job.wildcards["view"])
        if "variant" in job.wildcards:
            names = {name: job.wildcards[name] for name in ("problem", "variant")}
            return stage, self.experiments.depth(self.experiments.variant(**names))
        return stage, 0

    def _view_depth(self, view: str) -> int:
        return len(self.experiments.origins(view)) - 1

    def _with_used(self, problems: Iterable[str]) -> set[str]:
        found, front = set(), list(problems)
        while front:
            problem = front.pop()
            if problem not in found and problem in self.experiments.problems:
                found.add(problem)
                variants = self.experiments.problems[problem].variants.values()
                front.extend(pair[0] for variant in variants for pair in variant.used)
                front.extend(self.experiments.problems[problem].others)
        return found
