"""The names that a top-level statement refers to and the modules that it imports, scope by scope."""

import ast
from dataclasses import dataclass, field

Chain = tuple[str, ...]  # ("np", "linalg", "norm") stands for np.linalg.norm
TypingTests = frozenset[Chain]  # the names of `typing.TYPE_CHECKING` in a module

WATCHED = frozenset({"__doc__", "__subclasses__", "__globals__", "__builtins__", "f_globals"})
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@dataclass(frozen=True)
class Target:
    """What an imported name stands for: a module, or a name in a module (which may be a submodule)."""

    module: str
    name: str = ""

    @property
    def dotted(self) -> str:
        """Return the name as a chain of attributes."""
        return f"{self.module}.{self.name}" if self.name else self.module


@dataclass
class References:
    """What one top-level statement refers to, with the line of one such place each."""

    chains: dict[Chain, int] = field(default_factory=dict)  # rooted at a global or builtin name
    imported: dict[tuple[Target, Chain], int] = field(default_factory=dict)  # through imports in an inner scope
    imports: dict[Target, int] = field(default_factory=dict)  # modules that the statement can execute
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

    @property
    def scope(self) -> Scope:
        """Return the innermost scope."""
        return self.scopes[-1]

    def visit(self, node: ast.AST) -> None:
        """Record what `node` and everything in it refers to."""
        if isinstance(node, ast.Name | ast.Attribute):
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
            case ast.Call(func=ast.Name(id="vars"), args=[value]):  # vars() reads the module, vars(value) the value
                return self.visit(value)
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
        outside = [*arguments.defaults, *arguments.kw_defaults, *(part.annotation for part in parts)]
        if not isinstance(node, ast.Lambda):
            self.scope.bound.add(node.name)
            outside += [*node.decorator_list, node.returns]
        self._all([part for part in outside if part])
        self.scopes.append(Scope(bound={part.arg for part in parts}))
        self.depth += 1
        self._all([node.body] if isinstance(node, ast.Lambda) else node.body)
        self.depth -= 1
        self._leave()

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
        self._all([*node.decorator_list, *node.bases, *node.keywords])
        self.scopes.append(Scope(is_class=True))
        self._all(node.body)
        self._leave()

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        """Record what an import binds in this scope and which modules it executes."""
        for name, stands_for, executed in import_targets(node):
            self.scope.imports.setdefault(name, []).append(stands_for)
            self.found.imports[executed] = node.lineno

    def _typing_block(self, node: ast.If) -> None:
        """Note what a block for type checkers would bind; Python executes only what follows its `else`."""
        for inner in (part for statement in node.body for part in ast.walk(statement)):
            if isinstance(inner, ast.Import | ast.ImportFrom):
                self.scope.bound.update(name for name, _, _ in import_targets(inner))
            elif isinstance(inner, ast.Name) and not isinstance(inner.ctx, ast.Load):
                self.scope.bound.add(inner.id)
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
