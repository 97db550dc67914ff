"""The Makefile sets up .venv once, and anew where it has to."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
# Stands for a Python: makes environments that hold their own path as real ones do, and notes what it is asked for.
PYTHON = """#!/bin/sh
echo "$@" >> "$LOG"
echo "$REPROSE_STORE" > "$LOG.store"
if [ "$2" = venv ]; then
    mkdir -p .venv/bin && cp "$0" .venv/bin/python && echo "command = $0 -m venv $PWD/.venv" > .venv/pyvenv.cfg
fi
"""


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "a place"
    shutil.copytree(ROOT / "workflow/envs", made / "workflow/envs")
    shutil.copy(ROOT / "Makefile", made)
    for name in ("requirements.txt", "constraints.txt"):
        (made / name).touch()
    python = tmp_path / "python"
    python.write_text(PYTHON)
    python.chmod(0o755)
    return made


def asked(folder, *words):
    """Run `make plan` and return what Python is asked for, but for the question about its version."""
    log = folder.parent / "log"
    log.write_text("")
    command = ["make", "plan", f"PYTHON={folder.parent / 'python'}", *words]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    done = subprocess.run(command, cwd=folder, env={**kept, "LOG": str(log)}, check=True, stderr=subprocess.PIPE)
    assert not done.stderr or b"skew" in done.stderr
    return [" ".join(line.split()[:3]) for line in log.read_text().splitlines() if not line.startswith("-c")]


def store(folder):
    """Return the stores that Python was told of last."""
    return (folder.parent / "log.store").read_text().strip()


PLAN = "-m reprose plan"
SET_UP = ["-m venv .venv", "-m pip install", PLAN]
ANEW = ["-m venv --clear", "-m pip install", PLAN]


def test_an_environment_is_set_up_once(folder):
    assert asked(folder) == SET_UP
    assert asked(folder) == [PLAN]


@pytest.mark.parametrize("take", [shutil.move, lambda old, new: shutil.copytree(old, new, symlinks=True)])
def test_an_environment_that_was_moved_or_copied_is_set_up_anew(folder, take):
    asked(folder)
    other = folder.parent / "another"
    take(folder, other)
    assert asked(other) == ANEW
    assert asked(other) == [PLAN]


def test_an_environment_that_a_link_leads_to_is_not_taken_for_a_moved_one(folder):
    asked(folder)
    other = folder.parent / "another"
    shutil.copytree(folder, other, ignore=shutil.ignore_patterns(".venv"))
    (other / ".venv").symlink_to(folder / ".venv")
    assert asked(other) == [PLAN]


def test_requirements_that_are_ahead_of_the_clock_are_installed_once(folder):
    os.utime(folder / "requirements.txt", (2**32, 2**32))
    assert asked(folder) == SET_UP
    assert asked(folder) == [PLAN]


def test_stores_are_named_by_the_call_or_by_the_environment(folder, monkeypatch):
    monkeypatch.setenv("REPROSE_STORE", "/usual")
    asked(folder)
    assert store(folder) == "/usual"
    asked(folder, "STORE=readonly+/shared/results s3://bucket/results")
    assert store(folder) == "readonly+/shared/results s3://bucket/results"
