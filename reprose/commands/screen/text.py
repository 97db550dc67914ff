"""Text that others wrote, made safe for a terminal, and times in few characters."""

import re

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


def clock(seconds: float) -> str:
    """Return a time as a clock shows it: "0:07", "12:03", "1:02:03"."""
    minutes, left = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"
