"""Read config.yaml and check it strictly: unknown keys, ill-typed values and repeated keys are errors."""

import io
import itertools
import math
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar, TextIO

import jsonschema
import yaml

from reprose.base.errors import ReproseError
from reprose.config import schema_faults

SHALLOW = 1000  # levels
POWER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)[eE][-+]?\d+")


def load(path: Path) -> dict[str, Any]:
    """Return the YAML mapping in `path`; a key given twice, or text that is no mapping, is an error."""
    try:
        value = _parsed(path, path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise ReproseError(f"{path}: not valid YAML: {error}") from error
    except UnicodeDecodeError as error:
        raise ReproseError(f"{path}: not UTF-8 at byte {error.start}. Save the file in that encoding.") from error
    except RecursionError as error:
        raise ReproseError(f"{path}: nested too deeply.") from error
    except OSError as error:
        raise ReproseError(f"{path}: cannot be read: {error.strerror}") from error
    if not isinstance(value, dict):
        raise ReproseError(f"{path}: found {type(value).__name__}, expected a mapping of keys to values")
    return value


def _parsed(path: Path, text: str) -> Any:
    """Return what a YAML text says, by the fast reader where that can, and by the one that explains faults best."""
    if _is_shallow(text):
        with suppress(yaml.YAMLError):
            return yaml.load(_Named(text, path), Loader=_FastLoader)  # a SafeLoader
    return yaml.load(_Named(text, path), Loader=_StrictLoader)  # a SafeLoader


def _is_shallow(text: str) -> bool:
    """Return whether a text nests so little that a reader in C, which knows no limit, has stack enough for it."""
    depths = itertools.accumulate((character in "[{") - (character in "]}") for character in text)
    return max(map(len, text.splitlines()), default=0) < SHALLOW and max(depths, default=0) < SHALLOW


def check(config: Mapping[str, Any], schema: Path, name: str = "config.yaml", file: Path | None = None) -> None:
    """Raise `ReproseError` naming every key of `config` that does not fit `schema`, and every value that is no JSON.

    Lines are told of the `file` that it was read from.
    """
    if odd := [f"{name}: {told}" for told in _no_json(config)]:
        raise ReproseError("\n".join(odd))
    validator = _Validator(load(schema))
    for told, table in ((name, config), (f"{name}, with the values of `sample:`", _sampled(config))):
        if faults := list(validator.iter_errors(table)):
            raise ReproseError("\n".join(schema_faults.told(faults, told, file)))


def _no_json(value: Any, where: str = "", within: tuple[int, ...] = ()) -> Iterator[str]:
    """Yield what JSON, and so the key of a job, cannot hold: numbers that are none, dates, keys that are no text."""
    place = where or "top level"
    if id(value) in within:
        yield f"{place}: an alias (*) that refers to what it stands in. Write the values out."
    elif isinstance(value, Mapping):
        for key, item in value.items():
            if not isinstance(key, str):
                yield f"{place}: the key {key!r} is no text. Put it in quotes."
            yield from _no_json(item, f"{where}.{key}".lstrip("."), (*within, id(value)))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _no_json(item, f"{where}.{number}", (*within, id(value)))
    elif isinstance(value, float) and not math.isfinite(value):
        yield f"{place} is {value}, expected a finite number."
    elif not (value is None or isinstance(value, str | int | float)):
        kind = type(value).__name__
        yield f"{place} is {value}, which YAML reads as a {kind}. Put it in quotes if it is text."


def _is_integer(checker: jsonschema.TypeChecker, value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


# JSON Schema takes 1.0 for a whole number; Python's code does not.
_Validator = jsonschema.validators.extend(
    jsonschema.Draft202012Validator,
    type_checker=jsonschema.Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_integer),
)


def merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Return `base` with the values of `over`, mapping by mapping; other values replace."""
    result = dict(base)
    for key, value in over.items():
        both = isinstance(value, Mapping) and isinstance(result.get(key), Mapping)
        result[key] = merged(result[key], value) if both else value
    return result


def of_tier(block: Mapping[str, Any], tier: str) -> dict[str, Any]:
    """Return `block` with its `sample` values applied on the sample tier, and without that key."""
    plain = {key: value for key, value in block.items() if key != "sample"}
    return merged(plain, block.get("sample", {})) if tier == "sample" else plain


def _sampled(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return what stands in `config` on the sample tier; where it is malformed, as it is."""

    def applied(table: Any) -> Any:
        if not isinstance(table, Mapping) or not all(isinstance(block, Mapping) for block in table.values()):
            return table
        return {key: of_tier(block, "sample") for key, block in table.items()}

    return {key: applied(table) if key in ("views", "problems") else table for key, table in config.items()}


class _Named(io.StringIO):
    """A text with the name of its file, for messages."""

    def __init__(self, text: str, path: Path) -> None:
        super().__init__(text)
        self.name = str(path)


class _Strict(yaml.constructor.SafeConstructor):
    """Refuses a mapping which gives one key twice, and numbers that are not what they look like."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self.flattened: set[yaml.MappingNode] = set()

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except ValueError as error:  # of what looks like a date or a number, and is none
            raise _at(node, f"{str(node.value)[:40]}: {error}. Put it in quotes if it is text.") from error

    def construct_number(self, node: yaml.ScalarNode) -> int | float:
        """Return a number; YAML would take 010 for 8, 1:30 for 90 and 1_0 for 10."""
        whole = node.tag.endswith("int")
        value = self.construct_yaml_int(node) if whole else self.construct_yaml_float(node)
        if re.search("[_:]", node.value) or (whole and re.match(r"[-+]?0\d", node.value)):
            raise _at(
                node,
                f"{node.value} is a number that YAML reads as {value}. Write it in decimal digits alone, or in quotes"
                " if it is text.",
            )
        return value

    def construct_text(self, node: yaml.ScalarNode) -> str:
        """Return a text; YAML would take 1e-4 for one."""
        if not node.style and POWER.fullmatch(node.value):
            raise _at(
                node,
                f"{node.value} is a number that YAML reads as text. Write {_with_point_and_sign(node.value)}, or put it"
                " in quotes if it is text.",
            )
        return self.construct_scalar(node)

    yaml_constructors: ClassVar = {
        **yaml.SafeLoader.yaml_constructors,
        "tag:yaml.org,2002:int": construct_number,
        "tag:yaml.org,2002:float": construct_number,
        "tag:yaml.org,2002:str": construct_text,
    }

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """Put in what << merges; from then on, a key that replaces a merged one stands there twice."""
        if node not in self.flattened:
            self.flattened.add(node)
            self._check_keys(node)
        super().flatten_mapping(node)

    def _check_keys(self, node: yaml.MappingNode) -> None:
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise _at(key, "a key that is a list or a mapping, allowed: text.")
            if key.value in seen and key.tag != "tag:yaml.org,2002:merge":
                raise _at(key, f"the key '{key.value}' is given twice.")
            seen.add(key.value)


class _StrictLoader(_Strict, yaml.SafeLoader):
    """Reads in Python."""


class _FastLoader(_Strict, getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """Reads in C where libyaml is there."""


def _with_point_and_sign(power: str) -> str:
    """Return a power of ten as YAML reads it as a number: 3.0e-3 for 3e-3, 1.0e+5 for 1e5."""
    digits, exponent = power.lower().split("e")
    point = "" if "." in digits else ".0"
    return f"{digits}{point}e{'' if exponent[0] in '+-' else '+'}{exponent}"


def _at(node: yaml.Node, told: str) -> ReproseError:
    return ReproseError(f"{node.start_mark.name}:{node.start_mark.line + 1}: {told}")
