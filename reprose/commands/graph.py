"""A picture of the jobs behind the handouts: what each reads, what is up to date, what will run and why.

It is drawn without any other program. A row is a variant of a problem, a column a rule; the batches of a variant are
one box. A box tells its jobs and their reasons when it is pointed at.
"""

import argparse
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from statistics import fmean

from reprose.base.files import write_whole
from reprose.commands.forecast.reasons import why
from reprose.commands.plan import without_lacking
from reprose.commands.snakefile import load_jobs
from reprose.config import reading
from reprose.jobs import locks
from reprose.jobs.assessment import BACK, Assessment
from reprose.jobs.digests import Digests
from reprose.jobs.job import Job
from reprose.jobs.rules import RULES

FILLS = {  # what becomes of a job -> colour; those of colour-blind safe scales, and each box has a sign as well
    "will run": ("#f4a582", "▶"),
    "may run": ("#fee391", "?"),
    "comes back": ("#92c5de", "↺"),
    "up to date": ("#c7e9c0", "✓"),
}
ABOVE, LEFT, COLUMN, ROW = 70, 20, 175, 34  # pixels
WIDTH, HEIGHT = 145, 24  # of a box
LETTERS = 17  # of a name in a box
SHOWN = 8  # jobs that a box names
STYLE = "text{font:12px sans-serif}.rule{font-weight:bold}.edge{fill:none;stroke:#999}rect{stroke:#555}"


@dataclass
class Box:
    """Jobs of one rule that stand side by side: the batches of a variant, or one job."""

    rule: str
    label: str
    fate: str  # what becomes of its jobs: of several, what is told first in `FILLS`
    told: list[str]  # a line for each job
    needs: set[str] = field(default_factory=set)  # the names of boxes whose outputs it reads
    row: float = 0.0

    @property
    def column(self) -> int:
        """Return the place of its rule among the rules."""
        return list(RULES).index(self.rule)


def run(arguments: argparse.Namespace) -> int:
    """Draw the jobs of a tier and say where the picture is."""
    root = Path.cwd()
    jobs = without_lacking(load_jobs(reading.load(root / "config.yaml"), root)[arguments.tier])
    assessment = Assessment(jobs, Digests(locks.FOLDER / "digests.json"))
    path = Path("results", jobs.tier, "graph.svg")
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, drawn(boxes(assessment)).encode())
    counts = Counter(fates(assessment).values())
    print(f"{path}: {', '.join(f'{counts[fate]} {fate}' for fate in FILLS if counts[fate])}")
    return 0


def fates(assessment: Assessment) -> dict[str, str]:
    """Return what becomes of each job, by its record."""
    found = {
        record: "comes back" if each.state == BACK else "up to date" for record, each in assessment.findings.items()
    }
    found |= {job.record: "may run" for job in assessment.may}
    return found | {job.record: "will run" for job in assessment.must}


def boxes(assessment: Assessment) -> dict[str, Box]:
    """Return all boxes by name, each with its row."""
    jobs, becomes = assessment.jobs, fates(assessment)
    groups: dict[str, list[Job]] = {}
    for job in jobs.all:
        groups.setdefault(_name(job), []).append(job)
    found = {}
    for name, members in groups.items():
        states = [becomes[job.record] for job in members]
        label = list(_shown(members[0]).values())[-1] + (f" ×{len(members)}" if len(members) > 1 else "")
        told = [_told(assessment, job, state) for job, state in zip(members, states, strict=True)]
        found[name] = Box(members[0].rule, label, min(states, key=list(FILLS).index), told)
    names = {job.record: _name(job) for job in jobs.all}
    for record, sources in jobs.needs.items():
        found[names[record]].needs |= {names[source] for source in sources}
    _place(found, groups)
    return found


def drawn(boxes: Mapping[str, Box]) -> str:
    """Return the picture as SVG."""
    rules = list(RULES)
    high = ABOVE + ROW * (max((box.row for box in boxes.values()), default=0) + 1)
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + COLUMN * len(rules)}" height="{high:.0f}">']
    parts.append(f'<style>{STYLE}</style><rect width="100%" height="100%" style="fill:white;stroke:none"/>')
    for place, (fate, (colour, sign)) in enumerate(FILLS.items()):
        parts.append(_rect(LEFT + place * 110, 8, 14, 14, colour))
        parts.append(_text(LEFT + place * 110 + 20, 20, f"{sign} {fate}"))
    parts += [_text(LEFT + COLUMN * place, ABOVE - 18, rule, "rule") for place, rule in enumerate(rules)]
    parts += [_edge(boxes[source], box) for box in boxes.values() for source in sorted(direct(box, boxes))]
    return "\n".join([*parts, *map(_box, boxes.values()), "</svg>", ""])


def direct(box: Box, boxes: Mapping[str, Box]) -> set[str]:
    """Return what a box needs but for what it also needs through another box, whose lines tell of it."""
    return box.needs - {far for source in box.needs for far in boxes[source].needs}


def _place(boxes: Mapping[str, Box], groups: Mapping[str, Sequence[Job]]) -> None:
    """Give each variant a row, in the order of problems, and each other box one near those that it is linked with."""
    rows = _rows(job for jobs in groups.values() for job in jobs)
    for name, box in boxes.items():
        named = groups[name][0].wildcards
        own = [
            row
            for (problem, variant), row in rows.items()
            if problem == named.get("problem") and variant == named.get("variant", variant)
        ]
        box.row = fmean(own) if own else -1
    for rule in ("prepare", "fetch", "typeset"):  # each next to what has its row by then
        for name, box in reversed(boxes.items()):  # a view that another is made of stands before it
            if box.rule == rule:
                linked = [boxes[source] for source in direct(box, boxes)]
                linked += [other for other in boxes.values() if name in other.needs]
                box.row = fmean([other.row for other in linked if other.row >= 0] or [0])
    for rule in RULES:
        below = 0.0
        for box in sorted((box for box in boxes.values() if box.rule == rule), key=lambda box: box.row):
            box.row = max(box.row, below)
            below = box.row + 1


def _rows(jobs: Iterable[Job]) -> dict[tuple[str, str], float]:
    """Return the row of each variant of each problem; between problems, half a row is left."""
    named: dict[str, dict[str, None]] = {}
    for job in jobs:
        if "problem" in job.wildcards:
            variants = named.setdefault(job.wildcards["problem"], {})
            if "variant" in job.wildcards:
                variants[job.wildcards["variant"]] = None
    found, row = {}, 0.0
    for problem, variants in named.items():
        for variant in variants or {"": None}:
            found[problem, variant] = row
            row += 1
        row += 0.5
    return found


def _name(job: Job) -> str:
    return "/".join([job.rule, *_shown(job).values()])


def _shown(job: Job) -> dict[str, str]:
    return {name: value for name, value in job.wildcards.items() if name not in ("tier", "batch")}


def _told(assessment: Assessment, job: Job, fate: str) -> str:
    reasons = why(assessment.findings[job.record]) if fate == "will run" else ()
    return "\n".join([f"{job.name}: {fate}", *(f"  {line}" for reason in reasons for line in reason.splitlines())])


def _box(box: Box) -> str:
    colour, sign = FILLS[box.fate]
    x, y = _corner(box)
    name = box.label if len(box.label) <= LETTERS else f"{box.label[: LETTERS - 1]}…"
    more = [f"and {len(box.told) - SHOWN} more"] if len(box.told) > SHOWN else []
    told = escape("\n".join([*sorted(box.told, key=lambda line: "up to date" in line)[:SHOWN], *more]))
    return f"<g><title>{told}</title>{_rect(x, y, WIDTH, HEIGHT, colour)}{_text(x + 6, y + 16, f'{sign} {name}')}</g>"


def _edge(source: Box, target: Box) -> str:
    (x, y), (to_x, to_y) = _corner(source), _corner(target)
    x, y, to_y = x + WIDTH, y + HEIGHT / 2, to_y + HEIGHT / 2
    half = (x + to_x) / 2
    return f'<path class="edge" d="M{x:.0f} {y:.0f}C{half:.0f} {y:.0f} {half:.0f} {to_y:.0f} {to_x:.0f} {to_y:.0f}"/>'


def _corner(box: Box) -> tuple[float, float]:
    return LEFT + COLUMN * box.column, ABOVE + ROW * box.row


def _rect(x: float, y: float, width: float, height: float, colour: str) -> str:
    return f'<rect x="{x:.0f}" y="{y:.0f}" width="{width}" height="{height}" rx="4" fill="{colour}"/>'


def _text(x: float, y: float, text: str, kind: str = "") -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" class="{kind}">{escape(text)}</text>'
