"""What a step says to the person who builds, and texts that others wrote, made safe to be shown."""

import re
import sys
from collections.abc import Iterable

from reprose.base.errors import masked

MARK = "| "  # begins each line that a step says to the person; the front door shows these, and hides Snakemake's own
ESCAPES = re.compile(  # sequences that move the cursor, colour, clear, or set a title
    r"\x1b\[[0-?]*[ -/]*(?:[@-~]|$)"
    r"|\x1b[\]PX^_].*?(?:\x07|\x1b\\|$)"
    r"|\x1b[ -/]*[0-~]?"
)
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # all but tabulator and line feed


def harmless(text: str) -> str:
    """Return `text` without what controls a terminal; of what a line overwrote, the last state."""
    lines = [line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n")]
    return "\n".join(CONTROLS.sub("", ESCAPES.sub("", line)) for line in lines)


def did_you_mean(near: Iterable[str]) -> str:
    """Return " Did you mean 'this' or 'that'?"; nothing where no name is near."""
    shown = " or ".join(f"'{name}'" for name in near)
    return f" Did you mean {shown}?" if shown else ""


def plural(count: int, noun: str) -> str:
    """Return "1 job", "2 jobs": a count with its noun, whose plural ends in s."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def say(text: str) -> None:
    """Tell the person who builds."""
    print("\n".join(f"{MARK}{line}" for line in masked(harmless(text)).splitlines()), file=sys.stderr, flush=True)
