"""A Python that starts at once: a server imports the large packages of others once, and forks for each program.

Most of what the toy project's jobs take is the import of Snakemake, torch and matplotlib. A folder made by
`Server.programs` holds a `python` that stands for the real one: it hands its arguments, environment, working folder and
open files to the server, whose fork becomes that program. The server never imports a module of ours. A call in another
form than `-m module`, `-c text` or a file goes to the real Python.
"""

import array
import atexit
import ctypes
import gc
import importlib.util
import json
import os
import runpy
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import warnings
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workflow.project import Project

LARGE = (
    "asyncio",
    "fontTools.pens.cu2quPen",
    "fontTools.pens.ttGlyphPen",
    "fontTools.ttLib",
    "jinja2",
    "jsonschema",
    "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_pdf",
    "matplotlib.backends.backend_svg",
    "matplotlib.pyplot",
    "pandas",
    "pikepdf",
    "pydantic",
    "requests",
    "rich.live",
    "rich.progress",
    "scipy.special",
    "smart_open",
    "snakemake.api",
    "snakemake.cli",
    "snakemake.report.html_reporter",
    "snakemake.storage",
    "threadpoolctl",
    "torch",
    "torch._dynamo",
    "torch.utils.tensorboard",
    "yaml",
)
PROGRAMS, RUNNING = "programs", "running"  # folders: of a Python beside a project; of a file for each that runs
CLIENT = '''#!{python} -SI
"""Ask the server for a fork that becomes this program, and end as it ends."""
import array, json, os, signal, socket, sys
fds = [int(name) for name in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{{name}}")]
words, safe = sys.argv[1:], False
while words and words[0] in ("-P", "-B", "-s", "-u"):
    safe |= words.pop(0) == "-P"
if not words or (words[0].startswith("-") and words[0] not in ("-m", "-c")):
    os.execv({python!r}, [{python!r}, *sys.argv[1:]])
server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
server.connect({address!r})
asked = json.dumps([words, safe, os.path.abspath(sys.argv[0]), dict(os.environ), os.getcwd(), fds]).encode()
server.sendmsg([len(asked).to_bytes(8, "little")], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))])
server.sendall(asked)
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, lambda number, frame: server.sendall(bytes([number])))
told = server.recv(4, socket.MSG_WAITALL)
status = int.from_bytes(told, "little", signed=True) if told else 1
if status < 0:
    if status != -signal.SIGKILL:
        signal.signal(-status, signal.SIG_DFL)
    os.kill(os.getpid(), -status)
sys.exit(status)
'''


def _engine() -> ModuleType:
    """Return the server of the engine, which imports nothing of ours, under a name that no program imports."""
    file = Path(__file__).resolve().parents[2] / "reprose/steps/forkserver.py"
    spec = importlib.util.spec_from_file_location("forkserver_of_the_tests", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


ENGINE = _engine()


class Server:
    """The server, alive inside the `with` block."""

    def __init__(self, folder: Path) -> None:
        self.address = str(folder / "socket")
        self.running = folder / RUNNING

    def __enter__(self) -> "Server":
        self.running.mkdir(parents=True)
        single = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}
        command = [sys.executable, "-P", __file__, self.address, str(self.running)]
        environment = {**os.environ, "PYTHONHASHSEED": "0", **single}
        self.process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL)
        while not os.path.exists(self.address):
            assert self.process.poll() is None, "the server that forks did not start"
            time.sleep(0.02)
        return self

    def __exit__(self, *_) -> None:
        for process in self.programs_in(Path("/")):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        self.process.kill()
        self.process.wait()

    def programs(self, folder: Path) -> Path:
        """Write a `python` into `folder`, and return its path."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "python").write_text(CLIENT.format(python=sys.executable, address=self.address))
        (folder / "python").chmod(0o755)
        if not (folder / RUNNING).exists():
            (folder / RUNNING).symlink_to(self.running)
        return folder / "python"

    def equipped(self, project: "Project") -> "Project":
        """Return `project`, to be built with a `python` of its own that lies beside it."""
        variables = {"REPROSE_FORKSERVER": "", **project.variables}  # steps are forked already
        return type(project)(project.folder, self.programs(project.folder.parent / PROGRAMS), variables)

    def programs_in(self, folder: Path, words: str = "") -> list[int]:
        """Return the processes that work below `folder` and whose arguments begin with `words`."""
        found = []
        for path in self.running.iterdir():
            with suppress(OSError, ValueError):
                where, said = json.loads(path.read_text())
                if Path(where).is_relative_to(folder) and f"{' '.join(said)} ".startswith(words):
                    found.append(int(path.name))
        return sorted(found)


class Serving:
    """The server's own side: one connection for each program that runs."""

    def __init__(self, address: str, running: str) -> None:
        self.running = Path(running)
        self.selector = selectors.DefaultSelector()
        self.clients: dict[int, socket.socket] = {}
        self.door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.door.bind(f"{address}.new")
        self.door.listen(64)
        self.ended, self.wake = socket.socketpair()
        self.wake.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self.wake.fileno())
        self.selector.register(self.door, selectors.EVENT_READ)
        self.selector.register(self.ended, selectors.EVENT_READ)
        os.rename(f"{address}.new", address)

    def serve(self) -> None:
        """Fork for each client; a client that is killed takes its program along, a program that ends is told."""
        while True:
            for key, _ in self.selector.select():
                if key.fileobj is self.door:
                    self._fork(self.door.accept()[0])
                elif key.fileobj is self.ended:
                    self.ended.recv(4096)
                    self._reap()
                elif key.data in self.clients:
                    self._forward(key.fileobj, key.data)

    def _fork(self, client: socket.socket) -> None:
        received = array.array("i")
        head, extra, *_ = client.recvmsg(8, socket.CMSG_SPACE(250 * received.itemsize))
        for _, _, data in extra:
            received.frombytes(data)
        body = _all(client, int.from_bytes(head, "little"))
        if not body:
            client.close()
            return
        words, safe, python, environment, folder, fds = json.loads(body)
        process = os.fork()
        if not process:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            become(words, safe, python, environment, folder, dict(zip(fds, received, strict=True)))
        for fd in received:
            os.close(fd)
        (self.running / str(process)).write_text(json.dumps([folder, words]))
        self.clients[process] = client
        self.selector.register(client, selectors.EVENT_READ, process)

    def _forward(self, client: socket.socket, process: int) -> None:
        said = b""
        with suppress(ConnectionError):
            said = client.recv(1)
        with suppress(ProcessLookupError):
            os.kill(process, said[0] if said else signal.SIGKILL)
        if not said:
            self.selector.unregister(client)

    def _reap(self) -> None:
        while self.clients:
            process, status = os.waitpid(-1, os.WNOHANG)
            if not process:
                return
            (self.running / str(process)).unlink()
            client = self.clients.pop(process)
            with suppress(OSError):
                client.sendall(os.waitstatus_to_exitcode(status).to_bytes(4, "little", signed=True))
            with suppress(KeyError):
                self.selector.unregister(client)
            client.close()


def become(words, safe, python, environment, folder, fds) -> None:
    """Become the program that a client asked for, in a fork of the server; never returns."""
    status = 1
    try:
        ENGINE._forget_exits()
        _take_files(fds)
        os.setpgid(0, 0)
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment)
        time.tzset()
        tempfile.tempdir = None  # what was imported may have asked for it in the server's environment
        sys.dont_write_bytecode = bool(environment.get("PYTHONDONTWRITEBYTECODE"))
        sys.executable = python
        sys.orig_argv = [python, *words]
        sys.argv = {"-m": words[1:], "-c": ["-c", *words[2:]]}.get(words[0], words)
        first = {"-m": folder, "-c": ""}.get(words[0], os.path.dirname(os.path.abspath(words[0])))
        paths = environment.get("PYTHONPATH", "").split(os.pathsep)
        sys.path[:0] = ([] if safe else [first]) + [path for path in paths if path]
        sys.meta_path.insert(0, ENGINE._Imported("torch"))
        status = _status(words)
        threading._shutdown()
        atexit._run_exitfuncs()
    except BaseException:
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            with suppress(BaseException):
                stream.flush()
        os._exit(status)


def _status(words: list[str]) -> int:
    """Run the program and return its exit status."""
    try:
        if words[0] == "-m":
            runpy.run_module(words[1], run_name="__main__", alter_sys=True)
        elif words[0] == "-c":
            exec(compile(words[1], "<string>", "exec"), {"__name__": "__main__"})
        else:
            runpy.run_path(words[0], run_name="__main__")
    except SystemExit as end:
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException as error:
        traceback.print_exc()
        return 130 if isinstance(error, KeyboardInterrupt) else 1
    return 0


def _take_files(fds: dict[int, int]) -> None:
    """Give the client's open files the numbers that they have there, and close all others."""
    high = 1 + max([*fds, *fds.values(), 256])
    held = {number: os.dup2(fd, high + place) for place, (number, fd) in enumerate(fds.items())}
    os.closerange(0, high)
    for number, fd in held.items():
        os.dup2(fd, number, inheritable=True)
        os.close(fd)


def _all(client: socket.socket, count: int) -> bytes:
    parts = b""
    while len(parts) < count:
        if not (part := client.recv(count - len(parts))):
            return b""
        parts += part
    return parts


def main() -> None:
    """Import what is large, then serve until killed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in LARGE:
            importlib.import_module(name)
        sys.modules["matplotlib.mathtext"].MathTextParser("path").parse("$0$")  # makes its grammar
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: end with the tests
    gc.freeze()  # else the first collection in each fork copies all memory
    Serving(*sys.argv[1:]).serve()


if __name__ == "__main__":
    main()
