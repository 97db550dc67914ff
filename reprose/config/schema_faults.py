"""Faults of config.yaml in words: the line, the place, the key or value found, and what is allowed."""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path

import jsonschema
import yaml

Place = tuple[str | int, ...]


def told(faults: Sequence[jsonschema.ValidationError], name: str, file: Path | None = None) -> Iterator[str]:
    """Yield each fault in a line that begins with `name`, and with the line in `file`, where that is given."""
    root = yaml.compose(file.read_text(encoding="utf-8"), Loader=yaml.SafeLoader) if file else None
    for place, key, text in _in_words(faults):
        line = f":{_line(root, (*place, *key))}" if root else ""
        first, comma, rest = name.partition(",")
        yield f"{first}{line}{comma}{rest}: {'.'.join(map(str, place)) or 'top level'}: {text}"


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
                hint = "".join(f" Did you mean '{name}'?" for name in near)
                yield place, (key,), f"unknown key '{key}'.{hint} Allowed keys: {', '.join(known)}."
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
