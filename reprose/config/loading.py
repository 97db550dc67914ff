"""The one place where code is imported by name, and the declaration of all that it can import for each step."""

import importlib
import re
import traceback
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from reprose.base.errors import ReproseError
from reprose.base.faults import in_project
from reprose.base.notebooks import is_module, module_file
from reprose.base.system_errors import refusal

NAME = re.compile("[a-z][a-z0-9_]*")
TABLES = "reprose.data.tables"  # has what data sets need that are a table of the project
ESTIMATORS = "reprose.training.estimators"  # is part of the key where a problem uses scikit-learn
SUMMARY = "reprose.numbers.summary"  # has what summarizes a problem that does not do so itself
FIGURES = "reprose.document.plain_figures"  # likewise, what draws


def problem(name: str, stage: str) -> ModuleType:
    """Return the module of one stage ("train", "evaluate", "figures", ...) of a problem."""
    _check("problems", name, "problem")
    _check(f"problems/{name}", stage, f"stage of the problem '{name}'")
    return _imported(f"scripts.problems.{name}.{stage}")


def has(problem: str, stage: str) -> bool:
    """Return whether a problem has a module of this stage."""
    return module_file(Path("scripts/problems", problem, stage)) is not None


def dataset(name: str) -> ModuleType:
    """Return the module of a data set."""
    _check("datasets", name, "data set")
    return _imported(f"scripts.datasets.{name}")


def source(dataset_name: str) -> Any:
    """Return where the files of a data set are published."""
    module = dataset(dataset_name)
    if not hasattr(module, "SOURCE"):
        raise ReproseError(f"{module.__file__}: no SOURCE, which says where its files are published: Source(...).")
    return module.SOURCE


def member(module: ModuleType, name: str) -> Callable[..., Any]:
    """Return the function `name` of a module that `dataset` or `problem` has loaded."""
    found = getattr(module, name, None) if NAME.fullmatch(name) else None
    if not callable(found):
        public = sorted(key for key in dir(module) if NAME.fullmatch(key) and callable(getattr(module, key)))
        raise ReproseError(f"{module.__file__}: no function '{name}'. There are: {', '.join(public)}.")
    return found


def of_dataset(key: Mapping[str, Any], name: str) -> Callable[..., Any]:
    """Return a function of the data set of a job, the engine's own where that stands in the place of a missing one."""
    is_own = name not in key.get("defaults", ())
    return member(dataset(key["dataset"]) if is_own else importlib.import_module(TABLES), name)


def estimators(key: Mapping[str, Any]) -> ModuleType | None:
    """Return what saves and reads estimators of scikit-learn, where the job that has this key may meet some."""
    return importlib.import_module(ESTIMATORS) if key.get("estimators") else None


def measure(key: Mapping[str, Any]) -> Callable[..., Any] | None:
    """Return the function `measure` of a problem's training, where the job that has this key needs it."""
    return member(problem(key["problem"], "train"), "measure") if key.get("measured") else None


def summarizer(key: Mapping[str, Any]) -> Callable[..., Any]:
    """Return the function that makes the numbers of a problem, the engine's where it has none of its own."""
    if "select" in key:
        return partial(importlib.import_module(SUMMARY).summarize, select=key["select"])
    return member(problem(key["problem"], "summary"), "summarize")


def drawer(key: Mapping[str, Any]) -> Callable[..., Any]:
    """Return the function that draws the figures of a problem, the engine's where it has none of its own."""
    if "select" in key:
        return partial(importlib.import_module(FIGURES).draw, select=key["select"])
    return member(problem(key["problem"], "figures"), "draw")


def entries_of(key: Mapping[str, Any]) -> list[str]:
    """Return the entry points of the job that has this key, the engine's where the project has none of its own."""
    names = {name: key.get(name) for name in ("problem", "dataset", "split", "tier")}
    parts = f"scripts.problems.{names['problem']}"
    instead = {f"scripts.datasets.{names['dataset']}:{name}": f"{TABLES}:{name}" for name in key.get("defaults", ())}
    if key.get("measured"):
        instead[f"{parts}.evaluate:evaluate"] = f"{parts}.train:measure"
    if "select" in key:  # of figures and numbers that the engine makes
        instead |= {f"{parts}.summary:summarize": f"{SUMMARY}:summarize", f"{parts}.figures:draw": f"{FIGURES}:draw"}
    named = entries(key["rule"], **names)[: 1 if "file" in key else None]  # a file of the project has no source
    more = [f"{parts}.train:measure"] if key.get("measured") and key["rule"] == "train" else []
    more += [f"{ESTIMATORS}:packed", f"{ESTIMATORS}:revived"] if key.get("estimators") else []
    return [*(instead.get(entry, entry) for entry in named), *more]


def entries(
    step: str,
    *,
    problem: str | None = None,
    dataset: str | None = None,
    split: str | None = None,
    tier: str | None = None,
) -> list[str]:
    """Return the definitions ("module:name") that a step starts from: its own, and those that it loads by name."""
    data, parts = f"scripts.datasets.{dataset}", f"scripts.problems.{problem}"
    settings = f"{parts}.hyperparameters:Hyperparameters"
    loaded = {
        "fetch": [f"{data}:SOURCE", *([f"{data}:make_sample"] if tier == "sample" else [])],
        "prepare": [f"{data}:read", f"{data}:{split}"],
        "train": [f"{parts}.train:train", settings],
        "choose": [],
        "evaluate": [f"{parts}.evaluate:evaluate", settings],
        "plot": [f"{parts}.figures:draw"],
        "summarize": [f"{parts}.summary:summarize"],
        "write": [],
        "typeset": [],
    }
    if step not in loaded:
        raise ReproseError(f"no step '{step}'. There are: {', '.join(loaded)}.")
    return [f"reprose.steps.{step}:main", *loaded[step]]


def _imported(name: str) -> ModuleType:
    """Return a module of the project; one whose import fails is an error that names the line."""
    try:
        return importlib.import_module(name)
    except (ReproseError, OSError):
        raise
    except SyntaxError as error:
        raise ReproseError(f"{error.filename}:{error.lineno}: not valid Python: {error.msg}.") from error
    except Exception as error:
        place = in_project(error) or traceback.extract_tb(error.__traceback__)[-1]
        told = ReproseError(f"{place.filename}:{place.lineno}: {type(error).__name__}: {error}")
        raise refusal(error) or told from error


def _check(folder: str, name: str, what: str) -> None:
    """Raise unless `name` is a module or package in a folder of scripts/."""
    place = Path("scripts", folder).absolute()
    found = {path.stem for path in place.iterdir() if path.is_dir() or is_module(path)}
    names = sorted(stem for stem in found if NAME.fullmatch(stem))
    if name not in names:
        raise ReproseError(f"{place}: no {what} called '{name}'. There are: {', '.join(names) or 'none'}.")
