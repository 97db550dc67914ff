"""Processes for steps in which large packages are imported already: forked from one that has done so, in a millisecond.

Half of a short training is the import of torch, and of what its optimizers import once more. So a build starts a server
(`serve`), which imports nothing before it is asked. A step sends its arguments, its environment and its streams there
(`request`) and waits; the work is done by a child of the server, which dies with the step that asked. Those whose key
names torch are forked from a process of their own, so that the others need not have it. Our own modules are loaded in
the child alone, under the eyes of its witness. Without a server, or where the surroundings differ (a job on a cluster,
in a container), a step works itself, and to the same bytes. The server itself never asks for a GPU, after which no
child could use one.
"""

import array
import atexit
import gc
import importlib.abc
import json
import os
import selectors
import signal
import socket
import struct
import sys
import weakref
from collections.abc import Mapping
from contextlib import suppress
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

VARIABLE = "REPROSE_FORKSERVER"  # the name of the server's socket; where it is empty, no server is started
LIGHT = "light"  # the word for steps that need neither torch nor more than one thread
OWN = "REPROSE_"
LONGEST = 2**20  # bytes of a request
BEGUN = b"begun"
STREAMS = (0, 1, 2)
LARGE = ("pydantic.main", "threadpoolctl")  # packages that many steps import after numpy
BESIDE = {True: ("torch",), False: ("jinja2", "jsonschema", "pikepdf", "scipy.special", "yaml")}  # whether with torch


def is_possible() -> bool:
    """Return whether there can be a server here: on Linux since 5.3, as elsewhere such a fork may not work."""
    try:
        os.close(os.pidfd_open(os.getpid()))
        return True
    except (AttributeError, OSError):
        return False


def wanted(key: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what a job needs of the process that it is forked from; None where it has variables of its own."""
    if key.get("environment"):
        return None
    return {"threads": key.get("compute", {}).get("threads", 1), "torch": "torch" in key.get("versions", {})}


def surroundings(environment: Mapping[str, str]) -> dict[str, Any]:
    """Return what must be equal here and in the server: Python, packages, folder, container, limits, environment.

    Our own variables are for our own code, which no server has imported. A package that is installed anew changes the
    folder that it is in.
    """
    found: dict[str, Any] = {"python": [sys.executable, sys.prefix, sys.version, list(sys.warnoptions)]}
    found["packages"] = [[path, os.stat(path).st_mtime_ns] for path in _installed()]
    found["folder"] = os.getcwd()
    for name in ("ns/mnt", "cgroup"):
        path = f"/proc/self/{name}"
        with suppress(OSError):
            found[name] = os.readlink(path) if "/" in name else _text(path)
    return {**found, "environment": {name: environment[name] for name in environment if not name.startswith(OWN)}}


def _installed() -> list[str]:
    """Return the folders of installed packages."""
    return [path for path in sys.path if os.path.basename(path) in ("site-packages", "dist-packages")]


def request(
    address: str, surroundings: Mapping[str, Any], arguments: list[str], wanted: Mapping[str, Any]
) -> int | None:
    """Let the server run a step; return its exit status, below 0 for a signal, or None where it did not begin."""
    told = {"surroundings": surroundings, "arguments": arguments, "wanted": wanted, "environment": {**os.environ}}
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as server:
        try:
            server.connect(_place(address))
            if _owner(server.fileno()) != os.getuid():
                return None
            _send(server, json.dumps(told).encode(), STREAMS)
            begun = server.recv(LONGEST) == BEGUN
        except OSError:
            return None
        if not begun:
            return None
        status = server.recv(LONGEST)
        return int(status) if status else -signal.SIGKILL  # the server is gone, and with it the child


def serve(address: str, surroundings: Mapping[str, Any], *kinds: tuple[int, bool]) -> list[str]:
    """Take requests until the parent of this process ends; returns, in each child, the arguments of its step.

    What is large is imported at once for those of `kinds`: the number of threads, and whether torch is needed.
    """
    interrupted = signal.signal(signal.SIGINT, signal.SIG_IGN)  # a key of the terminal is for the steps alone
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listener.bind(_place(address))
    listener.listen(128)
    print("ready", flush=True)
    ready: dict[tuple[int, bool], socket.socket] = {}  # threads, torch -> the process that has imported what is large
    expected, broken = list(kinds), set()
    while True:
        content, descriptors = b"", []
        if expected:
            kind = expected.pop()
        else:
            asking, _ = listener.accept()
            content, streams = _receive(asking, len(STREAMS))
            descriptors = [asking.detach(), *streams]
            kind = _kind(content, surroundings) if _owner(descriptors[0]) == os.getuid() else None
        if kind in broken:
            kind = None
        if kind and kind not in ready:
            mine, ready[kind] = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            if not os.fork():
                for place in (listener.detach(), *descriptors, *(other.detach() for other in ready.values())):
                    os.close(place)
                return _Ready(mine, *kind, interrupted).serve()
            mine.close()
        if kind and content:
            try:
                _send(ready[kind], content, descriptors)
            except OSError:  # it could not import what is large; the step will say why
                ready.pop(kind).close()
                broken.add(kind)
        for place in descriptors:
            os.close(place)


def _kind(content: bytes, surroundings: Mapping[str, Any]) -> tuple[int, bool] | None:
    """Return how many threads a request wants, and whether torch; None where it cannot be served here."""
    try:
        told = json.loads(content)
        wanted = told["wanted"]
        return (int(wanted["threads"]), bool(wanted["torch"])) if told["surroundings"] == surroundings else None
    except (ValueError, TypeError, KeyError):
        return None


class _Ready:
    """A process that has imported what is large, for a number of threads, and is forked for each step."""

    def __init__(self, asked: socket.socket, threads: int, torch: bool, interrupted: Any) -> None:
        _end_with_parent()
        self.asked = asked
        self.torch = torch
        self.interrupted = interrupted
        self.forks = 0
        self.workers: dict[int, tuple[int, socket.socket]] = {}  # descriptor of a child -> its number, who asked
        self.selector = selectors.DefaultSelector()
        self.selector.register(asked, selectors.EVENT_READ)
        importlib.import_module("numpy")  # before the number of threads is known, as in a step
        os.environ["OMP_NUM_THREADS"] = str(threads)
        for name in (*BESIDE[torch], *LARGE):
            importlib.import_module(name)
        if _is_shadowed():  # each step refuses, or its key names, what it reads there
            sys.exit()

    def serve(self) -> list[str]:
        """Fork for each request, and tell who asked how the child ended; returns in the child."""
        while True:
            for key, _ in self.selector.select():
                if key.fileobj is self.asked:
                    if (arguments := self._fork()) is not None:
                        return arguments
                elif key.data is not None:  # who asked is gone
                    self.selector.unregister(key.fileobj)
                    with suppress(ProcessLookupError):
                        os.kill(key.data, signal.SIGTERM)
                else:
                    self._ended(key.fd)

    def _fork(self) -> list[str] | None:
        content, descriptors = _receive(self.asked, 1 + len(STREAMS))
        if not content:  # the server is gone
            sys.exit()
        descriptor, *streams = descriptors
        if self.torch and self.forks == 1:  # what an optimizer of torch imports; for one step alone it may be in vain
            with suppress(Exception):
                importlib.import_module("torch._dynamo")
            if _is_shadowed():
                sys.exit()
        if self.forks <= 1:
            gc.collect()
            gc.freeze()  # else the first collection in a child would copy all
        self.forks += 1
        asking = socket.socket(fileno=descriptor)
        try:
            number = os.fork()
        except OSError:  # too many processes: who asked works itself
            for place in (asking.detach(), *streams):
                os.close(place)
            return None
        if not number:
            asking.close()
            told = json.loads(content)
            return self._begin(told["arguments"], told["environment"], streams)
        for stream in streams:
            os.close(stream)
        with suppress(OSError):  # where it is gone, the selector tells
            asking.send(BEGUN)
        process = os.pidfd_open(number)
        self.workers[process] = number, asking
        self.selector.register(process, selectors.EVENT_READ)
        self.selector.register(asking, selectors.EVENT_READ, number)
        return None

    def _begin(self, arguments: list[str], environment: dict[str, str], streams: list[int]) -> list[str]:
        """Make this child what Python would be that has just been started for a step."""
        _end_with_parent()
        _forget_exits()
        signal.signal(signal.SIGINT, self.interrupted)
        self.selector.close()
        self.asked.close()
        for process, (_, asking) in self.workers.items():
            os.close(process)
            asking.close()
        for place, stream in zip(STREAMS, streams, strict=True):
            os.dup2(stream, place)
            os.close(stream)
        os.environ.clear()
        os.environ.update(environment)
        if self.torch:
            sys.meta_path.insert(0, _Imported("torch"))
        return arguments

    def _ended(self, process: int) -> None:
        number, asking = self.workers.pop(process)
        _, status = os.waitpid(number, 0)
        self.selector.unregister(process)
        os.close(process)
        with suppress(KeyError):
            self.selector.unregister(asking)
        with asking, suppress(OSError):
            asking.send(str(os.waitstatus_to_exitcode(status)).encode())


def _is_shadowed() -> bool:
    """Return whether a module that is imported by now lies in the project's folder, and is not of the engine."""
    here, installed = (
        os.path.join(os.getcwd(), ""),
        tuple(os.path.join(path, "") for path in (*_installed(), sys.prefix)),
    )
    files = (getattr(module, "__file__", None) or "" for name, module in list(sys.modules.items()) if not _is_own(name))
    return any(file.startswith(here) and not file.startswith(installed) for file in files)


def _is_own(module: str) -> bool:
    return module in ("__main__", "__mp_main__") or module.partition(".")[0] == __name__.partition(".")[0]


class _Imported(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Hides a package that is imported already, until it is imported again: a step may ask whether its code did so."""

    def __init__(self, package: str) -> None:
        self.package = package
        self.modules = {name: sys.modules.pop(name) for name in [*sys.modules] if name.partition(".")[0] == package}
        self.spec = self.modules[package].__spec__

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """Return where the package comes from: from here."""
        return ModuleSpec(name, self, is_package=True) if name == self.package and self.modules else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return the package."""
        return self.modules[self.package]

    def exec_module(self, module: ModuleType) -> None:
        """Give back its parts, which have been executed."""
        module.__spec__ = self.spec
        sys.modules.update(self.modules)
        self.modules = {}


def _forget_exits() -> None:
    """Drop what the packages of the server do at the end, which copies its memory and is of use only to the server."""
    atexit._clear()
    weakref.finalize._registry.clear()
    for kept in (weakref.finalize._exitfunc, importlib.import_module("multiprocessing.util")._exit_function):
        atexit.register(kept)
    atexit.register(importlib.import_module("logging").shutdown)


def _end_with_parent() -> None:
    importlib.import_module("reprose.jobs.locks").end_with_parent()  # here, as most steps only ask


def _send(to: socket.socket, content: bytes, descriptors: Any) -> None:
    to.sendmsg([content], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))])


def _receive(asked: socket.socket, count: int) -> tuple[bytes, list[int]]:
    """Return a message with the descriptors that came with it; both are empty at the end."""
    content, descriptors, _, _ = socket.recv_fds(asked, LONGEST, count)
    return content, descriptors


def _place(address: str) -> str:
    """Return where a socket of this name is on Linux: in no folder, so that nothing of it is left."""
    return f"\0reprose-{address}"


def _owner(descriptor: int) -> int:
    """Return the user at the other end of a socket."""
    with socket.socket(fileno=os.dup(descriptor)) as connected:
        told = connected.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return struct.unpack("3i", told)[1]


def _text(path: str) -> str:
    with open(path, encoding="utf-8") as file:
        return file.read()
