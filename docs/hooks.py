"""What the documents take from the schema and the code, so that nothing is listed twice; mkdocs calls this.

A line that begins with `::: settings` stands for the list of all settings, `::: commands`, `::: exports` likewise, and
`::: n` in templates.md for the signature and description of that function; the rest of the line is for who reads the
file itself. `PYTHONPATH=. python docs/hooks.py settings` prints the list.
"""

import inspect
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import reprose
from reprose.base.package import engine_file
from reprose.commands.cli import COMMANDS
from reprose.commands.snakefile import SCHEMA
from reprose.config.reading import load
from reprose.document.sections import Writer

MARK = re.compile(r"^::: (\w+).*$", flags=re.MULTILINE)
FIELD = re.compile(r"^    ([a-z]\w*: .*)$", flags=re.MULTILINE)


def on_page_markdown(markdown: str, **_: object) -> str:
    """Return a page with what its marks stand for."""
    return MARK.sub(lambda found: meaning(found[1]), markdown)


def meaning(mark: str) -> str:
    """Return what a mark stands for."""
    return TABLES[mark]() if mark in TABLES else function(mark)


def settings() -> str:
    """Return the list of all settings of config.yaml, from its schema."""
    schema = load(engine_file(SCHEMA))
    found = [item for item in _settings(schema, schema, "") if item[1] != "object" or item[2]]
    return "\n".join(f"- `{path}` ({kind}). {text}" for path, kind, text in found)


def _settings(
    node: Mapping[str, Any], schema: Mapping[str, Any], path: str, star: str = ""
) -> Iterator[tuple[str, str, str]]:
    """Yield the path, kind and description of each setting; a name of one's own is in capitals."""
    if "$ref" in node:
        node = schema["$defs"][node["$ref"].rpartition("/")[2]]
    if path:
        yield f"{path}{star}", _kind(node), " ".join(node.get("description", "").split())
    for name, inner in node.get("properties", {}).items():
        yield from _settings(inner, schema, f"{path}.{name}".lstrip("."), " *" * (name in node.get("required", [])))
    if isinstance(inner := node.get("additionalProperties"), Mapping):
        yield from _settings(inner, schema, f"{path}.{path.rpartition('.')[2].removesuffix('s').upper()}")


def _kind(node: Mapping[str, Any]) -> str:
    return ", ".join(map(str, node["enum"])) if "enum" in node else str(node.get("type", ""))


def commands() -> str:
    """Return the table of the commands, from the command line's own help."""
    rows = [f"| `reprose {name}` | {text} |" for name, text in COMMANDS.items()]
    return "\n".join(["| command | what it does |", "| --- | --- |", *rows])


def exports() -> str:
    """Return what `reprose` exports, each with its signature and description."""
    return "\n".join(_described(name, getattr(reprose, name)) for name in reprose.HOMES)


def _described(name: str, value: Any) -> str:
    if not (inspect.isclass(value) or inspect.isfunction(value)):
        return f"### `{name}`\n\nThe type `{value}`.\n".replace("collections.abc.", "").replace("numpy.", "np.")
    text = _without_types(inspect.signature(value)) if value.__module__.startswith("reprose") else ""
    parts = [f"### `{name}{text}`", inspect.getdoc(value), *(_insides(value) if inspect.isclass(value) else [])]
    return "\n\n".join(map(str, parts)) + "\n"


def _insides(kind: type) -> list[str]:
    """Return the fields of a class with their comments, and its methods with the first line of what they say."""
    fields = FIELD.findall(inspect.getsource(kind)) if kind.__module__.startswith("reprose") else []
    told = {name: inspect.getdoc(value) for name, value in vars(kind).items() if name[0] != "_" and _is_told(value)}
    methods = "\n".join(f"- `{name}`: {text.splitlines()[0]}" for name, text in told.items() if text)
    return [part for part in ("```python\n" + "\n".join(fields) + "\n```" if fields else "", methods) if part]


def _is_told(value: object) -> bool:
    return inspect.isfunction(value) or isinstance(value, property)


def function(name: str) -> str:
    """Return the signature and description of a function that a template may call."""
    called = getattr(Writer, name)
    _, *arguments = inspect.signature(called).parameters.values()
    return f"`{name}{_without_types(inspect.Signature(arguments))}`: {inspect.getdoc(called)}"


def _without_types(signature: inspect.Signature) -> str:
    plain = [one.replace(annotation=one.empty) for one in signature.parameters.values()]
    return str(inspect.Signature(plain))


TABLES: Mapping[str, Callable[[], str]] = {"settings": settings, "commands": commands, "exports": exports}


if __name__ == "__main__":  # what stands for the marks that are named, or all pages, to be read without a site
    for wanted in sys.argv[1:]:
        print(meaning(wanted))
    for page in sorted(Path(__file__).parent.glob("*.md")) if not sys.argv[1:] else ():
        print(on_page_markdown(page.read_text(encoding="utf-8")))
