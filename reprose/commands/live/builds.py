"""Builds of the front door, one after another, each in a new process that is started before it is needed."""

import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress

from reprose.base.package import ENGINE

COMMAND = (sys.executable, "-m", f"{ENGINE.name}.commands.live.warm")
BESIDE = re.compile(r"\[\d+/\d+\] |What was finished is kept|[\d.]+ s$")  # begins a line that tells of no fault


class Builds:
    """Runs `reprose WORDS` as often as asked, with the code and settings that are there then."""

    def __init__(self, words: Iterable[str]) -> None:
        self.words = list(words)
        self.next = self._start()

    def run(self, hear: Callable[[str], None]) -> tuple[int, str]:
        """Build; return the exit status, and where that is not 0 what was said of it. `hear` gets each line at once.

        Where a signal breaks that off, the build is ended as one that stands alone would be, and what the signal raised
        goes on.
        """
        if self.next.poll() is not None:
            self.next = self._start()
        running = self.next
        lines: list[str] = []

        def listen() -> None:
            for line in running.stdout:
                lines.append(line.decode(errors="replace").rstrip("\n"))
                hear(lines[-1])

        with running:
            try:
                with suppress(BrokenPipeError):  # a build that could not even start says why
                    running.stdin.write(b"build\n")
                    running.stdin.close()
                listen()
            except BaseException as reason:
                running.send_signal(signal.SIGINT if isinstance(reason, KeyboardInterrupt) else signal.SIGTERM)
                listen()
                raise
        self.next = self._start()
        return running.returncode, fault(lines) if running.returncode else ""

    def renew(self) -> None:
        """Start the build that waits anew, as the engine itself has changed."""
        self.end()
        self.next = self._start()

    def end(self) -> None:
        """End the build that waits."""
        with self.next:
            self.next.kill()

    def _start(self) -> subprocess.Popen[bytes]:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        return subprocess.Popen([*COMMAND, *self.words], start_new_session=True, **pipes)  # keys reach this one alone


def fault(lines: Iterable[str]) -> str:
    """Return what a build that failed says of it: all from its first error on, but for the lines beside."""
    told = [line for line in lines if not BESIDE.match(line)]
    first = next((number for number, line in enumerate(told) if line.startswith("error")), 0)
    return "\n".join(told[first:])
