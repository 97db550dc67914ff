"""The index of records that ends the PDF: one page that says what each job made, and where that is first used."""

from collections.abc import Sequence

from reprose.jobs.record import Record
from reprose.numbers.printing import anchor, breakable

DIGITS = 8  # of a key's digest
LINES = 148  # that one page holds, about, with the headings
MADE = {
    **{"fetch": "raw files", "prepare": "parts", "train": "weights", "choose": "winner", "evaluate": "test"},
    **{"plot": "figures", "summarize": "numbers", "write": "text"},
}


def index(provenance: Sequence[Record]) -> str:
    """Return the LaTeX of the index: a line for each job, or of many jobs for each variant, or for each problem."""
    problems: dict[str, list[Record]] = {}
    for record in provenance:
        problems.setdefault(record.name.split("/")[0], []).append(record)
    made: list[str] = []
    for depth in (9, 2, 1):
        made = [line for name, records in problems.items() for line in _lines(name, records, depth)]
        if len(made) <= LINES:
            break
    return "\n".join(["% made from the records of the jobs", *made, ""])


def _lines(problem: str, records: Sequence[Record], depth: int) -> list[str]:
    """Return the lines of one problem, one for what agrees in the first `depth` parts of the name."""
    groups: dict[str, list[Record]] = {}
    for record in records:
        parts = record.name.split("/")
        name = record.name if depth > len(parts) else "/".join(parts[:depth]) if len(parts) > depth else problem
        groups.setdefault(name, []).append(record)
    own = groups.pop(problem, [])
    heading = _line(problem, own) if own else rf"\pvheading{{{breakable(problem)}}}"
    return [heading, *(_line("/".join(_place(members)), members) for members in groups.values())]


def _place(members: Sequence[Record]) -> list[str]:
    place = members[0].name.split("/")[1:-1]
    return place[:1] if len(members) > 1 else place


def _line(label: str, members: Sequence[Record]) -> str:
    command = "pvproblem" if label == members[0].name.split("/")[0] else "pvline"
    names = ",".join(anchor(record.name) for record in members)
    key = members[-1].key_digest[:DIGITS]
    return rf"\{command}{{{names}}}{{{breakable(label)}}}{{{_made(members)}}}{{{key}}}"


def _made(members: Sequence[Record]) -> str:
    """Return what the jobs made: "weights (12 batches), winner, test"."""
    rules = [record.key["rule"] for record in members]
    counts = {rule: rules.count(rule) for rule in dict.fromkeys(rules)}
    words = [
        MADE.get(rule, rule) + (f" ({count} batches)" if rule == "train" and count > 1 else "")
        for rule, count in counts.items()
    ]
    return ", ".join(words)
