"""Why an invocation of Snakemake failed, for those faults that no step told of: a kill, a full disk, a lost program."""

import re
import signal
from collections.abc import Iterable
from pathlib import Path

from reprose.base.messages import MARK
from reprose.base.system_errors import refusal_in

AGAIN = "Run the same command again; what was finished is kept."
SHOWN = 40  # lines of Snakemake that are shown where nothing better is known


def diagnosis(status: int, lines: Iterable[str]) -> list[str]:
    """Return what to tell of a failed Snakemake that ended with `status` and said `lines`, beside what steps told."""
    said = list(lines)
    text = "".join(said)
    found = [f"error: {log}: {fault}" for log in failed_logs(text) if (fault := silent(Path(log)))]
    refused = refusal_in("".join(line for line in said if not line.startswith(MARK)))
    if refused:
        return [f"error: {refused}"]
    if status < 0:
        return [f"error: Snakemake was ended by {signal.Signals(-status).name}. {AGAIN}"]
    if found or f"\n{MARK}error" in f"\n{text}":
        return found
    return "".join(said[-SHOWN:]).splitlines()


def failed_logs(text: str) -> list[str]:
    """Return the logs of the jobs that Snakemake reports as failed."""
    return list(dict.fromkeys(re.findall(r"^    log: (\S+) \(check log file", text, re.M)))


def silent(log: Path) -> str | None:
    """Return what to tell of a job that failed without an error of its own in its log; None where it told."""
    text = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
    if f"\n{MARK}error" in f"\n{text}":
        return None
    last = next((f" Its last words: {line.strip()}" for line in reversed(text.splitlines()) if line.strip()), "")
    return f"the job ended without a message, as after a kill or for want of memory. {AGAIN}{last}"
