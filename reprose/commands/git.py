"""Questions to git about the repository that holds the project."""

import os
import subprocess
from pathlib import Path

from reprose.base.errors import ReproseError
from reprose.steps.frame import COMMIT_VARIABLE


def git(*arguments: str) -> str | None:
    """Return what git answers, or None where it refuses or is not installed."""
    try:
        done = subprocess.run(["git", *arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    except FileNotFoundError:
        return None
    return None if done.returncode else done.stdout.strip()


def commit_of(revision: str) -> str:
    """Return the full name of a commit; a folder without git or an unknown revision is an error."""
    if git("rev-parse", "--show-toplevel") is None:
        raise ReproseError(f"{Path.cwd()}: not a git repository, so there is no earlier commit to compare with.")
    recent = (git("log", "--oneline", "--max-count=5") or "none").replace("\n", "\n  ")
    if not revision:
        raise ReproseError(f"which commit? Say 'make diff REV=HEAD~1'. The last ones are:\n  {recent}")
    found = git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if not found:
        raise ReproseError(f"REV='{revision}' is no commit of this repository. The last ones are:\n  {recent}")
    return found


def note_commit() -> None:
    """Let what this process starts know which commit is built, unless it was told itself."""
    os.environ.setdefault(COMMIT_VARIABLE, git("describe", "--always", "--dirty", "--abbrev=40") or "")


def clean_commit() -> str:
    """Return the commit that the files here are, and were when the build began; "" where they are not as committed."""
    began = os.environ.get(COMMIT_VARIABLE, "")
    if not began or began.endswith("-dirty") or git("status", "--porcelain", "--", ".") != "":
        return ""
    head = git("rev-parse", "HEAD")
    return head if head and head == git("rev-parse", "--verify", "--quiet", f"{began}^{{commit}}") else ""
