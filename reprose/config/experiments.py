"""What config.yaml expands to on one tier: views, variants, trials, runs, batches, and references between them."""

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from reprose.base.canonical import to_json
from reprose.base.errors import ReproseError
from reprose.config import reading as configuration
from reprose.config.runs import Run
from reprose.config.sweeps import points_of, shares, trials_in

TIERS = ("sample", "real")
RESERVED_PROBLEMS = {"views", "handouts", "drafts", "checkpoints"}  # folders of results/{tier}/
MOST = 100_000  # runs in a batch; more are a slip, such as two seeds that were taken for first and last
TRACKED = ("reads", "environment")  # what else code depends on, as config.yaml names it
RESERVED_VARIANTS = {"figures", "numbers", "section"}  # folders of results/{tier}/{problem}/


@dataclass(frozen=True)
class View:
    """A named split of a data set; or, with `of`, what its data set makes of the parts of another view."""

    name: str
    dataset: str
    split: str
    values: Mapping[str, Any]
    test: bool
    of: str = ""


@dataclass(frozen=True)
class Variant:
    """One of the things that a problem compares, with its runs cut into batches."""

    problem: str
    name: str
    view: View
    batches: Mapping[str, tuple[Run, ...]]
    grids: Mapping[str, tuple[str, ...]]  # batch -> the hyperparameters that its trials differ in
    uses: Mapping[str, str] = field(default_factory=dict)  # name -> problem/variant[/hyperparameter]

    @property
    def used(self) -> list[tuple[str, str]]:
        """Return the (problem, variant) pairs whose winners this variant needs."""
        return sorted({tuple(reference.split("/")[:2]) for reference in self.uses.values()})

    @property
    def used_weights(self) -> list[tuple[str, str]]:
        """Return those pairs whose weights it needs, not only a hyperparameter."""
        return sorted({tuple(reference.split("/")) for reference in self.uses.values() if reference.count("/") == 1})


@dataclass(frozen=True)
class Problem:
    """A problem: its variants, and how the trial of each is chosen; or an analysis, of views and without variants."""

    name: str
    select: Mapping[str, str]
    variants: Mapping[str, Variant]
    compute: Mapping[str, Any]  # threads, and the device as config.yaml names it: "cpu", "cuda" or "auto"
    device_key: str  # where config.yaml names the device
    tracked: Mapping[str, list[str]] = field(default_factory=dict)  # reads: files, environment: variables
    views: tuple[str, ...] = ()  # whose parts, but for the test part, its figures and numbers come from
    others: tuple[str, ...] = ()  # problems whose results its figures, numbers and section may use, too


@dataclass(frozen=True)
class Experiments:
    """Everything that config.yaml asks for on one tier."""

    tier: str
    datasets: Mapping[str, Mapping[str, Any]]
    views: Mapping[str, View]
    problems: Mapping[str, Problem]

    @property
    def threads(self) -> int:
        """Return the most threads that a training reserves."""
        return max((problem.compute["threads"] for problem in self.problems.values()), default=1)

    def variant(self, problem: str, variant: str) -> Variant:
        """Return the variant named by two wildcards."""
        return self.problems[problem].variants[variant]

    def origins(self, view: str) -> list[View]:
        """Return the view of this name and those that it is made of, the first of all first."""
        made = self.views[view]
        return [*(self.origins(made.of) if made.of else []), made]

    def depth(self, variant: Variant) -> int:
        """Return how many winners must be chosen, one after another, before `variant` can train."""
        return max((1 + self.depth(self.variant(*pair)) for pair in variant.used), default=0)


def usual_tier(config: Mapping[str, Any]) -> str:
    """Return the tier that is meant where none is named: "real" if all data are whole files of the project."""
    datasets = config.get("datasets")
    blocks = list(datasets.values()) if isinstance(datasets, Mapping) else []
    whole = [isinstance(block, Mapping) and "file" in block and not block.get("sample") for block in blocks]
    return "real" if whole and all(whole) else "sample"


def expand(config: Mapping[str, Any], tier: str) -> Experiments:
    """Return the experiments of `tier`; a reference to nothing, a repeated run or a cycle is an error."""
    views = {name: _view(config, name, tier) for name in config.get("views", {})}
    problems = {name: _problem(config, name, views, tier) for name in config.get("problems", {})}
    _check_views(views)
    _check_references(problems)
    datasets = {name: _dataset(name, block) for name, block in config.get("datasets", {}).items()}
    return Experiments(tier, datasets, views, problems)


def _dataset(name: str, block: Mapping[str, Any]) -> Mapping[str, Any]:
    where = f"config.yaml: datasets.{name}"
    if "file" not in block:
        if "sample" not in block:
            raise ReproseError(
                f"{where}: neither `file`, a file of the project, nor `sample`, how sample data are made."
            )
        return block
    file, sample = Path(block["file"]), block.get("sample", {})
    if file.is_absolute() or ".." in file.parts or not file.is_file():
        raise ReproseError(f"{where}.file is '{file}'. Allowed: an existing file of the project, by its path in it.")
    if sample.keys() - {"first"}:
        raise ReproseError(f"{where}.sample: found {', '.join(sample)}; of a file, allowed: first, a number of rows.")
    return block


def _view(config: Mapping[str, Any], name: str, tier: str) -> View:
    block = configuration.of_tier(config["views"][name], tier)
    if block["dataset"] not in config.get("datasets", {}):
        _refuse(f"views.{name}.dataset", block["dataset"], config.get("datasets", {}))
    if block.get("of") and block["of"] not in config["views"]:
        _refuse(f"views.{name}.of", block["of"], config["views"])
    return View(name, **block)


def _problem(config: Mapping[str, Any], name: str, known_views: Mapping[str, View], tier: str) -> Problem:
    if name in RESERVED_PROBLEMS:
        raise ReproseError(f"config.yaml: problems.{name}: this name is a folder of results/; choose another.")
    block = configuration.of_tier(config["problems"][name], tier)
    if not block.keys() & {"variants", "views", "uses"}:
        raise ReproseError(
            f"config.yaml: problems.{name}: neither `variants`, which are trained and compared, nor `views`, which are"
            " only looked at, nor `uses: {results: [...]}` of other problems."
        )
    others = tuple(block.get("uses", {}).get("results", []))
    known = config["problems"].keys() - {name}
    if unknown := [other for other in others if other not in known]:
        _refuse(f"problems.{name}.uses.results", unknown[0], known)
    variants = {key: _variant(name, key, block, known_views) for key in block.get("variants", {})}
    if unknown := [view for view in block.get("views", []) if view not in known_views]:
        _refuse(f"problems.{name}.views", unknown[0], known_views)
    compute = {**config["compute"], **block.get("compute", {})}
    where = f"problems.{name}.compute.device" if "device" in block.get("compute", {}) else "compute.device"
    tracked = {key: block[key] for key in TRACKED if block.get(key)}
    views = tuple(block.get("views", []))
    return Problem(name, block.get("select", {}), variants, compute, where, tracked, views, others)


def _variant(problem: str, name: str, block: Mapping[str, Any], views: Mapping[str, View]) -> Variant:
    where = f"problems.{problem}.variants.{name}"
    if name in RESERVED_VARIANTS:
        raise ReproseError(f"config.yaml: {where}: this name is a folder of results/; choose another.")
    own = block["variants"][name]
    if own["view"] not in views:
        _refuse(f"{where}.view", own["view"], views)
    uses = own.get("uses", {})
    taken = {key: {"from": reference} for key, reference in uses.items() if reference.count("/") == 2}
    shared = {**block.get("hyperparameters", {}), **own.get("hyperparameters", {}), **taken}
    batches: dict[str, tuple[Run, ...]] = {}
    grids: dict[str, tuple[str, ...]] = {}
    for key, grid, runs in _batches(own["blocks"], shared, f"config.yaml: {where}"):
        if key in batches:
            raise ReproseError(f"config.yaml: {where}.blocks: the batch '{key}' is given twice.")
        batches[key], grids[key] = runs, grid
    check_runs([run for runs in batches.values() for run in runs], f"config.yaml: {where}")
    return Variant(problem, name, views[own["view"]], batches, grids, uses)


def _batches(
    blocks: Mapping[str, Any], shared: Mapping[str, Any], variant: str
) -> Iterator[tuple[str, tuple[str, ...], tuple[Run, ...]]]:
    """Yield name, varied hyperparameters and runs of each batch; the order of values and seeds in a file is none."""
    for name, block in blocks.items():
        where = f"{variant}.blocks.{name}"
        _check_seeds(where, block["seeds"], trials_in(block))
        points = points_of(block, where)
        parts = shares(points, block["split"], where) if "split" in block else [points]
        for (first, last), (number, part) in itertools.product(sorted(block["seeds"]), enumerate(parts, 1)):
            runs = [
                Run(label_of(point), seed, {**shared, **point}) for point in part for seed in range(first, last + 1)
            ]
            batch = f"{name}_part{number}" if "split" in block else name
            yield f"{batch}_{first}_{last}", tuple(block.get("grid", {})), tuple(runs)


def _check_seeds(where: str, seeds: Iterable[tuple[int, int]], trials: int) -> None:
    for first, last in sorted(seeds):
        if last < first:
            raise ReproseError(f"{where}.seeds: [{first}, {last}] runs backwards. Write [{last}, {first}].")
        if (count := trials * (last - first + 1)) > MOST:
            raise ReproseError(
                f"{where}: {count:,} runs, of {trials:,} trials with the seeds {first} to {last}."
                f" Allowed: {MOST:,} in a batch. Seeds that do not follow each other are blocks of one: [[{first},"
                f" {first}], [{last}, {last}]]."
            )


def label_of(point: Mapping[str, Any]) -> str:
    """Return the label of a trial, which says in what it differs from others."""
    return ",".join(f"{key}={value}" for key, value in point.items()) or "single"


def check_runs(runs: list[Run], where: str) -> None:
    """Raise where one setting has one seed twice, under whatever names."""
    seen: dict[str, str] = {}
    for run in runs:
        identity = to_json([run.values, run.seed])
        if identity in seen:
            raise ReproseError(
                f"{where}.blocks: seed {run.seed} of '{run.trial}' is given twice"
                f" (first as '{seen[identity]}'). Remove one of them."
            )
        seen[identity] = run.trial


def _check_views(views: Mapping[str, View]) -> None:
    edges = {view.name: [view.of] if view.of else [] for view in views.values()}
    if node := _on_a_cycle(edges):
        raise ReproseError(f"config.yaml: the view {node} is made of itself, through `of`.")


def _check_references(problems: Mapping[str, Problem]) -> None:
    known = {f"{p.name}/{v}" for p in problems.values() for v in p.variants}
    edges: dict[str, list[str]] = {}
    for problem in problems.values():
        for variant in problem.variants.values():
            here = f"{problem.name}/{variant.name}"
            edges[here] = ["/".join(pair) for pair in variant.used]
            for there in edges[here]:
                if there not in known:
                    _refuse(f"problems.{problem.name}.variants.{variant.name}.uses", there, known)
    if node := _on_a_cycle(edges):
        raise ReproseError(f"config.yaml: the winner of {node} needs itself, through its `uses`.")


def _on_a_cycle(edges: Mapping[str, list[str]]) -> str | None:
    """Return a node that can be reached from itself, if there is one."""
    try:
        list(TopologicalSorter(edges).static_order())
    except CycleError as error:
        return error.args[1][0]
    return None


def _refuse(where: str, found: str, allowed: Mapping[str, Any] | set[str]) -> None:
    raise ReproseError(f"config.yaml: {where} is '{found}'. Allowed: {', '.join(sorted(allowed))}.")
