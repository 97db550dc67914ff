"""Which numbers of the handouts changed since a commit, and whether by more than seed noise: `make diff REV=...`."""

import argparse
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from reprose.base.canonical import read_json
from reprose.base.errors import ReproseError
from reprose.base.messages import harmless, plural
from reprose.commands.comparison import earlier
from reprose.commands.comparison.shifts import (
    BEYOND,
    EXACT,
    UNTESTED,
    WITHIN,
    Change,
    Section,
    decimals,
    printed,
    sections,
)
from reprose.commands.git import commit_of, git
from reprose.commands.remembered import Numbers, remembered
from reprose.jobs.record import here_or_aside
from reprose.numbers import claims
from reprose.numbers.registry import Item, Table, Text

WIDTH = 100
LISTED = 12  # numbers that are new or gone, the rest only counted


def run(arguments: argparse.Namespace) -> int:
    """Print which numbers changed since a commit; those of today are brought up to date first."""
    print(harmless("\n".join(compared(arguments.revision, arguments.tier))))
    return 0


def compared(revision: str, tier: str) -> list[str]:
    """Return the comparison as lines for a person, once both sides are built as far as their numbers."""
    commit = commit_of(revision)
    if remembered(commit, tier) is None:
        earlier.check_age(commit)
    root = Path.cwd()
    earlier.measure(root, tier)
    new, handouts = earlier.numbers_in(root, tier), earlier.measured(root, tier)
    old = remembered(commit, tier)
    if old is None:
        print(f"building the numbers of {commit[:12]} in a work tree of its own", flush=True)
        old = earlier.rebuilt(commit, tier)
    title = f"{commit[:12]} ({git('log', '--max-count=1', '--format=%s', commit)}), {tier} tier"
    lone = [f"{'new' if name in new else 'gone, or not built'}: {name}" for name in sorted(old.keys() ^ new.keys())]
    return told(title, sections(old, new), handouts) + flipped(old, new, tier) + lone


def told(title: str, found: list[Section], handouts: Mapping[str, list[str]]) -> list[str]:
    """Return what changed in words; `handouts` names the handouts of each problem."""
    changes = [change for section in found for change in section.changes]
    seen = [change for change in changes if change.is_visible]
    beyond = sum(change.verdict == BEYOND for change in seen)
    known = plural(sum(section.total for section in found), "number")
    lines = [
        f"since {title}:",
        f"{len(seen)} of {known} changed, {beyond} of them beyond seed noise",
    ]
    if beyond:
        lines.append("(by 95 % intervals: of changes that are seed noise, 1 in 20 seems to be beyond it)")
    if len(changes) > len(seen):
        lines.append(f"{len(changes) - len(seen)} more changed by less than their printed decimals show")
    for section in found:
        if body := _body(section):
            where = ", ".join(handouts.get(section.problem, []))
            lines += ["", f"{section.problem}, {f'in {where}' if where else 'in no handout'}", *body]
    return lines


def flipped(old: Numbers, new: Numbers, tier: str) -> list[str]:
    """Return the claims of the sections, as last written, that hold on one side only."""
    lines = []
    for problem in sorted(old.keys() & new.keys()):
        for claim in _claims(Path("results", tier, problem, "section")):
            parts = [[part[name] for name in ("left", "relation", "right")] for part in claim["comparisons"]]
            relation = " and ".join(" ".join(part) for part in parts)
            try:
                before, after = (claims.holds(relation, _as_seen_by(problem, side)) for side in (old, new))
            except ReproseError:  # it speaks of a number that one side does not have
                continue
            if before != after:
                lines += _wrapped(f"{problem}: {'no longer holds' if before else 'holds now'}: {claim['label']}")
    return ["", "claims:", *lines] if lines else []


def _as_seen_by(problem: str, side: Numbers) -> dict[str, Item]:
    """Return the numbers that the section of `problem` may name: its own, and "other/key"."""
    others = {f"{other}/{key}": item for other, items in side.items() for key, item in items.items()}
    return {**others, **side[problem]}


def _claims(folder: Path) -> list[dict[str, Any]]:
    """Return the claims of a section as it was last written, also if it was set aside since."""
    path = here_or_aside(folder / "claims.json")
    return read_json(path) if path.exists() else []


def _body(section: Section) -> list[str]:
    seen = [change for change in section.changes if change.is_visible]
    lines = [line for change in sorted(seen, key=_order) for line in _line(change)]
    for old, new in section.texts:
        lines += _wrapped(f"{new.key}: {_short(old.value)} -> {_short(new.value)}")
    for word, items in (("new", section.added), ("gone", section.removed)):
        shown = ", ".join(f"{item.key} {_shown(item)}" for item in items[:LISTED])
        more = f" and {len(items) - LISTED} more" if len(items) > LISTED else ""
        lines += _wrapped(f"{word}: {shown}{more}") if items else []
    return lines


def _order(change: Change) -> tuple[int, str]:
    return [BEYOND, EXACT, UNTESTED, WITHIN].index(change.verdict), change.new.key


def _line(change: Change) -> list[str]:
    """Return one change on one line, or with its key on a line of its own."""
    digits, found = max(map(decimals, (change.old, change.new))), change.difference
    shift = change.new.value - change.old.value
    values = f"{_shown(change.old)} -> {_shown(change.new)}  {shift:+.{digits + 1}f}"
    if found and found.low is not None and found.high is not None:
        values += f" [{found.low:+.{digits + 1}f}, {found.high:+.{digits + 1}f}]"
    seeds = f", {found.n} seeds{'' if change.paired else ', not the same'}" if found and found.n > 1 else ""
    text = f"{values}  {change.verdict}{seeds}"
    line = f"  {change.new.key:<26} {text}"
    return [line] if len(line) <= WIDTH else [f"  {change.new.key}", f"      {text}"]


def _shown(item: Item) -> str:
    if isinstance(item, Text):
        return _short(item.value)
    if isinstance(item, Table):
        return f"a table of {plural(len(item.rows), 'row')}"
    return printed(item) + (item.unit if item.unit == "%" else f" {item.unit}" if item.unit else "")


def _short(text: str) -> str:
    return f"'{textwrap.shorten(text, 60)}'"


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent="  ", subsequent_indent="      ", break_on_hyphens=False)
