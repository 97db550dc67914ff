"""What a step says to the person who builds."""

import sys

from reprose.base.errors import masked

MARK = "| "  # begins each line that a step says to the person; the front door shows these, and hides Snakemake's own


def say(text: str) -> None:
    """Tell the person who builds."""
    print("\n".join(f"{MARK}{line}" for line in masked(text).splitlines()), file=sys.stderr, flush=True)
