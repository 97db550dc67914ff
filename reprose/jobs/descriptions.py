"""What config.yaml and the templates ask for, as descriptions of jobs: one function for each rule."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from reprose.base.errors import ReproseError
from reprose.code.listings import source_text
from reprose.code.names import Program, program
from reprose.code.programs import font_digests
from reprose.code.syntax import code_roots
from reprose.config import handouts, loading
from reprose.config.arguments import check_entry, defines, has_default
from reprose.config.experiments import Experiments, Variant
from reprose.jobs import styles
from reprose.jobs.fingerprints import fingerprints
from reprose.jobs.job import Job, Paths
from reprose.jobs.rules import PARTS, SEAL, brings_sample, paths_of
from reprose.jobs.shown import Inputs, Shown
from reprose.training import gpus

PROGRAMS = ("tex", "pandoc", "poppler")  # that typeset the pages
Settings = Mapping[str, Any]


class Describer:
    """Describes the jobs of one tier of a project."""

    def __init__(self, experiments: Experiments, root: Path) -> None:
        self.experiments = experiments
        self.tier = experiments.tier
        self.root = root
        self.shown = Shown(experiments)
        self.roots = code_roots(root)
        self._check_entry, self._defines = cache(check_entry), cache(defines)  # once for all jobs, not for each
        self.devices = {
            name: gpus.resolve(problem.compute["device"], problem.device_key)
            for name, problem in experiments.problems.items()
        }

    @cached_property
    def program(self) -> Program:
        """Return our code in one state for all jobs."""
        return program(self.roots)

    def fetch(self, dataset: str) -> Job:
        """Describe how the raw files of a data set get here."""
        block = self.experiments.datasets[dataset]
        if "file" in block:
            inputs = {"file": [block["file"]], **_reads(block)}
            return self._job("fetch", {"dataset": dataset}, inputs, {"file": block["file"], **_environment(block)})
        settings = {"sample": block["sample"] if self.tier == "sample" else None, **_environment(block)}
        return self._job("fetch", {"dataset": dataset}, {**_reads(block)}, settings)

    def prepare(self, view: str) -> Job:
        """Describe how a view is made of raw files, and of the parts of another view if it is made of one."""
        made = self.experiments.views[view]
        block = self.experiments.datasets[made.dataset]
        inputs = {"manifest": [self._of("fetch", dataset=made.dataset)["manifest"]], **_reads(block)}
        if made.of:
            base = self._of("prepare", view=made.of)
            inputs |= {"parts": [base[part] for part in PARTS], f"parts{SEAL}": [base[part + SEAL] for part in PARTS]}
        settings = {"dataset": made.dataset, "split": made.split, "values": made.values, "test": made.test}
        wanted = ("read", made.split) if "file" in block else (made.split,)
        if defaults := [name for name in wanted if has_default(made.dataset, name)]:
            settings["defaults"] = defaults
        if "file" in block:
            settings["first"] = block.get("sample", {}).get("first") if self.tier == "sample" else None
        return self._job("prepare", {"view": view}, inputs, {**settings, "of": made.of, **_environment(block)})

    def train(self, problem: str, variant: str, batch: str) -> Job:
        """Describe the training of one batch of runs."""
        made = self.experiments.variant(problem, variant)
        runs = made.batches[batch]
        settings = {
            "trials": list({run.trial: [run.trial, run.values] for run in runs}.values()),
            "seeds": list(dict.fromkeys(run.seed for run in runs)),
            "uses": made.uses,
            "compute": self._compute(problem),
            "may_diverge": self._may_diverge(made),
        }
        winners = [self._of("choose", problem=p, variant=v) for p, v in made.used_weights]
        inputs = {
            **self._parts(made, PARTS[:2]),
            "used": self._winners(made),
            "used_weights": [winner["weights"] for winner in winners],
            f"used_weights{SEAL}": [winner[f"weights{SEAL}"] for winner in winners],
        }
        if self._measures(problem):
            settings["measured"] = True
        settings |= self._estimators({problem, *(name for name, _ in made.used_weights)})
        names = {"problem": problem, "variant": variant, "batch": batch}
        job = self._job("train", names, {**inputs, **self._reads(problem)}, {**settings, **self._environment(problem)})
        metric = self.experiments.problems[problem].select["metric"]
        return replace(job, expected={"metric": metric, "tested": made.view.test})

    def choose(self, problem: str, variant: str) -> Job:
        """Describe how the best trial of a variant is chosen."""
        made = self.experiments.variant(problem, variant)
        trials = {run.trial: [run.trial, run.values] for runs in made.batches.values() for run in runs}
        select = self.experiments.problems[problem].select
        names = {"problem": problem, "variant": variant}
        batches = [self._of("train", **names, batch=batch) for batch in made.batches]
        roles = ("metrics", "histories", "weights", f"weights{SEAL}")
        inputs = {f"batch_{role}": [batch[role] for batch in batches] for role in roles}
        settings = {"trials": list(trials.values()), "select": select}
        return self._job("choose", names, {**inputs, "used": self._winners(made)}, settings)

    def evaluate(self, problem: str, variant: str) -> Job:
        """Describe how the winner meets the test part, which no other job reads."""
        made = self.experiments.variant(problem, variant)
        names = {"problem": problem, "variant": variant}
        chosen = self._of("choose", **names)
        inputs = {
            **self._parts(made, PARTS),
            **{role: [chosen[role]] for role in ("winner", "weights", f"weights{SEAL}")},
        }
        compute = {"threads": self.experiments.problems[problem].compute["threads"], "device": "cpu"}
        settings = {"compute": compute, **self._environment(problem)}  # on a processor: weights come back as arrays
        if not loading.has(problem, "evaluate"):
            if not self._measures(problem):
                raise ReproseError(
                    f"config.yaml: problems.{problem}: the view '{made.view.name}' has a test part, but in"
                    f" scripts/problems/{problem} there is neither evaluate.py nor, in train.py, a function"
                    " `measure(run, weights, part)`."
                )
            settings["measured"] = True
        settings |= self._estimators({problem})
        return self._job("evaluate", names, {**inputs, **self._reads(problem)}, settings)

    def plot(self, problem: str) -> Job:
        """Describe the figures of a problem."""
        style = styles.of_figures(self.root)
        inputs = {**self.shown.inputs(problem), **style.inputs, **self._reads(problem)}
        settings = {**self.shown.listed(problem), **style.settings, "fonts": font_digests()}
        if not loading.has(problem, "figures"):
            settings["select"] = self.experiments.problems[problem].select
        return self._job("plot", {"problem": problem}, inputs, {**settings, **self._environment(problem)})

    def summarize(self, problem: str) -> Job:
        """Describe the numbers of a problem."""
        inputs = {**self.shown.inputs(problem), **self._reads(problem)}
        settings = {**self.shown.listed(problem), **self._environment(problem)}
        if not loading.has(problem, "summary"):
            settings["select"] = self.experiments.problems[problem].select
        return self._job("summarize", {"problem": problem}, inputs, settings)

    def write(self, problem: str, behind: Iterable[Job]) -> Job:
        """Describe the section of a problem, whose results come from the jobs `behind` it."""
        known = list(behind)
        listed = handouts.listings(self.root, problem)
        names = {"problem": problem}
        template = handouts.SECTIONS / f"{problem}{handouts.SUFFIX}"
        inputs = {
            "template": [template],
            **_some("parts", handouts.parts(self.root, template)),
            "published": styles.there(self.root, styles.PUBLISHED),
            "numbers": self.shown.made("summarize", "numbers", [problem]),
            "artifacts": self.shown.results(problem)["artifacts"],
            "figures": self.shown.made("plot", "manifest", [problem]),
            **self.shown.of_others(self.root, problem),
            "manifests": _manifests(known),
        }
        listings = {name: source_text(name, self.roots) for name in listed}
        settings = {"jobs": [*(job.name for job in known), f"{problem}/write"], "listings": listings}
        if self.tier == "sample" and not any(brings_sample({"rule": job.rule, **job.settings}) for job in known):
            settings["sample"] = False  # tables of the project are what they are on both tiers
        return self._job("write", names, inputs, settings)

    def typeset(self, handout: str, sections: list[str], behind: Iterable[Job], draft: Settings | None = None) -> Job:
        """Describe a handout of `sections`; as a `draft`, with what is printed where sections are missing."""
        known, style = list(behind), styles.of_pages(self.root)
        template = handouts.HANDOUTS / f"{handout}{handouts.SUFFIX}"
        parts = handouts.parts(self.root, template)
        texts = [handouts.SECTIONS / f"{problem}{handouts.SUFFIX}" for problem in sections]
        texts += [path for text in texts for path in handouts.parts(self.root, text)]
        written = [self._of("write", problem=problem) for problem in sections]
        others = [other for problem in sections for other in self.shown.drawn(self.root, problem)]
        inputs = {
            "template": [template],
            **_some("parts", parts),
            **_some("static", handouts.static(self.root, [template, *parts, *texts])),
            **style.inputs,
            "bibliography": styles.there(self.root, styles.BIBLIOGRAPHY),
            "sections": [paths["section"] for paths in written],
            "headlines": [paths["headline"] for paths in written],
            "claims": [paths["claims"] for paths in written],
            "figures": self.shown.made("plot", "manifest", dict.fromkeys([*sections, *others])),
            "numbers": self.shown.made("summarize", "numbers", sections),
            "manifests": _manifests(known),
            "records": [job.record for job in known],
        }
        settings = {"sections": sections, "jobs": [job.name for job in known], **style.settings}
        made = self._job("typeset", {"handout": handout}, inputs, {**settings, **(draft or {})}, PROGRAMS)
        return made if draft is None else _as_draft(made)

    def _job(
        self, rule: str, names: Mapping[str, str], inputs: Inputs, settings: Settings, programs: tuple[str, ...] = ()
    ) -> Job:
        wildcards = {"tier": self.tier, **names}
        given: dict[str, Paths] = {role: tuple(map(str, paths)) for role, paths in inputs.items()}
        entries = loading.entries_of({"rule": rule, **wildcards, **settings})
        for entry in entries:
            self._check_entry(entry)
        if settings.get("compute", {}).get("device") == "cuda":
            entries.append("reprose.training.determinism:settle")
        return Job(rule, wildcards, given, paths_of(rule, wildcards), settings, tuple(entries), self.program, programs)

    def _of(self, rule: str, **names: str) -> dict[str, str]:
        """Return the outputs of another job by role."""
        return self.shown.outputs(rule, **names)

    def _parts(self, variant: Variant, parts: Iterable[str]) -> dict[str, list[str]]:
        view = self._of("prepare", view=variant.view.name)
        return {role: [view[role]] for part in parts for role in (part, part + SEAL)}

    def _winners(self, variant: Variant) -> list[str]:
        return [self._of("choose", problem=p, variant=v)["winner"] for p, v in variant.used]

    def _reads(self, problem: str) -> Inputs:
        return _reads(self.experiments.problems[problem].tracked)

    def _may_diverge(self, variant: Variant) -> bool:
        """Return whether a run that diverges loses against other trials, in place of failing its job."""
        trials = {run.trial for runs in variant.batches.values() for run in runs}
        select = self.experiments.problems[variant.problem].select
        return len(trials) > 1 and select.get("diverged", "loses") == "loses"

    def _measures(self, problem: str) -> bool:
        """Return whether a problem's training has a function that measures on any part."""
        return self._defines(Path("scripts/problems", problem, "train.py"), "measure")

    def _estimators(self, problems: Iterable[str]) -> dict[str, Any]:
        """Return whether the weights of some problems may be estimators of scikit-learn."""
        starts = [(f"scripts.problems.{name}.train:train",) for name in problems if loading.has(name, "train")]
        known = fingerprints(self.program)
        return {"estimators": True} if any("sklearn" in known.of(each).fingerprint.packages for each in starts) else {}

    def _environment(self, problem: str) -> Settings:
        return _environment(self.experiments.problems[problem].tracked)

    def _compute(self, problem: str) -> dict[str, Any]:
        threads, device = self.experiments.problems[problem].compute["threads"], self.devices[problem]
        return {"threads": threads, "device": device}


def _some(role: str, paths: Iterable[Path]) -> Inputs:
    """Return the inputs of a role, which is left out where there is none."""
    found = list(paths)
    return {role: found} if found else {}


def _manifests(jobs: Iterable[Job]) -> list[str]:
    return [job.outputs["manifest"] for job in jobs if job.rule == "fetch"]


def _reads(block: Mapping[str, Any]) -> Inputs:
    """Return the files that code reads beside itself, as config.yaml names them; a folder is an error."""
    if folders := [path for path in block.get("reads", []) if Path(path).is_dir()]:
        raise ReproseError(f"config.yaml: reads: '{folders[0]}' is a folder, allowed: files. Name each that is read.")
    return {"reads": block["reads"]} if block.get("reads") else {}


def _environment(block: Mapping[str, Any]) -> Settings:
    """Return the values of the environment variables that code needs, as config.yaml names them."""
    return {"environment": {name: os.environ.get(name) for name in block.get("environment", [])}}


def _as_draft(job: Job) -> Job:
    """Return the job with its outputs among the drafts."""
    outputs = {role: path.replace("/handouts/", "/drafts/") for role, path in job.outputs.items()}
    return replace(job, outputs=outputs)
