"""What names mean across our modules: from a chain such as ("model", "train") to the definitions that it can reach."""

import ast
import sys
from contextlib import suppress

from reprose.base.errors import ReproseError
from reprose.code.access import (
    BUILTIN_IMPORTS,
    DOC,
    DOC_ATTRIBUTES,
    EVERY_DOC,
    TEXT_READERS,
    WATCHED,
    is_among,
    is_dynamic,
)
from reprose.code.syntax import Module, Roots, Source, Unit, parse, sources
from reprose.code.trees import ANY, Chain, Target

# A node is (module, name) for all that binds a name in one of our modules, (module, one of the words below),
# or ("", dotted name) for something that is not ours, or one of the marks below and a name.
Node = tuple[str, str]
IMPORT = "<import>"  # what importing the module executes
WHOLE = "<module>"  # the whole module, where it is used in a way that names no definition
MENTIONED = "@"  # a text that is reached spells a name, which any module that is reached may look up
OPTIONAL = "?"  # a package that the code can do without
MAIN = "<main>"  # what the module executes only where it is run as a script

MODULE_ATTRIBUTES = {"__name__", "__file__", "__package__", "__path__"}
MODULE_VIEWS = {"globals", "locals", "vars", "__annotations__"}
ANALYSIS = "reprose.code."  # these modules spell the names that they look for, and read nothing by them
LOADER = "reprose.config.loading"  # the one module that may import by name; its targets are declared entry points
EXPORTS = "reprose"  # gives by `__getattr__` what its block for type checkers names; a test holds it to that
_programs: dict[Roots, "Program"] = {}


class Program:
    """The modules of some roots in one state, and what is known about them so far."""

    def __init__(self, roots: Roots, found: dict[str, Source]) -> None:
        self.folders = [str(folder) for _, folder in roots]
        self.sources = found
        self.effects: dict[Unit, bool] = {}
        self.facts: dict[tuple[str, Unit], bool] = {}
        self.edges: dict[Node, frozenset[Node]] = {}
        self.hashes: dict[tuple[Node, bool], str] = {}
        self.positions: dict[str, dict[Unit, int]] = {}
        self.effectful: dict[str, bool] = {}

    def module(self, name: str) -> Module:
        """Return one of our modules."""
        return parse(self.sources[name])

    def owns(self, name: str) -> bool:
        """Return whether the module `name` is ours, or would be if it existed."""
        return name.partition(".")[0] in self.sources

    def submodules(self, name: str) -> list[str]:
        """Return the modules directly inside the package `name`."""
        return [other for other in self.sources if other.rpartition(".")[0] == name]

    def resolve(self, module: str, chain: Chain) -> set[Node]:
        """Return what `chain` can mean in the code of `module`; nothing where it is rooted at a plain builtin."""
        root, found = chain[0], set()
        if root in self.module(module).bindings:
            self._follow(module, chain, found, set())
        elif root in MODULE_VIEWS:
            found.add((module, WHOLE))
        elif root == DOC:
            found.add((module, DOC))
        elif root in BUILTIN_IMPORTS:
            found.add(("", f"builtins.{root}"))
        else:
            found.update(_watched(chain))
            stars = [star for star in self.module(module).stars if not self.owns(star)]
            found.update(("", ".".join((star, *chain))) for star in stars)
        return found

    def exposed(self, module: str) -> set[Node]:
        """Return what all names of `module` mean, for code that takes the module as a value."""
        return {
            node
            for name, units in self.module(module).bindings.items()
            for node in self._checked(self.resolve(module, (name,)), module, units[0].node.lineno)
        }

    def resolve_target(self, target: Target, rest: Chain = ()) -> set[Node]:
        """Return what an imported name followed by the attributes `rest` can mean."""
        found: set[Node] = set()
        self._target(target, rest, found, set())
        return found

    def references(self, module: str, unit: Unit) -> set[Node]:
        """Return all that `unit` refers to, with what its inner imports execute; a dynamic import is an error."""
        mentioned = unit.references
        found = self.executed(module, unit)
        for chain, line in mentioned.chains.items():
            found |= self._checked(self.resolve(module, chain), module, line or unit.node.lineno)
        for (target, rest), line in mentioned.imported.items():
            found |= self._checked(self.resolve_target(target, rest), module, line or unit.node.lineno)
        for chain, line in mentioned.spelled.items():
            if chain[0] in self.module(module).bindings:
                found |= self._checked(self.resolve(module, chain), module, line)
        found.update((other, name) for name in mentioned.global_names for other in self._binding(name))
        found.update(("", MENTIONED + name) for name in mentioned.quoted if name != ANY)
        found.update(("", OPTIONAL + name) for name in mentioned.guarded)
        if ANY in mentioned.quoted or any(is_among(name, TEXT_READERS) for owner, name in found if not owner):
            found.add((module, WHOLE))
        for name, line in mentioned.watched.items():
            found |= self._checked(_watched(("", name)), module, line)
        return found | self._imported_for_effect(module, unit, found)

    def _imported_for_effect(self, module: str, unit: Unit, found: set[Node]) -> set[Node]:
        """Return what `unit` imports of packages that neither it nor, where it binds the name, its module mentions."""
        known = {name.partition(".")[0] for owner, name in found if not owner}
        known |= {target.top for name, target in unit.aliases if name in self.module(module).mentioned}
        known |= sys.stdlib_module_names
        targets = (target for target in unit.references.imports if target.name != "*" and not self.owns(target.module))
        return {("", target.dotted) for target in targets if target.top not in known}

    def mentioned(self, name: str, modules: set[str]) -> set[Node]:
        """Return what a name that a text spells means in each of some modules that bind it."""
        chain = tuple(name.split("."))
        homes = [module for module in modules if chain[0] in self.module(module).bindings]
        return {node for module in homes for node in self.resolve(module, chain)}

    def executed(self, module: str, unit: Unit) -> set[Node]:
        """Return what the imports in `unit` execute; a relative import or a missing module of ours is an error."""
        found: set[Node] = set()
        for target, line in unit.references.imports.items():
            if target.module.startswith("."):
                path = self.module(module).path
                raise ReproseError(
                    f"{path}:{line}: relative import of '{target.dotted}'. Write the module's full name."
                )
            if not self.owns(target.module):
                continue
            if target.module not in self.sources:
                path = self.module(module).path
                raise ReproseError(f"{path}:{line}: imports '{target.module}', which does not exist.")
            found.add((target.module, WHOLE if target.name == "*" else IMPORT))
            if target.dotted in self.sources:
                found.add((target.dotted, IMPORT))
            if self._exports(target.module, target.name):
                for home in self.module(EXPORTS).typing_bindings[target.name]:
                    found |= self.executed(EXPORTS, home)
        return found

    def _binding(self, name: str) -> list[str]:
        """Return the modules that bind `name`; one that is no valid Python, which nothing could import, is none."""
        found = []
        for module in self.sources:
            with suppress(ReproseError):
                found += [module] if name in self.module(module).bindings else []
        return found

    def _follow(self, module: str, chain: Chain, found: set[Node], seen: set[tuple[str, Chain]]) -> None:
        """Add what `chain` means where its first name is bound in `module`."""
        if (module, chain) in seen:
            return
        seen.add((module, chain))
        found.add((module, chain[0]))
        found.update(_watched(tuple(part for part in chain if part != DOC)))
        known = self.module(module)
        for unit in known.bindings.get(chain[0]) or known.typing_bindings[chain[0]]:
            for target in unit.targets(chain[0]):
                self._target(target, chain[1:], found, seen)
            if DOC in chain[1:] and not unit.is_import:
                is_own = len(chain) == 2 and _has_own_docstring(unit.node)
                found.add((module, f"{chain[0]}.{DOC}") if is_own else EVERY_DOC)

    def _target(self, target: Target, rest: Chain, found: set[Node], seen: set[tuple[str, Chain]]) -> None:
        """Add what an imported name followed by the attributes `rest` means."""
        chain = (target.name, *rest) if target.name else rest
        if target.module in self.sources:
            self._attribute(target.module, chain, found, seen)
        elif not self.owns(target.module):
            found.add(("", ".".join((target.module, *chain))))

    def _attribute(self, module: str, chain: Chain, found: set[Node], seen: set[tuple[str, Chain]]) -> None:
        """Add what the attributes `chain` of the module object `module` mean."""
        if not chain:
            found.add((module, WHOLE))
            return
        name, inner = chain[0], f"{module}.{chain[0]}"
        bound = name in self.module(module).bindings or self._exports(module, name)
        if bound:
            self._follow(module, chain, found, seen)
        if inner in self.sources:
            found.add((inner, IMPORT))
            self._attribute(inner, chain[1:], found, seen)
        elif name == DOC:
            found.add((module, DOC))
        elif not bound:  # a plain attribute of modules, or set from elsewhere, or by a star import or `__getattr__`
            found.add((module, IMPORT if name in MODULE_ATTRIBUTES else WHOLE))

    def _exports(self, module: str, name: str) -> bool:
        """Return whether `name` is one that the engine's package imports from its home when it is first used."""
        return module == EXPORTS and name in self.module(module).typing_bindings

    def _checked(self, nodes: set[Node], module: str, line: int) -> set[Node]:
        """Return `nodes` unless one of them can import code that no name in the source tells."""
        for owner, name in nodes:
            if not owner and module != LOADER and not module.startswith(ANALYSIS) and is_dynamic(name):
                raise ReproseError(
                    f"{self.module(module).path}:{line}: '{name.removeprefix('builtins.')}' can reach code that no name"
                    f" in the source tells, so changes to that code would go unseen. Import it by a plain import, or"
                    f" through reprose/config/loading.py."
                )
        return nodes


def _watched(chain: Chain) -> set[Node]:
    """Return the nodes for attributes that lead to more than the value they are read from."""
    names = [name for name in chain[1:] if name in WATCHED]
    return {EVERY_DOC if name in DOC_ATTRIBUTES else ("", f"builtins.{name}") for name in names}


def _has_own_docstring(node: ast.stmt) -> bool:
    """Return whether the docstring of what a statement defines can only be the one that stands in it."""
    is_definition = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    return is_definition and not node.decorator_list and not getattr(node, "keywords", [])


def program(roots: Roots) -> Program:
    """Return the program of `roots`; nothing known is forgotten until a file there changes."""
    found = sources(roots)
    if roots not in _programs or _programs[roots].sources != found:
        _programs[roots] = Program(roots, found)
    return _programs[roots]
