"""What a run of a step really executes and opens; it shares no code with the fingerprint and the witness of steps."""

import ast
import builtins
import hashlib
import marshal
import os
import sys
from functools import cached_property
from pathlib import Path
from types import CodeType, FrameType

IS_FUNCTION = 0x1  # of `co_flags`: not set for the bodies of modules and classes
COMPREHENSIONS = ("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>")
REACHED, EXPECTED = "__reached__", "__reached_outside_of_imports__"  # what the marks call


class Tracer:
    """Collects the definitions of modules under `root` that any thread executes.

    A module that is imported while the tracer runs is compiled with a mark at the start of each of its functions: to
    watch calls by `sys.settrace` takes five times as long, as torch makes a hundred for each of ours. The folder `kept`
    hands what was compiled to other processes; while the tracer runs, no file in it is opened.
    """

    def __init__(self, root: Path, kept: Path | None = None) -> None:
        self.root = str(root.resolve()) + os.sep
        self.kept = kept
        self.compiled: dict[str, bytes] = {}
        self.reached: set[str] = set()

    def start(self) -> None:
        """Mark the modules that are imported from now on."""
        if self.kept:
            self.compiled = {path.name: path.read_bytes() for path in self.kept.iterdir() if "." not in path.name}
        self.found = set(self.compiled)
        self.plain_exec = builtins.exec
        setattr(builtins, REACHED, self.reached.add)
        setattr(builtins, EXPECTED, self._add_unless_importing)
        builtins.exec = self._exec

    def stop(self) -> None:
        """Mark no further modules."""
        builtins.exec = self.plain_exec
        for name in self.compiled.keys() - self.found if self.kept else ():
            temporary = self.kept / f"{name}.{os.getpid()}"
            temporary.write_bytes(self.compiled[name])
            os.replace(temporary, self.kept / name)

    def definitions(self) -> set[str]:
        """Return the definitions that were executed, as "module:name"."""
        return {definition for definitions in self.reached for definition in definitions.split()}

    def _exec(self, code: CodeType, *arguments: object, **named: object) -> None:
        """Stand for `exec`, by which modules are executed; the frame that calls it is looked up for its names."""
        if isinstance(code, CodeType) and code.co_name == "<module>" and code.co_filename.startswith(self.root):
            code = self._marked(code.co_filename) if code.co_filename.endswith(".py") else code
        if not arguments and not named:
            caller = sys._getframe(1)
            arguments = (caller.f_globals, caller.f_locals)
        self.plain_exec(code, *arguments, **named)

    def _marked(self, path: str) -> CodeType:
        content = Path(path).read_bytes()
        name = hashlib.sha256(path.encode() + content).hexdigest()
        if name not in self.compiled:
            self.compiled[name] = marshal.dumps(marked(path, self.root, content))
        return marshal.loads(self.compiled[name])

    def _add_unless_importing(self, definitions: str) -> None:
        if not belongs_to_import(sys._getframe(1)):
            self.reached.add(definitions)


# It calls all that is traced: a library that reads the source of its callers (as torch does) would open this file.
Tracer._exec.__code__ = Tracer._exec.__code__.replace(co_filename="<tracer>")


def marked(path: str, root: str, content: bytes) -> CodeType:
    """Return the code of a module, with marks."""
    module = ".".join(Path(path[len(root) :]).with_suffix("").parts).removesuffix(".__init__")
    tree = ast.parse(content)
    tree.body = [Marks(module, node).visit(node) for node in tree.body]
    return compile(ast.fix_missing_locations(tree), path, "exec", dont_inherit=True)


class Marks(ast.NodeTransformer):
    """Marks every function of one statement of a module with the names that the statement binds."""

    def __init__(self, module: str, statement: ast.stmt) -> None:
        self.module = module
        self.statement = statement
        self.around: list[str] = []  # names of the functions and classes that enclose a node
        self.inside = 0  # functions that enclose it

    def visit_FunctionDef(self, node: "ast.FunctionDef | ast.AsyncFunctionDef") -> ast.AST:
        """Mark a function after its docstring; what stands before its body is executed around it."""
        node.decorator_list = [self.visit(item) for item in node.decorator_list]
        node.args = self.visit(node.args)
        place = int(ast.get_docstring(node, clean=False) is not None)
        self.around.append(node.name)
        mark = ast.Expr(self._call(REACHED))
        node.body = self._within(node.body)
        node.body.insert(place, ast.copy_location(mark, node.body[0]))
        self.around.pop()
        return node

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        """Mark it like another function."""
        return self.visit_FunctionDef(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        """Mark the methods."""
        self.around.append(node.name)
        self.generic_visit(node)
        self.around.pop()
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        """Mark an expression."""
        node.args = self.visit(node.args)
        (body,) = self._within([node.body])
        node.body = self._beside(REACHED, body)
        return node

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> ast.AST:
        """Mark one that stands in no function, and may be used up later than when its module is imported."""
        self.generic_visit(node)
        if not self.inside:
            node.elt = self._beside(EXPECTED, node.elt)
        return node

    def _within(self, nodes: list) -> list:
        self.inside += 1
        visited = [self.visit(node) for node in nodes]
        self.inside -= 1
        return visited

    def _beside(self, name: str, value: ast.expr) -> ast.expr:
        both = ast.Tuple([self._call(name), value], ast.Load())
        return ast.copy_location(ast.Subscript(both, ast.Constant(1), ast.Load()), value)

    def _call(self, name: str) -> ast.expr:
        bound = self.around[:1] or self._stored
        definitions = " ".join(f"{self.module}:{item}" for item in bound)
        return ast.Call(ast.Name(name, ast.Load()), [ast.Constant(definitions)], [])

    @cached_property
    def _stored(self) -> list[str]:
        """Return the names that the statement assigns."""
        parts = list(ast.walk(self.statement))
        stored = {part.id for part in parts if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}
        return sorted(stored) or ["<import>"]


def belongs_to_import(frame: FrameType) -> bool:
    """Return whether `frame` runs a comprehension of a module's or class's body."""
    while frame.f_code.co_name in COMPREHENSIONS and frame.f_back:
        frame = frame.f_back
        if not frame.f_code.co_flags & IS_FUNCTION:
            return True
    return False


class Listener:
    """Collects the files that are opened other than for writing alone, and the folders whose names are asked for."""

    def __init__(self) -> None:
        self.here = os.getcwd()
        self.listens = True
        self.opened: set[str] = set()
        self.listed: set[str] = set()

    def __call__(self, event: str, arguments: tuple) -> None:
        """Note an event of Python's own audit."""
        if self.listens and event == "open":
            path, mode, flags = arguments
            writes = not set("r+") & set(mode) if mode else flags & os.O_ACCMODE == os.O_WRONLY
            if not writes and not isinstance(path, int):
                self.opened.add(self._absolute(path))
        elif self.listens and event in ("os.listdir", "os.scandir") and not isinstance(arguments[0], int):
            self.listed.add(self._absolute(arguments[0] or "."))

    def _absolute(self, path: "str | bytes | os.PathLike") -> str:
        return os.path.normpath(os.path.join(self.here, os.fsdecode(path)))
