"""What `make diff` says about the numbers of an earlier commit, and what it leaves behind: nothing."""

import json
import os
import re
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from workflow.processes import wait_for
from workflow.project import HANGS, ROOT

NUMBERS = "results/sample/toy/numbers/numbers.json"


def git(project, *arguments):
    """Run git in the project and return what it says."""
    names = ["-c", "user.name=Someone", "-c", "user.email=someone@example.org", "-c", "commit.gpgsign=false"]
    return subprocess.run(
        ["git", *names, *arguments], cwd=project.folder, check=True, capture_output=True, text=True, timeout=60
    ).stdout.strip()


def commit(project, message):
    """Commit all that is not ignored."""
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "--message", message)
    return git(project, "rev-parse", "HEAD")


@pytest.fixture
def repository(toy):
    """The built toy project in a repository of its own."""
    shutil.copy(ROOT / ".gitignore", toy.folder)
    git(toy, "init", "--quiet")
    commit(toy, "Begin")
    return toy


def made(project):
    """Return all that is built, with times and places on the disk."""
    files = [path for top in ("data", "results") for path in (project.folder / top).rglob("*") if path.is_file()]
    return {str(path): (path.stat().st_ino, path.stat().st_mtime_ns, path.read_bytes()) for path in files}


def folder_of(process):
    """Return the working folder of a process, or "" where it has ended or is another user's."""
    try:
        return os.readlink(process / "cwd")
    except OSError:
        return ""


def told(text):
    """Return the lines of a comparison, without those of the builds before it and of their audits."""
    lines = text[text.index("since ") :].splitlines()
    return [line for line in lines if not line.startswith("audit: ")]


def compare(project, revision, check=True):
    """Return what `make diff` prints, with the lines of the builds before it."""
    return project.run(project.reprose("diff", revision), check).text


def test_the_same_changes_are_told_from_a_kept_build_and_from_one_made_again(repository):
    before = json.loads(repository.read(NUMBERS))
    repository.build()  # nothing to do, but the numbers of this commit are kept
    repository.edit("config.yaml", "epochs: 20", "epochs: 60")
    commit(repository, "Train longer")
    kept = compare(repository, "HEAD~1")
    assert "in a work tree" not in kept
    after = json.loads(repository.read(NUMBERS))
    assert before["plain.error"]["value"] != after["plain.error"]["value"]
    values = [f"{table['plain.error']['value']:.{table['plain.error']['digits']}f}" for table in (before, after)]
    assert re.search(rf"plain\.error\s+{values[0]} -> {values[1]}.*seed noise, 3 seeds", kept)
    assert re.search(r"follower\.error\s.*one seed: cannot tell", kept)
    assert re.search(r"effort\.epochs\s.*exact, no seeds", kept)
    assert "0 of 5 numbers changed" in compare(repository, "HEAD")
    shutil.rmtree(repository.folder / ".reprose/numbers")
    state = made(repository)
    again = compare(repository, "HEAD~1")
    assert "in a work tree" in again
    assert told(again) == told(kept) != []
    assert made(repository) == state
    assert git(repository, "worktree", "list").count("\n") == 0
    assert list((repository.folder / ".reprose/worktrees").iterdir()) == []
    assert "in a work tree" not in compare(repository, "HEAD~1")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_comparison_that_is_broken_off_leaves_no_work_tree_and_no_process(repository, number):
    repository.edit("config.yaml", "pause: 0.0", "pause: 600.0")
    commit(repository, "Wait for ever")
    repository.edit("config.yaml", "pause: 600.0", "pause: 0.0")
    state = made(repository)
    running = repository._start(repository.reprose("diff", "HEAD"))
    logs = repository.folder / ".reprose/worktrees"
    begun = "*/results/sample/toy/plain/.stale"
    wait_for(lambda: list(logs.glob(begun)) or running.poll() is not None, "a build in a work tree")
    os.kill(running.pid, number)
    said = running.communicate(timeout=HANGS)[0]
    assert running.returncode != 0, said
    assert "Traceback" not in said
    assert list(logs.iterdir()) == []
    assert git(repository, "worktree", "list").count("\n") == 0
    assert made(repository) == state
    assert [place for place in map(folder_of, Path("/proc").glob("[0-9]*")) if str(logs) in place] == []


def test_what_cannot_be_compared_is_said_at_once(toy):
    assert "not a git repository" in compare(toy, "HEAD", check=False)
    shutil.copy(ROOT / ".gitignore", toy.folder)
    git(toy, "init", "--quiet")
    (toy.folder / "scripts/reprose").mkdir()
    (toy.folder / "scripts/reprose/build.py").touch()
    commit(toy, "Begin with an engine among the scripts")
    shutil.rmtree(toy.folder / "scripts/reprose")
    old = toy.run(toy.reprose("diff", "HEAD"), check=False)
    assert old.code == 1 and "too old: its engine lies in scripts/reprose/" in old.text
    unknown = toy.run(toy.reprose("diff", "nowhere"), check=False)
    assert unknown.code == 1 and "REV='nowhere' is no commit" in unknown.text and "Begin with an engine" in unknown.text
    assert "make diff REV=HEAD~1" in compare(toy, "", check=False)
    assert toy.stamps()
