"""Questions to git about the repository that holds the project."""

import os
import subprocess
from pathlib import Path

from reprose.base.errors import ReproseError
from reprose.steps.frame import COMMIT_VARIABLE

# Beside the files that git knows, what a build may use of those that it does not: modules, templates, styles, rules.
SOURCES = ("scripts/*.py", "reprose/*.py", "report/*/[a-z]*.j2", "report/style/[a-z]*", "workflow/rules/*.smk")


def git(*arguments: str) -> str | None:
    """Return what git answers, or None where it refuses or is not installed."""
    done = _run(*arguments)
    return None if done is None or done.returncode else done.stdout.strip()


def commit_of(revision: str) -> str:
    """Return the full name of a commit; a folder without git or an unknown revision is an error."""
    if not _knows_the_project():
        raise ReproseError(f"{Path.cwd()}: {_reason()}, so there is no earlier commit to compare with.")
    recent = (git("log", "--oneline", "--max-count=5") or "none").replace("\n", "\n  ")
    if not revision:
        raise ReproseError(f"which commit? Say 'make diff REV=HEAD~1'. The last ones are:\n  {recent}")
    found = git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if not found:
        raise ReproseError(f"REV='{revision}' is no commit of this repository. The last ones are:\n  {recent}")
    return found


def note_commit() -> None:
    """Let what this process starts know which commit is built, unless it was told itself."""
    if COMMIT_VARIABLE not in os.environ:
        os.environ[COMMIT_VARIABLE] = _commit_here() if _knows_the_project() else ""


def clean_commit() -> str:
    """Return the commit that the files here are, and were when the build began; "" where they are not as committed."""
    began = os.environ.get(COMMIT_VARIABLE, "")
    if not began or began.endswith("-dirty") or git("status", "--porcelain", "--", ".") != "":
        return ""
    head = git("rev-parse", "HEAD")
    return head if head and head == git("rev-parse", "--verify", "--quiet", f"{began}^{{commit}}") else ""


def _commit_here() -> str:
    """Return the commit of the files here, with "-dirty" where one is edited, or one in use is not git's."""
    found = git("describe", "--always", "--dirty", "--abbrev=40") or ""
    is_more = found and not found.endswith("-dirty") and git("ls-files", "--others", "--", *SOURCES) != ""
    return f"{found}-dirty" if is_more else found


def _knows_the_project() -> bool:
    """Return whether git has the project; a copy that lies in a repository of something else is not that one's."""
    return git("ls-files", "--error-unmatch", "--", "config.yaml") is not None


def _reason() -> str:
    """Return why git does not know the project."""
    asked = _run("rev-parse", "--show-toplevel")
    if asked is None:
        return "git is not installed"
    if not asked.returncode:
        return f"its config.yaml is in no commit of the git repository {asked.stdout.strip()}"
    said = asked.stderr.strip().splitlines()
    return "not a git repository" if not said or "not a git repository" in said[0] else f"git says '{said[0]}'"


def _run(*arguments: str) -> subprocess.CompletedProcess[str] | None:
    """Return how git ended, or None where it is not installed."""
    reading = {"capture_output": True, "encoding": "utf-8", "errors": "replace", "stdin": subprocess.DEVNULL}
    try:
        return subprocess.run(["git", *arguments], check=False, **reading)
    except OSError:
        return None
