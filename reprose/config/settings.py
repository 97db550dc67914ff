"""Typed hyperparameters: a problem declares them as a class, and config.yaml gives the values."""

import json
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, ClassVar, Self, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from reprose.base.errors import ReproseError


class Settings(BaseModel):
    """Base of a problem's hyperparameters: immutable, and nothing is read into a value that is not written there.

    A whole number may stand for a decimal, a list for a tuple. A number is no string, and True is no number.
    """

    noun: ClassVar[str] = "hyperparameter"  # what a message calls a value
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)

    def replace(self, **changes: Any) -> Self:
        """Return a copy with some values changed, checked like those of config.yaml."""
        return typed(type(self), {**dict(self), **changes}, type(self).__name__)


Kind = TypeVar("Kind", bound=BaseModel)


def typed(kind: type[Kind], values: Mapping[str, Any], where: str) -> Kind:
    """Return `kind` filled from `values`; every key that is missing, unknown or ill-typed is told, with `where`."""
    try:
        return kind.model_validate_json(json.dumps(values))  # JSON has lists where Python has tuples
    except ValidationError as error:
        details = error.errors(include_url=False)
        meant = _meant(kind, values)
        told = [
            _told(kind, detail, meant)
            for detail in details
            if detail["type"] != "missing" or _name(detail["loc"]) not in meant.values()
        ]
        raise ReproseError("\n".join(f"{where}: {line}" for line in told)) from error


def canonical(kind: type[BaseModel], values: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Return `values` as `kind` reads them, as plain JSON: equal settings give equal values, however written."""
    return typed(kind, values, where).model_dump(mode="json")


def _meant(kind: type[BaseModel], values: Mapping[str, Any]) -> dict[str, str]:
    """Return for each unknown name of `values` the known one that is not given and most like it, if any is."""
    lacking = [name for name in kind.model_fields if name not in values]
    near = {name: get_close_matches(name, lacking, n=1) for name in values if name not in kind.model_fields}
    return {name: found[0] for name, found in near.items() if found}


def _told(kind: type[BaseModel], detail: ErrorDetails, meant: Mapping[str, str]) -> str:
    """Return one error in words: the key, the value found and what is allowed."""
    name, noun = _name(detail["loc"]), getattr(kind, "noun", Settings.noun)
    match detail["type"]:
        case "missing":
            return f"the {noun} '{name}'{_type_of(kind, name)} is missing."
        case "extra_forbidden":
            hint = f" Did you mean '{meant[name]}'?" if name in meant else ""
            return f"unknown {noun} '{name}'.{hint} Allowed: {', '.join(sorted(kind.model_fields)) or 'none'}."
        case "value_error":  # raised by a rule of the problem
            return f"{detail['ctx']['error']}."
    return f"{name} is {detail['input']!r}, {detail['msg'].replace('Input should be', 'expected')}."


def _name(place: tuple[int | str, ...]) -> str:
    """Return a place in the values as it would be written: "widths[1]"."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place).removeprefix(".")


def _type_of(kind: type[BaseModel], name: str) -> str:
    """Return the declared type of a hyperparameter, in parentheses."""
    if name not in kind.model_fields:
        return ""
    declared = kind.model_fields[name].annotation
    plain = declared.__name__ if isinstance(declared, type) and not hasattr(declared, "__args__") else str(declared)
    return f" ({plain.replace('typing.', '')})"
