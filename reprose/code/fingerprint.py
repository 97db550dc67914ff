"""The fingerprint of a step's code: a hash of every definition of ours that its entry points can reach.

What cannot be resolved to a definition counts as the whole module. Comments, layout and docstrings do not count where
nothing reads them, nor do annotations of local names, blocks for type checkers, and the order of definitions, unless
importing their module has effects. What leads to any code by a name that only a run computes is refused.

Not seen are: code that another process runs; objects that unpickling makes by name; modules of ours outside the roots;
numbers of lines, as in tracebacks and logs; names that a text spells otherwise than as "@name", but for texts that
pandas.eval, numpy.bmat, numexpr, duckdb and libraries of formulas read; docstrings that a library reads, but for click,
typer, fire and pydoc; and attributes whose names are put together elsewhere than where they are looked up. Files and
environment variables are watched while a step runs.
"""

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from reprose.base.canonical import text_digest, to_json
from reprose.base.errors import ReproseError
from reprose.code.access import DOC, DOC_READERS, EVERY_DOC, SOURCE_READERS, is_among
from reprose.code.import_effects import has_effects
from reprose.code.names import IMPORT, MAIN, MENTIONED, OPTIONAL, WHOLE, Node, Program, program
from reprose.code.syntax import Module, Roots, Unit, normal_form
from reprose.code.trees import Target


@dataclass(frozen=True)
class Fingerprint:
    """What the code behind some entry points is."""

    digest: str  # SHA-256 in hexadecimal
    definitions: dict[str, str]  # "package.module:name" -> 12 hexadecimal digits of the hash of its syntax tree
    packages: tuple[str, ...]  # import names of the packages that the definitions refer to, without Python's own
    optional: tuple[str, ...]  # those of them that the code can do without: it catches that an import fails
    files: dict[str, str]  # module -> file, of all modules of ours that can be imported on the way


def fingerprint(entries: Iterable[str], roots: Roots) -> Fingerprint:
    """Return the fingerprint of the code of `roots` that the definitions `entries` ("module:name") can reach."""
    return fingerprint_in(program(roots), entries)


def fingerprint_in(known: Program, entries: Iterable[str]) -> Fingerprint:
    """Return the fingerprint of the code that `entries` can reach in one state of the program."""
    names = sorted(set(entries))
    reached = closure(known, {node for entry in names for node in _entry(known, entry)})
    foreign = {name for owner, name in reached if not owner}
    documented = EVERY_DOC in reached or any(is_among(name, DOC_READERS) for name in foreign)
    hashes = {f"{node[0]}:{node[1]}": _hash(known, node, documented) for node in sorted(reached) if node[0]}
    hashes = {name: digest for name, digest in hashes.items() if digest}
    tops = {name.partition(".")[0] for name in foreign}
    packages = tuple(sorted(top for top in tops if top.isidentifier() and top not in sys.stdlib_module_names))
    paths = {owner: known.sources[owner].path for owner in sorted({owner for owner, _ in reached if owner})}
    files = {owner: path for owner, path in paths.items() if path}
    optional = tuple(name for name in packages if OPTIONAL + name in foreign)
    content: dict[str, object] = {"entries": names, "definitions": hashes}
    if any(is_among(name, SOURCE_READERS) for name in foreign):
        content["sources"] = {owner: sha256(known.module(owner).content).hexdigest() for owner in files}
    shown = {name: value[:12] for name, value in hashes.items()}
    return Fingerprint(text_digest(to_json(content)), shown, packages, optional, files)


def closure(known: Program, start: set[Node]) -> set[Node]:
    """Return the nodes that `start` reaches, itself included."""
    reached, front = set(start), list(start)
    while front:
        new = _edges(known, front.pop()) - reached
        reached |= new
        front.extend(new)
        if not front:
            front = list(_mentioned(known, reached) - reached)
            reached.update(front)
    return reached


def _mentioned(known: Program, reached: set[Node]) -> set[Node]:
    """Return what the names mean that texts spell, in all modules that are reached."""
    names = [name.removeprefix(MENTIONED) for owner, name in reached if not owner and name.startswith(MENTIONED)]
    modules = {owner for owner, _ in reached if owner} if names else set()
    return {node for name in names for node in known.mentioned(name, modules)}


def _entry(known: Program, entry: str) -> set[Node]:
    """Return the nodes that an entry point stands for; one that does not exist is an error."""
    module, _, name = entry.partition(":")
    if module not in known.sources:
        raise ReproseError(f"entry point '{entry}': no module '{module}' in {' or '.join(known.folders)}.")
    found = known.module(module)
    if name not in found.bindings and not found.stars and "__getattr__" not in found.bindings:
        raise ReproseError(
            f"{found.path}: entry point '{entry}': no '{name}' in module '{module}'."
            f" There are: {', '.join(sorted(found.bindings))}."
        )
    executed = {(module, IMPORT), (module, MAIN)} if name == "main" else {(module, IMPORT)}  # `main` is run as a script
    return known.resolve_target(Target(module, name)) | executed


def _edges(known: Program, node: Node) -> frozenset[Node]:
    """Return the nodes that `node` leads to, found once."""
    if node not in known.edges:
        known.edges[node] = frozenset(_find_edges(known, *node))
    return known.edges[node]


def _find_edges(known: Program, module: str, name: str) -> set[Node]:
    """Return what is executed or referred to wherever the node is; a definition executes its module."""
    if not module:
        return set()
    if name in (IMPORT, MAIN):
        return _executed(known, module, name == MAIN)
    found: set[Node] = {(module, IMPORT)}
    if name == WHOLE:
        found.update((inner, WHOLE) for inner in known.submodules(module))
        found |= known.exposed(module)
    for unit in known.module(module).bindings.get(name, ()):
        if not unit.is_import:
            found |= known.references(module, unit)
    return found


def _executed(known: Program, module: str, as_script: bool) -> set[Node]:
    """Return what importing `module` executes: its packages, its imports, and its statements that have effects.

    `as_script`: what running it executes beside.
    """
    package = module.rpartition(".")[0]
    found: set[Node] = {(package, IMPORT)} if package else set()
    for unit in known.module(module).units:
        if unit.is_main and as_script:
            found |= known.references(module, unit)
            found.update((module, name) for name in unit.names)
        elif unit.is_import:
            found |= known.executed(module, unit)
        elif _has_order(known, module, unit):
            found |= known.references(module, unit)
        if _has_order(known, module, unit):
            found.update((module, name) for name in unit.names)
        found.update(("", dotted) for dotted in _unused(known, module, unit))
    return found


def _has_order(known: Program, module: str, unit: Unit) -> bool:
    """Return whether `unit` has effects on import, or binds a name that has other meanings before or after."""
    return has_effects(known, module, unit) or any(known.module(module).rebinds(name) for name in unit.names)


def _unused(known: Program, module: str, unit: Unit) -> list[str]:
    """Return the names from elsewhere that `unit` imports and its module never mentions: imports for their effect.

    Python's own modules have none that a step could see.
    """
    mentioned = known.module(module).mentioned
    unused = [target for name, target in unit.aliases if name not in mentioned and not _is_pythons(target)]
    stars = [target for target in (unit.references.imports if unit.is_import else ()) if target.name == "*"]
    return [target.dotted for target in [*unused, *stars] if not known.owns(target.module)]


def _is_pythons(target: Target) -> bool:
    """Return whether an import is from the standard library."""
    return target.top in sys.stdlib_module_names


def _is_effectful(known: Program, module: str) -> bool:
    """Return whether importing `module` has effects, its own or those of modules that it imports."""
    if module not in known.effectful:
        reached, front = {module}, [module]
        while front:
            new = {owner for owner, name in _edges(known, (front.pop(), IMPORT)) if owner and name == IMPORT} - reached
            reached |= new
            front.extend(new)
        units = [(name, unit) for name in reached for unit in known.module(name).units if not unit.is_import]
        known.effectful[module] = any(_has_order(known, name, unit) for name, unit in units)
    return known.effectful[module]


def _positions(known: Program, module: str) -> dict[Unit, int]:
    """Return for each statement of `module` how many statements stand before it whose order matters."""
    if module not in known.positions:
        known.positions[module] = found = {}
        count = 0
        for unit in known.module(module).units:
            found[unit] = count
            count += _has_order(known, module, unit) or bool(_effectful_imports(known, module, unit))
    return known.positions[module]


def _effectful_imports(known: Program, module: str, unit: Unit) -> list[str]:
    """Return the modules of ours that `unit` imports and whose import has effects."""
    if not unit.is_import:
        return []
    owners = {owner for owner, _ in known.executed(module, unit)}
    return sorted(owner for owner in owners if _is_effectful(known, owner))


def _hash(known: Program, node: Node, documented: bool) -> str:
    """Return the hash of one node, or "" where there is nothing to hash."""
    key = (node, documented)
    if key not in known.hashes:
        content = _content(known, *node, documented)
        known.hashes[key] = text_digest(to_json(content)) if content else ""
    return known.hashes[key]


def _content(known: Program, module: str, name: str, documented: bool) -> list[object]:
    """Return what the hash of one node is made from."""
    made = known.module(module)
    position = _positions(known, module)
    if name == WHOLE:
        return [normal_form(made.tree, documented)]
    if name == MAIN:
        return [unit.text for unit in made.units if unit.is_main]
    if name == IMPORT:
        return [item for unit in made.units for item in _import_content(known, module, unit, position[unit])]
    if name == DOC:
        return [normal_form(node, True) for node in made.tree.body[:1]]
    if name.endswith(f".{DOC}"):
        return [normal_form(unit.node, True) for unit in made.bindings[name.removesuffix(f".{DOC}")]]
    content: list[object] = []
    for unit in made.bindings.get(name) or made.typing_bindings[name]:
        if unit.is_typing:
            content.append([[target.module, target.name] for target in unit.targets(name)])
        elif unit.is_import:
            targets = [[target.module, target.name] for target in unit.targets(name)]
            content.append([position[unit] if made.rebinds(name) else 0, targets])
        else:
            text = normal_form(unit.node, True) if documented else unit.text
            content.append([position[unit], made.unbound(unit), text, *_postponed(made, unit)])
    return content


def _import_content(known: Program, module: str, unit: Unit, position: int) -> list[object]:
    """Return what importing a module takes from one of its statements that is no definition with a name."""
    content: list[object] = [[position, name] for name in _effectful_imports(known, module, unit)]
    content += [[position, "unused", name] for name in _unused(known, module, unit)]
    if not unit.names and not unit.is_import and has_effects(known, module, unit):
        content.append([position, unit.text, *_postponed(known.module(module), unit)])
    return content


def _postponed(made: Module, unit: Unit) -> list[str]:
    """Return a mark where the module says that the annotations of `unit` are not evaluated."""
    return ["postponed"] if unit.is_annotated and made.postpones_annotations else []
