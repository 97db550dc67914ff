"""Faults of the project's own code in words: where, what, and in which part of the work."""

import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

CODE = "scripts"  # the folder of a project's own code
CALLS = "The calls that led there stand in"  # and then the job's log, in the last line of what is told


def in_project(error: BaseException) -> traceback.FrameSummary | None:
    """Return the innermost place in the project's own code that `error` came through, or None."""
    own = Path(CODE).absolute()
    frames = traceback.extract_tb(error.__traceback__)
    return next((frame for frame in reversed(frames) if Path(frame.filename).is_relative_to(own)), None)


def told(error: BaseException, place: traceback.FrameSummary) -> str:
    """Return what went wrong at `place`, after the notes of who called; then the line of code."""
    notes = [f"{note}: " for note in getattr(error, "__notes__", ())]
    file = Path(place.filename).relative_to(Path.cwd())
    said = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return f"{''.join(notes)}{file}:{place.lineno}: {said}" + (f"\n  {place.line}" if place.line else "")


def kind(value: Any) -> str:
    """Return what a value is, in words: "nothing (None)", "a float"."""
    return "nothing (None)" if value is None else f"a {type(value).__name__}"


def named(function: Callable[..., Any]) -> str:
    """Return file and name of a function of the project: "scripts/problems/toy/train.py: measure"."""
    module, name = getattr(function, "__module__", ""), getattr(function, "__name__", "")
    return f"{module.replace('.', '/')}.py: {name}" if module and name else repr(function)
