"""Arguments that config.yaml and steps give to functions of the project, checked by what its code declares, unrun."""

import ast
import warnings
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

from pydantic import create_model

from reprose.base.errors import ReproseError
from reprose.base.messages import did_you_mean
from reprose.base.notebooks import module_file, module_text
from reprose.base.package import ENGINE
from reprose.config.settings import Settings, typed

FOLDER = Path("scripts/datasets")
TABLES = ENGINE / "data/tables.py"
SPLITS = ("random_split", "ordered_split")
GIVEN_BY_NAME = ("read", "make_sample")  # functions of a data set that steps call by these names
DEFAULTS = ("read", *SPLITS)  # what that file has for data sets without a function of their own
GIVEN = {  # folder under scripts/, stage of a problem, function -> what a step gives it
    ("datasets", "", "read"): ("folder",),
    ("problems", "train", "train"): ("runs", "data", "used", "device"),
    ("problems", "train", "measure"): ("run", "weights", "part"),
    ("problems", "evaluate", "evaluate"): ("run", "weights", "data"),
    ("problems", "figures", "draw"): ("results",),
    ("problems", "summary", "summarize"): ("results",),
}
PLAIN = {"int": int, "float": float, "str": str, "bool": bool, "None": None}


class Arguments(Settings):
    """The arguments of one function."""

    noun: ClassVar[str] = "argument"


def canonical_arguments(
    dataset: str, function: str, given: int, values: Mapping[str, Any], where: str
) -> dict[str, Any]:
    """Return `values` as the function of a data set's module takes them, after the `given` arguments of the step.

    One that is missing, unknown or of another type than declared is an error, and a function that is not there. What is
    defined otherwise than by a plain `def` at the top of the module is left to the step.
    """
    path = _module(dataset)
    if path is None and not has_default(dataset, function):
        if function not in GIVEN_BY_NAME:
            near = get_close_matches(function, SPLITS, n=1)
            raise ReproseError(
                f"{where}.split: no '{function}'.{did_you_mean(near)} Allowed: {', '.join(SPLITS)}, or a function of"
                f" {FOLDER / dataset}.py, which is not there."
            )
        raise ReproseError(f"config.yaml: datasets.{dataset}: there is no {FOLDER / dataset}.py.")
    if has_default(dataset, function):
        path = TABLES
    functions, others = _definitions(module_text(path))
    if others is None or function in others:
        return dict(values)
    if function not in functions:
        raise ReproseError(f"{where}: {path} has no function '{function}'. There are: {', '.join(functions)}.")
    arguments = functions[function].args
    if functions[function].decorator_list or arguments.kwarg or arguments.vararg:
        return dict(values)
    by_place = len([*arguments.posonlyargs, *arguments.args])
    if by_place < given:
        raise ReproseError(f"{where}: {path}: '{function}' takes {by_place} arguments by place, expected {given}.")
    return typed(_kind(arguments, given), values, where).model_dump(mode="json", exclude_unset=True)


def check_entry(entry: str) -> None:
    """Raise where the module of a step's entry has no such function, or one that does not take what the step gives it.

    What is defined otherwise than by a plain `def` at the top of the module is left to the step.
    """
    module, _, name = entry.partition(":")
    kind, _, rest = module.removeprefix("scripts.").partition(".")
    given = GIVEN.get((kind, rest.rpartition(".")[2] if kind == "problems" else "", name))
    path = module_file(Path(*module.split(".")))
    if not given or not path:
        return
    functions, others = _definitions(module_text(path))
    if others is None or name in others:
        return
    if name not in functions:
        raise ReproseError(f"{path}: no function '{name}'. Write 'def {name}({', '.join(given)}):'.")
    node = functions[name]
    if not node.decorator_list and not _takes(node.args, len(given)):
        raise ReproseError(
            f"{path}:{node.lineno}: '{name}' takes ({ast.unparse(node.args)}). It is given, by place:"
            f" {', '.join(given)}."
        )


def _takes(arguments: ast.arguments, given: int) -> bool:
    """Return whether a function can be called with so many arguments by place, and no others."""
    by_place = [*arguments.posonlyargs, *arguments.args]
    least = len(by_place) - len(arguments.defaults)
    return least <= given and (given <= len(by_place) or bool(arguments.vararg)) and None not in arguments.kw_defaults


def has_default(dataset: str, name: str) -> bool:
    """Return whether the engine gives what the module of a data set, if there is one, does not define."""
    path = _module(dataset)
    functions, others = _definitions(module_text(path)) if path else ({}, set())
    return name in DEFAULTS and others is not None and name not in functions and name not in others


def defines(path: Path, name: str) -> bool:
    """Return whether a module defines a name at its top, as far as its text shows."""
    functions, others = _definitions(module_text(path)) if path.is_file() else ({}, set())
    return others is None or name in functions or name in others


def _module(dataset: str) -> Path | None:
    return module_file(FOLDER / dataset)


@cache
def _definitions(source: bytes) -> tuple[dict[str, ast.FunctionDef], set[str] | None]:
    """Return the functions that a module defines at its top, and what it names in other ways; None if all may be."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):  # told where the code is read
        return {}, None
    top = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    names: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom() | ast.Import():
                names |= {alias.asname or alias.name for alias in node.names}
            case ast.Name(ctx=ast.Store()):
                names.add(node.id)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() if node not in tree.body:
                names.add(node.name)
    return top, None if "*" in names else names


@cache
def _kind(arguments: ast.arguments, given: int) -> type[Arguments]:
    """Return the type of the arguments that follow the `given` ones."""
    by_place = [*arguments.posonlyargs, *arguments.args]
    without = [None] * (len(by_place) - len(arguments.defaults))
    declared = list(zip(by_place, [*without, *arguments.defaults], strict=True))[given:]
    declared += zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    fields = {entry.arg: (_type(entry.annotation), ... if default is None else None) for entry, default in declared}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # names such as "copy" are those of methods here
        return create_model("Arguments", __base__=Arguments, **fields)


def _type(annotation: ast.expr | None) -> Any:
    """Return the type that an annotation names, as far as it is made of plain ones, and `Any` in its other parts."""
    match annotation:
        case ast.Name(id=name) if name in PLAIN:
            return PLAIN[name]
        case ast.Constant(value=None):
            return None
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return _type(left) | _type(right)
        case ast.Subscript(value=ast.Name(id="list"), slice=item):
            return list[_type(item)]
    return Any
