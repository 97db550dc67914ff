"""What a step really uses: its modules are compiled from the bytes that were keyed, each file that it opens is noted.

The sources of a build are kept by digest under .reprose/sources/, so an edit during a build changes no step of it. A
module of ours that no key names is refused. This module imports nothing of ours: it stands before everything else.
"""

import gc
import hashlib
import importlib
import importlib.abc
import importlib.util
import io
import linecache
import marshal
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from importlib.machinery import ModuleSpec
from types import CodeType, ModuleType
from typing import Any

OURS = ("scripts", "reprose")  # the packages whose code is keyed
PACKAGE = "__init__.py"
NOTEBOOK = ".ipynb"
BUFFERED = (io.TextIOWrapper, io.BufferedWriter, io.BufferedRandom)  # the first writes into the others
READING = os.O_WRONLY  # a file that is opened with this flag alone is not read


class UnkeyedError(ImportError):
    """A module of ours is imported, but the key of the job does not name it."""


def flush_files() -> None:
    """Write out what the open files of this process hold back, those of Python and those of libraries in C."""
    import ctypes  # here, as who only asks the server for a step does not come here

    files = [each for each in gc.get_objects() if type(each) in BUFFERED]
    for file in sorted(files, key=lambda each: BUFFERED.index(type(each))):
        with suppress(OSError, ValueError):  # a full disk; a file that is closed
            file.flush()
    ctypes.CDLL(None).fflush(None)


class Witness(importlib.abc.MetaPathFinder):
    """Finds our modules in the store of sources, and keeps the paths of the files that are opened for reading."""

    def __init__(
        self, job: str, sources: Mapping[str, Sequence[str]], definitions: Mapping[str, str], store: str
    ) -> None:
        """Take a job's name, module -> (file, SHA-256), what was keyed, and the folder of sources by their digests."""
        self.job = job
        self.sources = sources
        self.definitions = definitions  # for the record of the run
        self.store = store
        self.expected: Mapping[str, Any] = {}  # what later jobs want of the result
        self.opened: set[str] = set()
        self.first: set[str] = set()  # files of ours that were imported before
        self.here = os.getcwd()

    def install(self) -> None:
        """Stand first among the finders, let go of what was imported of ours so far, and listen to opens."""
        for name in [name for name in sys.modules if name.partition(".")[0] in OURS or name == "__main__"]:
            self.first.add(os.path.abspath(getattr(sys.modules[name], "__file__", None) or ""))
            if name != "__main__":
                del sys.modules[name]
        sys.meta_path.insert(0, self)
        sys.addaudithook(self.listen)

    def listen(self, event: str, arguments: tuple) -> None:
        """Note a file that is opened for reading."""
        if event == "open":
            path, mode, flags = arguments
            reads = "r" in mode or "+" in mode if isinstance(mode, str) else not flags & READING
            if reads and isinstance(path, str | bytes):
                self.opened.add(os.path.abspath(os.fsdecode(path)))

    flush_files = staticmethod(flush_files)  # for steps, whose keys would follow what it asks of Python

    def package(self, name: str, needed: bool = False) -> ModuleType | None:
        """Return a package that is imported by now, or that is needed; else None."""
        return importlib.import_module(name) if needed else sys.modules.get(name)

    def folders(self, packages: Iterable[str]) -> list[str]:
        """Return where the code of packages lies that are imported by now."""
        modules = [sys.modules[name] for name in packages if name in sys.modules]
        return [folder for module in modules for folder in getattr(module, "__path__", ())]

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return where a module of ours comes from; other modules are other finders' business."""
        if name.partition(".")[0] not in OURS:
            return None
        if name in self.sources:
            file, digest = self.sources[name]
            return importlib.util.spec_from_file_location(name, file, loader=Keyed(name, file, digest, self.store))
        inner = [module for module in self.sources if module.startswith(f"{name}.")]
        if inner:  # a folder without __init__.py
            spec = ModuleSpec(name, None, is_package=True)
            file = self.sources[inner[0]][0]
            depth = inner[0].count(".") - name.count(".") + file.endswith(PACKAGE)
            for _ in range(depth):
                file = os.path.dirname(file)
            spec.submodule_search_locations = [file]
            return spec
        if importlib.machinery.PathFinder.find_spec(name, path) is None:
            return None
        raise UnkeyedError(
            f"the module '{name}' is imported, but the key of this job does not name it: it is imported in a way that"
            " the source does not show. Import it by a plain import.",
            name=name,
        )


class Keyed(importlib.abc.ExecutionLoader):
    """Loads one module from the store."""

    def __init__(self, name: str, file: str, digest: str, store: str) -> None:
        self.name, self.file, self.digest, self.store = name, file, digest, store

    def get_filename(self, fullname: str) -> str:
        """Return the file that the module was read from."""
        return self.file

    def is_package(self, fullname: str) -> bool:
        """Return whether the module is a package."""
        return os.path.basename(self.file) == PACKAGE

    def get_source(self, fullname: str) -> str:
        """Return the text that was keyed."""
        return importlib.util.decode_source(self.content())

    def get_code(self, fullname: str) -> CodeType:
        """Return the code of the text that was keyed, compiled once for each text and place."""
        compiled = os.path.join(self.store, compiled_name(self.digest, self.file))
        found = _read_compiled(compiled)
        if found is None:
            found = compile(self.content(), self.file, "exec", dont_inherit=True)
            _write_compiled(compiled, found)
        if self.file.endswith(NOTEBOOK):  # whose lines are not those of the file
            text = self.get_source(fullname)
            linecache.cache[self.file] = (len(text), None, text.splitlines(keepends=True), self.file)
        return found

    def content(self) -> bytes:
        """Return the bytes that were keyed; from their own file if the store has lost them."""
        for path in (os.path.join(self.store, self.digest), self.file):
            try:
                with open(path, "rb") as file:
                    found = file.read()
            except OSError:
                continue
            if hashlib.sha256(found).hexdigest() == self.digest:
                return found
        raise UnkeyedError(
            f"{self.file}: the text that this job was planned with is gone. Run the same command again.", name=self.name
        )


def compiled_name(digest: str, file: str) -> str:
    """Return the name in the store of what the text with a digest compiles to at its place."""
    identity = hashlib.sha256(f"{digest} {file} {sys.flags.optimize}".encode()).hexdigest()
    return f"{identity}.{sys.implementation.cache_tag}"


def _read_compiled(path: str) -> CodeType | None:
    """Return compiled code whose bytes are whole, or None."""
    try:
        with open(path, "rb") as file:
            digest, _, body = file.read().partition(b"\n")
    except OSError:
        return None
    return marshal.loads(body) if hashlib.sha256(body).hexdigest().encode() == digest else None


def _write_compiled(path: str, code: CodeType) -> None:
    """Keep compiled code, by rename; it is no loss where that cannot be done."""
    body = marshal.dumps(code)
    temporary = f"{path}.{os.getpid()}"
    try:
        with open(temporary, "wb") as file:
            file.write(hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
        os.replace(temporary, path)
    except OSError:
        return
