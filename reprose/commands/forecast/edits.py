"""The first line in which a definition differs from what a commit held; git knows, so nothing is stored for it."""

import ast
import difflib
from functools import cache
from pathlib import Path

from reprose.code.syntax import DOCUMENTED, Unit
from reprose.commands.git import git

WIDTH = 88  # characters of a line


def altered(root: Path, commit: str, file: Path, name: str) -> list[str]:
    """Return "- old" and "+ new" for the first difference of the definition `name`; nothing where git cannot tell.

    A commit with uncommitted changes ("...-dirty") does not say what ran.
    """
    if not commit or commit.endswith("-dirty") or not file.is_relative_to(root):
        return []
    old, new = _committed(root, commit, file), file.read_text(encoding="utf-8", errors="replace")
    before, after = _definition(old, name), _definition(new, name)
    if not before or not after:
        return []
    return _first(list(difflib.ndiff(before, after)))


def _first(compared: list[str]) -> list[str]:
    """Return the first removed and the first added line of one place."""
    found: dict[str, str] = {}
    for line in compared:
        if line[0] in "-+":
            found.setdefault(line[0], f"{line[0]} {line[2:].strip()}")
        elif line[0] == " " and found:
            break
    return [
        found[sign] if len(found[sign]) <= WIDTH else f"{found[sign][: WIDTH - 3]}..." for sign in "-+" if sign in found
    ]


@cache
def _committed(root: Path, commit: str, file: Path) -> str:
    """Return the text of `file` in a commit, or "" where git does not have it."""
    return git("-C", str(root), "show", f"{commit}:./{file.relative_to(root)}") or ""


def _definition(text: str, name: str) -> list[str]:
    """Return the lines of the statements that bind `name`, without comments, layout and docstrings."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return []
    for node in ast.walk(tree):
        if isinstance(node, DOCUMENTED) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    found = [node for node in tree.body if name in Unit(node).names]
    return [line for node in found for line in ast.unparse(node).splitlines()]
