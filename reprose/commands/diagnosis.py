"""Why an invocation of Snakemake failed, for those faults that no step told of: a kill, a full disk, a lost program."""

import re
import signal
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

from reprose.base.errors import ReproseError
from reprose.base.messages import MARK
from reprose.base.system_errors import refusal_in

AGAIN = "Run the same command again; what was finished is kept."
SHOWN = 40  # lines of Snakemake that are shown where nothing better is known
OWN = re.compile(r" *[\d.]+ s  \S+$|Matplotlib is building the font cache")  # the end of a step; no print of a job
KEPT = 2000  # lines of Snakemake in which the system's words are looked for


@dataclass
class Said:
    """What one invocation of Snakemake said."""

    lines: deque[str] = field(default_factory=lambda: deque(maxlen=KEPT))  # its output, with that of the steps
    errors: list[str] = field(default_factory=list)  # its own errors
    is_told: bool = False  # whether the person was told of an error

    def hear(self, line: str) -> None:
        """Take in a line of output."""
        self.lines.append(line)
        self.is_told |= line.startswith(f"{MARK}error")

    @property
    def refused(self) -> ReproseError | None:
        """Return what the operating system refused, by what others than the steps say."""
        return refusal_in("".join(line for line in self.lines if not line.startswith(MARK)))


def diagnosis(status: int, said: Said) -> list[str]:
    """Return what to tell of an invocation that failed with the exit status `status`, beside what was told."""
    if refused := said.refused:
        return [f"error: {refused}"]
    if status < 0:
        return [f"error: Snakemake was ended by {signal.Signals(-status).name}. {AGAIN}"]
    if said.is_told:
        return []
    return [f"error: {error}" for error in said.errors] or "".join(list(said.lines)[-SHOWN:]).splitlines()


def has_prints(log: str) -> bool:
    """Return whether the log of a job that ended well holds more than the step itself says."""
    path = Path(log)
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines() if path.exists() else []
    return any(line.strip() and not line.startswith(MARK) and not OWN.match(line) for line in lines)


def silence(name: str, logs: list[str]) -> str | None:
    """Return what to tell of a job that failed without an error of its own in its logs; None where it told."""
    texts = [path.read_text(encoding="utf-8", errors="replace") for path in map(Path, logs) if path.exists()]
    lines = [line.strip() for text in texts for line in text.splitlines() if line.strip()]
    if any(line.startswith(f"{MARK}error") for line in lines):
        return None
    last = f" The last words of {logs[0]}: {lines[-1]}" if lines else ""
    return f"error: {name}: the job ended without a message, as after a kill or for want of memory. {AGAIN}{last}"
