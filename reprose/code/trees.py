"""Small questions about syntax trees: the chains, imports and texts in them."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

Chain = tuple[str, ...]  # ("np", "linalg", "norm") stands for np.linalg.norm

ANY = "*"
MENTION = re.compile(r"@([^\W\d]\w*(?:\.[^\W\d]\w*)*)")  # a query of pandas names a variable: "x < @LIMIT"
OPEN_MENTION = re.compile(r"@$|[\s<>=!&(~+\-*/%,\[]@[{%]")  # what stands after the "@" is put in later
DOTTED = re.compile(r"[\w.]+")
IMPORT_ERRORS = {("ImportError",), ("ModuleNotFoundError",), ("Exception",), ("BaseException",)}


@dataclass(frozen=True)
class Target:
    """What an imported name stands for: a module, or a name in a module (which may be a submodule)."""

    module: str
    name: str = ""

    @property
    def dotted(self) -> str:
        """Return the name as a chain of attributes."""
        return f"{self.module}.{self.name}" if self.name else self.module

    @property
    def top(self) -> str:
        """Return the package that the module is, or lies in."""
        return self.module.partition(".")[0]


def chain_of(node: ast.AST) -> Chain:
    """Return the chain of names that `node` spells, or () if it is not a name with attributes."""
    attributes = []
    while isinstance(node, ast.Attribute):
        attributes.append(node.attr)
        node = node.value
    return (node.id, *reversed(attributes)) if isinstance(node, ast.Name) else ()


def import_targets(node: ast.Import | ast.ImportFrom) -> list[tuple[str, Target, Target]]:
    """Return for each alias of an import the name bound, what it stands for, and what is executed."""
    if isinstance(node, ast.ImportFrom):
        targets = [Target("." * node.level + (node.module or ""), alias.name) for alias in node.names]
        return [(a.asname or a.name, target, target) for a, target in zip(node.names, targets, strict=True)]
    found = []
    for alias in node.names:
        top = alias.name.partition(".")[0]
        stands_for = Target(alias.name if alias.asname else top)
        found.append((alias.asname or top, stands_for, Target(alias.name)))
    return found


def names_bound(node: ast.AST) -> Iterator[str]:
    """Yield the names that imports and assignments anywhere in `node` bind."""
    for part in ast.walk(node):
        if isinstance(part, ast.Import | ast.ImportFrom):
            yield from (name for name, _, _ in import_targets(part))
        elif isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Load):
            yield part.id


def names_in_text(text: str) -> set[str]:
    """Return the names after an "@" in a string; ANY among them where a run puts one in."""
    if "@" not in text:
        return set()
    return {*MENTION.findall(text), *([ANY] if OPEN_MENTION.search(text) else [])}


def has_dunder(node: ast.expr) -> bool:
    """Return whether some string in an expression has two underscores together."""
    strings = (part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str))
    return any("__" in text or text.startswith("f_") for text in strings)


def spelled_names(node: ast.AST) -> Iterator[Chain]:
    """Yield the chains of names that the strings in an annotation spell."""
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            try:
                inner = ast.parse(part.value.strip(), mode="eval").body
            except (SyntaxError, ValueError):
                continue
            yield from _chains(inner)
            yield from spelled_names(inner)


def _chains(node: ast.AST) -> Iterator[Chain]:
    """Yield the chains of names in an expression."""
    if chain := chain_of(node):
        yield chain
    else:
        for part in children(node):
            yield from _chains(part)


def catches_import(node: ast.expr | None) -> bool:
    """Return whether an `except` of the type `node` catches an import that fails."""
    names = node.elts if isinstance(node, ast.Tuple) else [node]
    return any(name is None or chain_of(name)[-1:] in IMPORT_ERRORS for name in names)


def children(node: ast.AST) -> list[ast.AST]:
    """Return the nodes directly in `node`, without the contexts of names."""
    found: list[ast.AST] = []
    for name in node._fields:
        value = getattr(node, name, None)
        if value.__class__ is list:
            found += [item for item in value if isinstance(item, ast.AST)]
        elif isinstance(value, ast.AST) and not isinstance(value, ast.expr_context):
            found.append(value)
    return found
