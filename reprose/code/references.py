"""The names that a top-level statement refers to and the modules that it imports, scope by scope."""

import ast
import sys
from dataclasses import dataclass, field
from typing import Any

from reprose.code.access import COMPUTED, WATCHED
from reprose.code.trees import (
    DOTTED,
    Chain,
    Target,
    catches_import,
    chain_of,
    children,
    has_dunder,
    import_targets,
    names_bound,
    names_in_text,
    spelled_names,
)

TypingTests = frozenset[Chain]  # the names of `typing.TYPE_CHECKING` in a module

TYPE_ALIASES = (ast.TypeAlias,) if sys.version_info >= (3, 12) else ()
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)

# The nodes that a walk looks at; of all others it visits the parts.
SPECIAL = {
    *(*FUNCTIONS, *COMPREHENSIONS, *TYPE_ALIASES, ast.ClassDef, ast.Name, ast.Attribute, ast.Constant, ast.Call),
    *(ast.AnnAssign, ast.Import, ast.ImportFrom, ast.Global, ast.Nonlocal, ast.Try, ast.With, ast.If, ast.Expr),
    *(ast.Subscript, ast.ExceptHandler, ast.MatchAs, ast.MatchStar, ast.MatchMapping),
}


@dataclass
class References:
    """What one top-level statement refers to, with the line of one such place each."""

    chains: dict[Chain, int] = field(default_factory=dict)  # rooted at a global or builtin name
    imported: dict[tuple[Target, Chain], int] = field(default_factory=dict)  # through imports in an inner scope
    imports: dict[Target, int] = field(default_factory=dict)  # modules that the statement can execute
    spelled: dict[Chain, int] = field(default_factory=dict)  # in annotations that are strings
    quoted: set[str] = field(default_factory=set)  # after an "@" in any string; ANY where only a run could tell
    guarded: set[str] = field(default_factory=set)  # top-level packages that the statement can do without
    watched: dict[str, int] = field(default_factory=dict)  # WATCHED attributes of values that have no global name
    global_names: set[str] = field(default_factory=set)  # looked up in the globals of a function or frame
    early: set[str] = field(default_factory=set)  # roots that are read when the statement is executed, not later


@dataclass
class Scope:
    """The names of one function, comprehension, class body or top-level statement while it is read."""

    is_class: bool = False
    chains: dict[Chain, int] = field(default_factory=dict)
    bound: set[str] = field(default_factory=set)
    imports: dict[str, list[Target]] = field(default_factory=dict)
    global_names: set[str] = field(default_factory=set)
    outer_names: set[str] = field(default_factory=set)


def references(node: ast.stmt, tests: TypingTests = frozenset()) -> References:
    """Return what the top-level statement `node` refers to, its inner scopes included."""
    collector = Collector(tests)
    collector.visit(node)
    collector.found.chains.update(collector.scope.chains)
    return collector.found


class Collector:
    """A walk over one top-level statement that keeps the names which no inner scope binds."""

    def __init__(self, tests: TypingTests) -> None:
        self.tests = tests
        self.found = References()
        self.scopes = [Scope()]
        self.depth = 0  # of functions around the node that is visited
        self.guards = 0  # of `try` statements around it that catch a failing import

    @property
    def scope(self) -> Scope:
        """Return the innermost scope."""
        return self.scopes[-1]

    def visit(self, node: ast.AST) -> None:
        """Record what `node` and everything in it refers to."""
        if node.__class__ not in SPECIAL:
            self._all(children(node))
        elif isinstance(node, ast.Name | ast.Attribute):
            self._reference(node)
        elif isinstance(node, FUNCTIONS):
            self._function(node)
        elif isinstance(node, COMPREHENSIONS):
            self._comprehension(node)
        elif isinstance(node, ast.ClassDef):
            self._class(node)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            self._import(node)
        elif isinstance(node, ast.Global | ast.Nonlocal):
            names = self.scope.global_names if isinstance(node, ast.Global) else self.scope.outer_names
            names.update(node.names)
        elif isinstance(node, ast.Constant):
            self._constant(node)
        elif isinstance(node, ast.AnnAssign):
            self._declaration(node)
        elif isinstance(node, ast.Try):
            self._try(node)
        elif isinstance(node, ast.With):
            self._with(node)
        elif isinstance(node, TYPE_ALIASES):
            self._type_alias(node)
        elif isinstance(node, ast.If) and chain_of(node.test) in self.tests:
            self._typing_block(node)
        else:
            self._other(node)

    def _reference(self, node: ast.Name | ast.Attribute) -> None:
        """Record a name or a chain of attributes; of other values, visit the value."""
        if isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Load):
                self._chain((node.id,), node.lineno)
            else:
                self.scope.bound.add(node.id)
        elif chain := chain_of(node):
            self._chain(chain, node.lineno)
        else:
            if node.attr in WATCHED:
                self.found.watched[node.attr] = node.lineno
            self.visit(node.value)

    def _chain(self, chain: Chain, line: int) -> None:
        """Record a chain of names in the innermost scope."""
        self.scope.chains[chain] = line
        if not self.depth:
            self.found.early.add(chain[0])

    def _other(self, node: ast.AST) -> None:
        """Visit the parts of a node that opens no scope; some of them bind names as plain strings."""
        match node:
            case ast.Expr(ast.Constant()):
                return None  # a docstring, or nothing
            case ast.Call(ast.Name("vars"), [ast.Call(ast.Attribute(attr="parse_args")) as value]):
                return self.visit(value)
            case ast.Call(ast.Name("vars"), [value]):  # vars() reads the module, vars(value) the value
                self.found.watched["__dict__"] = node.lineno
                return self.visit(value)
            case ast.Call(ast.Name("getattr"), [value, ast.Constant(str(name)), *_]) if chain := chain_of(value):
                self._chain((*chain, name), node.lineno)
            case ast.Call(ast.Name("getattr"), [_, name, *_]) | ast.Call(
                ast.Name("attrgetter") | ast.Attribute(attr="attrgetter"), [name, *_]
            ) if not isinstance(name, ast.Constant) and has_dunder(name):
                self.found.watched[COMPUTED] = node.lineno
            case ast.Call(
                ast.Attribute(ast.Attribute(value, "f_globals" | "__globals__"), "get"), [ast.Constant(name)]
            ) | ast.Subscript(ast.Attribute(value, "f_globals" | "__globals__"), ast.Constant(name)):
                self.found.global_names.add(name)
                return self.visit(value)
        if isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
            self.scope.bound.add(node.name)
        elif isinstance(node, ast.MatchMapping) and node.rest:
            self.scope.bound.add(node.rest)
        self._all(children(node))

    def _all(self, nodes: list[ast.AST]) -> None:
        """Visit each of `nodes`."""
        for node in nodes:
            self.visit(node)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> None:
        """Visit decorators, defaults and annotations outside, arguments and body inside."""
        arguments = node.args
        parts = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        parts += [part for part in (arguments.vararg, arguments.kwarg) if part]
        outside: list[ast.expr | None] = [*arguments.defaults, *arguments.kw_defaults]
        annotations = [part.annotation for part in parts]
        if not isinstance(node, ast.Lambda):
            self.scope.bound.add(node.name)
            outside += node.decorator_list
            annotations.append(node.returns)
        self._all([part for part in outside if part])
        self._enter_parameters(node)
        for annotation in annotations:
            self._annotation(annotation)
        self.scopes.append(Scope(bound={part.arg for part in parts}))
        self.depth += 1
        self._all([node.body] if isinstance(node, ast.Lambda) else node.body)
        self.depth -= 1
        self._leave()
        self._leave()

    def _enter_parameters(self, node: ast.AST) -> None:
        """Open the scope of a definition's type parameters, and visit their bounds and defaults."""
        parameters = getattr(node, "type_params", [])  # since Python 3.12
        self.scopes.append(Scope(bound={parameter.name for parameter in parameters}))
        self.depth += 1  # Python evaluates them when they are asked for
        for parameter in parameters:
            self._annotation(getattr(parameter, "bound", None))
            self._annotation(getattr(parameter, "default_value", None))
        self.depth -= 1

    def _type_alias(self, node: Any) -> None:
        """Visit `type Name[Parameter] = value`."""
        self.scope.bound.add(node.name.id)
        self._enter_parameters(node)
        self.depth += 1
        self._annotation(node.value)
        self.depth -= 1
        self._leave()

    def _annotation(self, node: ast.expr | None) -> None:
        """Visit an annotation, and note the names in those parts of it that are strings."""
        if node:
            self.visit(node)
            self.found.spelled.update(dict.fromkeys(spelled_names(node), node.lineno))

    def _declaration(self, node: ast.AnnAssign) -> None:
        """Visit a name or an attribute with an annotation, which Python ignores inside of functions."""
        if not self.depth or self.scope.is_class:
            self._annotation(node.annotation)
        self._all([part for part in (node.target, node.value) if part])

    def _constant(self, node: ast.Constant) -> None:
        """Note names in a string that something else may look up: after an "@", or WATCHED ones."""
        text = node.value
        if isinstance(text, str):
            self.found.quoted |= names_in_text(text)
            if "_" in text and DOTTED.fullmatch(text):
                self.found.watched.update({name: node.lineno for name in text.split(".") if name in WATCHED})

    def _try(self, node: ast.Try) -> None:
        """Visit a `try` statement; what it imports may be missing where that is caught."""
        guards = any(catches_import(handler.type) for handler in node.handlers)
        self.guards += guards
        self._all(list(node.body))
        self.guards -= guards
        self._all([*node.handlers, *node.orelse, *node.finalbody])

    def _with(self, node: ast.With) -> None:
        """Visit a `with` statement; what it imports may be missing where it is `with suppress(ImportError)`."""
        calls = [item.context_expr for item in node.items if isinstance(item.context_expr, ast.Call)]
        types = [part for call in calls if chain_of(call.func)[-1:] == ("suppress",) for part in call.args]
        guards = any(map(catches_import, types))
        self._all(list(node.items))
        self.guards += guards
        self._all(list(node.body))
        self.guards -= guards

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp) -> None:
        """Visit the first iterable outside and the rest inside a scope of its own."""
        first, *others = node.generators
        self.visit(first.iter)
        self.scopes.append(Scope())
        results = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        self._all([first.target, *first.ifs, *others, *results])
        self._leave()

    def _class(self, node: ast.ClassDef) -> None:
        """Visit decorators and bases outside and the body in a scope that its methods do not see."""
        self.scope.bound.add(node.name)
        self._all(list(node.decorator_list))
        self._enter_parameters(node)
        self._all([*node.bases, *node.keywords])
        self.scopes.append(Scope(is_class=True))
        self._all(list(node.body))
        self._leave()
        self._leave()

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        """Record what an import binds in this scope and which modules it executes."""
        for name, stands_for, executed in import_targets(node):
            self.scope.imports.setdefault(name, []).append(stands_for)
            self.found.imports[executed] = node.lineno
            if self.guards:
                self.found.guarded.add(executed.top)

    def _typing_block(self, node: ast.If) -> None:
        """Note what a block for type checkers would bind; Python executes only what follows its `else`."""
        self.scope.bound.update(name for statement in node.body for name in names_bound(statement))
        self._all(node.orelse)

    def _leave(self) -> None:
        """Close the innermost scope: hand on the names that it does not bind, settle those that it imports."""
        scope = self.scopes.pop()
        for name, targets in scope.imports.items():
            if scope.is_class or name in scope.global_names | scope.outer_names:  # visible elsewhere, as a value
                self.found.imported.update({(target, ()): 0 for target in targets})
        for name in scope.global_names:
            self.found.chains.setdefault((name,), 0)
        for chain, line in scope.chains.items():
            self._settle(scope, chain, line)

    def _settle(self, scope: Scope, chain: Chain, line: int) -> None:
        """Decide what a chain that `scope` mentions is rooted at."""
        root = chain[0]
        if root in scope.global_names:
            self.found.chains[chain] = line
        elif scope.is_class or root in scope.outer_names:
            self.scope.chains[chain] = line
        elif root in scope.imports:
            self.found.imported.update({(target, chain[1:]): line for target in scope.imports[root]})
        elif root in scope.bound:
            self.found.watched.update({name: line for name in chain[1:] if name in WATCHED})
        else:
            self.scope.chains[chain] = line
