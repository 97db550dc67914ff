"""Our own modules as syntax trees: the files under a root, their top-level statements, and what those bind."""

import ast
import os
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from reprose.base.errors import ReproseError
from reprose.base.notebooks import SUFFIX, is_module, module_text
from reprose.base.package import ENGINE
from reprose.code.references import References, TypingTests, references
from reprose.code.trees import Chain, Target, chain_of, children, import_targets

DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
UNWRITTEN = {"ctx", "kind", "type_comment", "type_ignores"}  # fields that change nothing
SCOPES = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
Roots = tuple[tuple[str, Path], ...]  # (name of a package, its folder); with the name "" the modules lie in the folder
_parsed: dict["Source", "Module"] = {}


class Source(NamedTuple):
    """A file that holds a module, in the state in which it was seen; a folder without `__init__.py` has no path."""

    module: str
    path: str
    is_package: bool
    modified: int  # nanoseconds
    size: int  # bytes


class Unit:
    """One top-level statement; `is_typing`: in a block for type checkers, which Python never executes."""

    def __init__(self, node: ast.stmt, tests: TypingTests = frozenset(), is_typing: bool = False) -> None:
        self.node = node
        self.tests = tests
        self.is_typing = is_typing
        self.is_import = isinstance(node, ast.Import | ast.ImportFrom)
        self.aliases = [pair for inner in _statements(node) for pair in _aliases(inner)]
        self.names = tuple(dict.fromkeys(_bound(node)))

    @cached_property
    def references(self) -> References:
        """Return what the statement refers to."""
        return references(self.node, self.tests)

    @cached_property
    def text(self) -> str:
        """Return the statement in normal form, without docstrings."""
        return normal_form(self.node)

    @cached_property
    def is_annotated(self) -> bool:
        """Return whether there is an annotation in the statement."""
        parts = ast.walk(self.node)
        return any(getattr(part, "annotation", None) or getattr(part, "returns", None) for part in parts)

    @cached_property
    def is_main(self) -> bool:
        """Return whether the statement is executed only where its module is run as a script."""
        match self.node:
            case ast.If(ast.Compare(ast.Name("__name__"), [ast.Eq()], [ast.Constant("__main__")]), orelse=[]):
                return True
        return False

    def targets(self, name: str) -> list[Target]:
        """Return what `name` is imported from by this statement."""
        return [target for alias, target in self.aliases if alias == name]


class Module:
    """One module: its top-level statements in order, and which of them bind each name."""

    def __init__(self, source: Source, content: bytes) -> None:
        self.name = source.module
        self.path = source.path
        self.content = content  # the bytes that the tree is made from

    @cached_property
    def tree(self) -> ast.Module:
        """Return the syntax tree; text that is not Python is an error."""
        return _tree(self.path, self.content)

    @cached_property
    def _all_units(self) -> list[Unit]:
        units = list(_units(self.tree) if b"TYPE_CHECKING" in self.content else map(Unit, self.tree.body))
        if "__name__" in _bindings(unit for unit in units if not unit.is_typing):
            for unit in units:
                unit.is_main = False  # what it is compared with tells nothing
        return units

    @cached_property
    def units(self) -> list[Unit]:
        """Return the statements at the top level that Python executes."""
        return [unit for unit in self._all_units if not unit.is_typing]

    @cached_property
    def order(self) -> dict[Unit, int]:
        """Return how many statements stand before each."""
        return {unit: index for index, unit in enumerate(self.units)}

    @cached_property
    def bindings(self) -> dict[str, list[Unit]]:
        """Return which statements bind each name."""
        return _bindings(self.units)

    @cached_property
    def typing_bindings(self) -> dict[str, list[Unit]]:
        """Return which statements for type checkers bind each name that nothing else binds."""
        found = _bindings(unit for unit in self._all_units if unit.is_typing)
        return {name: units for name, units in found.items() if name not in self.bindings}

    @cached_property
    def postpones_annotations(self) -> bool:
        """Return whether annotations are kept as texts, and not evaluated."""
        return any(Target("__future__", "annotations") in unit.references.imports for unit in self.units[:9])

    @cached_property
    def mentioned(self) -> set[str]:
        """Return the names that some statement of the module refers to."""
        return {chain[0] for unit in self.units for chain in unit.references.chains}

    @cached_property
    def stars(self) -> set[str]:
        """Return the modules from which the module imports names that it does not spell."""
        targets = (target for unit in self.units for target in unit.references.imports)
        return {target.module for target in targets if target.name == "*"}

    def unbound(self, unit: Unit) -> list[str]:
        """Return the names that `unit` reads on import although the module binds them only later, if at all."""
        read = unit.references.early & self.bindings.keys()
        return sorted(name for name in read if self.order[self.bindings[name][0]] >= self.order[unit])

    def rebinds(self, name: str) -> bool:
        """Return whether several statements give `name` different meanings, so that their order matters."""
        units = self.bindings[name]
        targets = {target for unit in units for target in unit.targets(name)}
        return len(units) > 1 and not (len(targets) == 1 and all(unit.is_import for unit in units))


def code_roots(project: Path) -> Roots:
    """Return where the code of a project's steps lies: its own in scripts/, and this engine's."""
    return (("scripts", project / "scripts"), ("reprose", ENGINE))


def sources(roots: Roots) -> dict[str, Source]:
    """Return the modules of `roots` by dotted name."""
    found: dict[str, Source] = {}
    for package, folder in roots:
        if not folder.is_dir():
            raise ReproseError(f"{folder}: no such folder; the code of the steps is expected there.")
        for source in _scan_package(str(folder), package) if package else _scan(str(folder), ""):
            known = found.get(source.module)  # as in Python, a package hides a module, which hides a bare folder
            if known is None or source.is_package or not known.path:
                found[source.module] = source
    return found


def parse(source: Source) -> Module:
    """Return the module of `source`, parsed once per state of its file."""
    if source not in _parsed:
        _parsed[source] = Module(source, module_text(Path(source.path)) if source.path else b"")
    return _parsed[source]


def normal_form(node: ast.AST, docstrings: bool = False) -> str:
    """Return the syntax tree as text that is equal for equal trees, whatever their layout and comments."""
    pieces: list[str] = []
    _write(node, docstrings, pieces.append)
    return "".join(pieces)


def _units(tree: ast.Module) -> Iterator[Unit]:
    """Yield the top-level statements; those in a block for type checkers, and after its `else`, one by one."""
    bound = [name for node in tree.body for name in _bound(node)]
    tests: TypingTests = frozenset()
    for node in tree.body:
        if isinstance(node, ast.If) and chain_of(node.test) in tests:
            yield from (Unit(inner, tests, is_typing=True) for inner in node.body)
            yield from (Unit(inner, tests) for inner in node.orelse)
        else:
            yield Unit(node, tests)
            tests |= {test for test in _typing_tests(node) if bound.count(test[0]) == 1}


def _typing_tests(node: ast.stmt) -> Iterator[Chain]:
    """Yield the names that an import gives to `typing.TYPE_CHECKING`."""
    for name, target in _aliases(node):
        if target == Target("typing"):
            yield (name, "TYPE_CHECKING")
        elif target == Target("typing", "TYPE_CHECKING"):
            yield (name,)


def _bindings(units: Iterable[Unit]) -> dict[str, list[Unit]]:
    """Return for each name the statements that bind it."""
    found: dict[str, list[Unit]] = {}
    for unit in units:
        for name in unit.names:
            found.setdefault(name, []).append(unit)
    return found


def _scan(folder: str, package: str) -> Iterator[Source]:
    """Yield the modules in `folder`, whose names begin with `package`."""
    for entry in sorted(os.scandir(folder), key=_entry_name):
        stem, extension = os.path.splitext(entry.name)
        if entry.is_dir():
            if entry.name.isidentifier() and entry.name != "__pycache__" and not _leads_up(entry):
                yield from _scan_package(entry.path, package + entry.name)
        elif stem.isidentifier() and _is_module(entry, extension):
            status = entry.stat()
            is_package = stem == "__init__"
            name = package.rstrip(".") if is_package else package + stem
            if name:
                yield Source(name, entry.path, is_package, status.st_mtime_ns, status.st_size)


def _is_module(entry: os.DirEntry[str], extension: str) -> bool:
    return entry.is_file() if extension == ".py" else extension == SUFFIX and is_module(Path(entry.path))


def _scan_package(folder: str, name: str) -> Iterator[Source]:
    """Yield the modules of a folder, and the folder itself where it holds any."""
    inner = list(_scan(folder, name + "."))
    if inner:
        yield Source(name, "", False, 0, 0)
        yield from inner


def _leads_up(entry: os.DirEntry[str]) -> bool:
    """Return whether a folder is a link to one that it lies in."""
    return entry.is_symlink() and Path(entry.path).resolve() in Path(entry.path).parent.resolve().joinpath("_").parents


def _entry_name(entry: os.DirEntry[str]) -> str:
    """Return the name by which folders are read in a stable order."""
    return entry.name


def _tree(path: str, content: bytes) -> ast.Module:
    """Return the syntax tree of the text of a file; text that is not Python is an error."""
    try:
        return ast.parse(content, path)
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None) or 1
        raise ReproseError(f"{path}:{line}: not valid Python: {getattr(error, 'msg', error)}.") from error


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """Yield `node` and the statements in it that run when it does, so not those in functions and classes."""
    yield node
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.expr):
        for inner in children(node):
            yield from _statements(inner)


def _aliases(node: ast.AST) -> list[tuple[str, Target]]:
    """Return the names that an import binds, with what they stand for."""
    if not isinstance(node, ast.Import | ast.ImportFrom):
        return []
    return [(name, stands_for) for name, stands_for, _ in import_targets(node) if name != "*"]


def _bound(node: ast.AST) -> Iterator[str]:
    """Yield the global names that a top-level statement binds or deletes."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Name):
        if not isinstance(node.ctx, ast.Load):
            yield node.id
    elif isinstance(node, ast.Import | ast.ImportFrom):
        yield from (name for name, _ in _aliases(node))
    elif not isinstance(node, ast.Lambda):
        if isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
            yield node.name
        elif isinstance(node, ast.MatchMapping) and node.rest:
            yield node.rest
        inner = [node.iter, *node.ifs] if isinstance(node, ast.comprehension) else children(node)
        for part in inner:
            yield from _bound(part)


def _write(node: Any, docstrings: bool, put: Callable[[str], None], is_local: bool = False) -> None:
    """Put the normal form of a syntax tree, or of a part of one, in pieces; `is_local`: of the body of a function."""
    if isinstance(node, ast.Constant):
        put(f"Constant({node.value!r},)")
    elif isinstance(node, ast.AST):
        if is_local and isinstance(node, ast.AnnAssign):
            node = _undeclared(node)
        elif isinstance(node, SCOPES):
            is_local = not isinstance(node, ast.ClassDef)
        put(node.__class__.__name__ + "(")
        for name in node._fields:
            if name not in UNWRITTEN:
                value = getattr(node, name, None)
                if name == "body" and not docstrings and isinstance(node, DOCUMENTED) and _is_documented(node):
                    value = value[1:]
                _write(value, docstrings, put, is_local)
        put(")")
    elif isinstance(node, list):
        put("[")
        for item in node:
            _write(item, docstrings, put, is_local)
        put("]")
    else:
        put(f"{node},")


def _undeclared(node: ast.AnnAssign) -> ast.stmt:
    """Return what Python executes of an annotated assignment in a function, where it ignores the annotation."""
    if node.value:
        return ast.Assign([node.target], node.value)
    return ast.AnnAssign(node.target, None, None, node.simple)


def _is_documented(node: Any) -> bool:
    """Return whether the body of `node` begins with a docstring."""
    first = node.body[0] if node.body else None
    return isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
