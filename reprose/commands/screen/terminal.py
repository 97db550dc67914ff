"""Whether a build was started on a terminal where a bar can move, and what shows it there or elsewhere."""

import os
import sys

from reprose.commands.screen.lines import Lines
from reprose.commands.screen.progress import Progress


def can_move() -> bool:
    """Return whether standard output is a terminal on which a bar can move, and that knows its signs."""
    if not sys.stdout.encoding.lower().startswith("utf"):
        return False
    return sys.stdout.isatty() and os.environ.get("TERM", "dumb") not in ("", "dumb", "unknown")


def opened(progress: Progress) -> Lines:
    """Return what shows a build where it was started."""
    if not can_move():
        return Lines(progress)
    from reprose.commands.screen.bar import Bar  # here, as what it needs takes a while to load

    return Bar(progress)
