"""Faults of config.yaml in words: the line, the place, the key or value found, and what is allowed."""

import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path

import jsonschema
import yaml

from reprose.base.messages import did_you_mean

Place = tuple[str | int, ...]
TOLD = re.compile(r"^config\.yaml: (?P<place>\w+(?:\.\w+)+)(?P<words>.*)$", flags=re.MULTILINE)
KEY = re.compile(r"'(\w+)'|(\w+)")  # of what words speak first


def told(faults: Sequence[jsonschema.ValidationError], name: str, file: Path | None = None) -> Iterator[str]:
    """Yield each fault in a line that begins with `name`, and with the line in `file`, where that is given."""
    root = yaml.compose(file.read_text(encoding="utf-8"), Loader=yaml.SafeLoader) if file else None
    for place, key, text in _in_words(faults):
        line = f":{_line(root, (*place, *key))}" if root else ""
        first, comma, rest = name.partition(",")
        yield f"{first}{line}{comma}{rest}: {'.'.join(map(str, place)) or 'top level'}: {text}"


def located(message: str, file: Path) -> str:
    """Return a message about what fits the schema, but not the code, with the lines of `file` that it speaks of."""
    root = yaml.compose(file.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)

    def shown(found: re.Match[str]) -> str:
        place = found["place"].split(".")
        line = f"{_line_meant(root, place, found['words'])}:" if place[0] in _entries(root) else ""
        return f"config.yaml:{line}{found[0].removeprefix('config.yaml:')}"

    return TOLD.sub(shown, message)


def _line_meant(root: yaml.Node, place: Sequence[str], words: str) -> int:
    """Return the line of the key of which words speak first: at a place, or among what its problem shares.

    Of several, it is one whose value the words name; the place itself where there is none.
    """
    key = KEY.search(words.removeprefix(": unknown hyperparameter"))
    within = (place, [*place[:2], "hyperparameters"], [*place[:2], "sample"]) if key else ()
    known = [entry for start in within for entry in _named(_at(root, start), key[1] or key[2])]
    meant = [line for line, value in known if re.search(rf"(?<![\w.]){re.escape(value)}(?![\w.])", words)]
    return next(iter(meant or [line for line, _ in known]), _line(root, tuple(place)) - 1) + 1


def _at(node: yaml.Node, place: Sequence[str | int]) -> yaml.Node:
    """Return the part of a file at a place; an empty one where there is none."""
    for step in place:
        node = _entries(node).get(step, (0, yaml.ScalarNode("", "")))[1]
    return node


def _named(node: yaml.Node, key: str) -> Iterator[tuple[int, str]]:
    """Yield the line and a value of each entry `key` within a part of a file; those of a list one by one."""
    for name, (line, value) in _entries(node).items():
        if name == key:
            values = value.value if isinstance(value, yaml.SequenceNode) else [value]
            yield from ((line, str(each.value)) for each in values)
        else:
            yield from _named(value, key)


def _in_words(faults: Sequence[jsonschema.ValidationError]) -> Iterator[tuple[Place, Place, str]]:
    """Yield the place of each fault, the key there that is meant, if any, and the words; a misspelt key once."""
    meant: set[Place] = set()  # keys that are missing because they are misspelt
    for fault in sorted(faults, key=lambda fault: (list(map(str, fault.absolute_path)), fault.validator == "required")):
        place = tuple(fault.absolute_path)
        if fault.validator == "additionalProperties":
            known = sorted(fault.schema.get("properties", {}))
            for key in (key for key in fault.instance if key not in known):
                near = get_close_matches(key, [name for name in known if name not in fault.instance], n=1)
                meant |= {(*place, name) for name in near}
                yield place, (key,), f"unknown key '{key}'.{did_you_mean(near)} Allowed keys: {', '.join(known)}."
        elif fault.validator == "required":
            key = fault.message.removesuffix(" is a required property")
            if (*place, key.strip("'")) not in meant:
                yield place, (), f"the key {key} is missing."
        else:
            allowed = fault.schema.get("description", "")
            yield place, (), f"{fault.message}." + (f" ({allowed})" if allowed else "")


def _line(node: yaml.Node, place: Place) -> int:
    """Return the line of the innermost part of a place that stands in the file, also among the values of `sample`."""
    line = node.start_mark.line
    for step in place:
        entries = _entries(node)
        entries = entries if step in entries or "sample" not in entries else _entries(entries["sample"][1])
        if step not in entries:
            break
        line, node = entries[step]
    return line + 1


def _entries(node: yaml.Node) -> dict[str | int, tuple[int, yaml.Node]]:
    """Return what a mapping or list of a file holds, each with its line."""
    if isinstance(node, yaml.MappingNode):
        return {key.value: (key.start_mark.line, value) for key, value in node.value}
    items = node.value if isinstance(node, yaml.SequenceNode) else []
    return {place: (item.start_mark.line, item) for place, item in enumerate(items)}
