"""Experiments with every value as the code reads it that takes it: equal settings are equal, however written."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from reprose.base.errors import ReproseError
from reprose.config import loading
from reprose.config.arguments import canonical_arguments
from reprose.config.experiments import Experiments, Run, Variant, View, check_runs, label_of
from reprose.config.settings import Settings, canonical

EXAMPLE = "Write 'class Hyperparameters(Settings):' with a line for each, such as 'epochs: int'."


def checked(experiments: Experiments) -> Experiments:
    """Return the experiments with canonical values; one that does not fit its type, or a repeated run, is an error."""
    datasets = {name: _sampled(name, block) for name, block in experiments.datasets.items()}
    views = {name: _split(view) for name, view in experiments.views.items()}
    problems = {}
    for name, problem in experiments.problems.items():
        if not problem.variants:
            problems[name] = problem
            continue
        kind = _settings_of(name)
        variants = {key: _checked(experiments, variant, kind) for key, variant in problem.variants.items()}
        problems[name] = replace(problem, variants=variants)
    return replace(experiments, datasets=datasets, views=views, problems=problems)


def _settings_of(problem: str) -> type[Settings]:
    """Return the class of a problem's hyperparameters."""
    file = f"scripts/problems/{problem}/hyperparameters.py"
    found = getattr(loading.problem(problem, "hyperparameters"), "Hyperparameters", None)
    if not isinstance(found, type):
        raise ReproseError(f"{file}: no class 'Hyperparameters', which names the settings of a problem. {EXAMPLE}")
    if not issubclass(found, Settings):
        raise ReproseError(f"{file}: 'Hyperparameters' is no Settings, by which values are checked. {EXAMPLE}")
    return found


def _sampled(name: str, block: Mapping[str, Any]) -> dict[str, Any]:
    if "file" in block:
        return dict(block)
    where = f"config.yaml: datasets.{name}.sample"
    return {**block, "sample": canonical_arguments(name, "make_sample", 1, block["sample"], where)}


def _split(view: View) -> View:
    given, where = 2 if view.of else 1, f"config.yaml: views.{view.name}"
    return replace(view, values=canonical_arguments(view.dataset, view.split, given, view.values, where))


def _checked(experiments: Experiments, variant: Variant, kind: type) -> Variant:
    where = f"config.yaml: problems.{variant.problem}.variants.{variant.name}"
    known: dict[str, Mapping[str, Any]] = {}  # label of a trial -> its values
    for runs in variant.batches.values():
        for run in runs:
            if run.trial not in known:
                known[run.trial] = _canonical(experiments, run, kind, where)
    typed = {
        name: tuple(replace(run, values=known[run.trial]) for run in runs) for name, runs in variant.batches.items()
    }
    check_runs([run for runs in typed.values() for run in runs], where)
    batches = {name: tuple(_relabelled(run, variant.grids[name]) for run in runs) for name, runs in typed.items()}
    return replace(variant, batches=batches)


def _relabelled(run: Run, grid: tuple[str, ...]) -> Run:
    return replace(run, trial=label_of({name: run.values[name] for name in grid}))


def _canonical(experiments: Experiments, run: Run, kind: type, where: str) -> dict[str, Any]:
    """Return the values of a run; one that it takes from a winner stays a reference, once an example of it has fit."""
    examples = {name: _example(experiments, value, where) for name, value in run.values.items()}
    values = canonical(kind, examples, where)
    return {name: run.values[name] if isinstance(run.values[name], Mapping) else values[name] for name in run.values}


def _example(experiments: Experiments, value: Any, where: str) -> Any:
    """Return `value`, or where it is a reference, the value of the first run of the variant that it names."""
    while isinstance(value, Mapping):
        problem, variant, name = value["from"].split("/")
        known = next(iter(experiments.variant(problem, variant).batches.values()))[0].values
        if name not in known:
            raise ReproseError(f"{where}.uses: '{value['from']}' is no hyperparameter. Allowed: {', '.join(known)}.")
        value = known[name]
    return value
