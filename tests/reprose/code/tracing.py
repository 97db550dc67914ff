"""What a run of a step really executes and opens; it shares no code with the fingerprint and the witness of steps."""

import ast
import os
import sys
import threading
from functools import cache
from pathlib import Path
from types import CodeType, FrameType

IS_FUNCTION = 0x1  # of `co_flags`: not set for the bodies of modules and classes
COMPREHENSIONS = ("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>")


class Tracer:
    """Collects the functions under `root` that any thread calls."""

    def __init__(self, root: Path) -> None:
        self.root = str(root.resolve()) + os.sep
        self.called: set[tuple[str, int, str]] = set()
        self.known: dict[int, CodeType] = {}  # by identity: to hash code objects would cost more than the calls

    def __call__(self, frame: FrameType, event: str, argument: object) -> None:
        """Record a call; a comprehension that runs as part of an import belongs to no definition."""
        code = frame.f_code
        if id(code) in self.known:
            return
        ours = code.co_filename.startswith(self.root) and code.co_flags & IS_FUNCTION
        if ours and belongs_to_import(frame):
            return
        self.known[id(code)] = code
        if ours:
            self.called.add(place(code))

    def start(self) -> None:
        """Watch this thread and those that start later: the start of each Python function, and no line of it."""
        threading.settrace(self)
        sys.settrace(self)

    def stop(self) -> None:
        """Watch no longer."""
        sys.settrace(None)
        threading.settrace(None)

    def definitions(self) -> set[str]:
        """Return the definitions that were executed, as "module:name"."""
        return {name for function in self.called for name in definitions_at(self.root, *function)}


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


def place(code: CodeType) -> tuple[str, int, str]:
    """Return where a function is defined; code objects of two files can compare equal."""
    return code.co_filename, code.co_firstlineno, code.co_qualname


def belongs_to_import(frame: FrameType) -> bool:
    """Return whether `frame` runs a comprehension of a module's or class's body."""
    while frame.f_code.co_name in COMPREHENSIONS and frame.f_back:
        frame = frame.f_back
        if not frame.f_code.co_flags & IS_FUNCTION:
            return True
    return False


def definitions_at(root: str, path: str, line: int, qualified: str) -> set[str]:
    """Return the top-level names that the function at `line` of `path` is part of."""
    relative = Path(path[len(root) :]).with_suffix("")
    module = ".".join(relative.parts).removesuffix(".__init__")
    for node in statements(path):
        first = min([node.lineno, *(decorator.lineno for decorator in getattr(node, "decorator_list", []))])
        if first <= line <= node.end_lineno:
            return {f"{module}:{name}" for name in names_of(node, qualified.split(".")[0])}
    raise LookupError(f"{path}:{line}: no statement here")


@cache
def statements(path: str) -> list[ast.stmt]:
    """Return the statements of a file, read once."""
    return ast.parse(Path(path).read_bytes()).body


def names_of(node: ast.stmt, outermost: str) -> set[str]:
    """Return the name of the outermost function or class, or else the names that the statement assigns."""
    if outermost.isidentifier():
        return {outermost}
    stored = (part for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store))
    return {part.id for part in stored} or {"<import>"}
