"""What a step says to the person who builds."""

import sys

MARK = "| "  # begins each line that a step says to the person; the front door shows these, and hides Snakemake's own


def say(text: str) -> None:
    """Tell the person who builds."""
    print("\n".join(f"{MARK}{line}" for line in text.splitlines()), file=sys.stderr, flush=True)
