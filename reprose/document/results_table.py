"""Tables of results as LaTeX, in the look of all tables of a handout."""

from collections.abc import Callable

from reprose.numbers.printing import Latex, escape
from reprose.numbers.registry import Number, Table

ARROWS = {"lower": Latex(r"$\downarrow$"), "higher": Latex(r"$\uparrow$"), "": Latex("")}


def printed(
    table: Table, number: Callable[[Number, bool], Latex], marked: Callable[[str, Latex], Latex], long: bool
) -> Latex:
    """Return `table`; `number` prints a number with or without its unit, `marked` a text with the mark of its job."""
    places = range(len(table.columns))
    units = [_common({each.unit for each in table.column(place)}) for place in places]
    kind = "longtable" if long else "tabular"
    columns = "".join("r" if table.column(place) else "l" for place in places)
    head = Latex(" & ").join(_heading(table, place, units[place]) for place in places)

    def cell(value: Number | str, place: int) -> Latex:
        if isinstance(value, Number):
            return number(value, not units[place])
        return escape(value) if place < table.labels or not value else marked(table.source, escape(value))

    rows = (Latex(" & ").join(cell(value, place) for place, value in enumerate(row)) for row in table.rows)
    body = "".join(f"{row} \\\\\n" for row in rows)
    begins = rf"\begin{{{kind}}}{{@{{}}{columns}@{{}}}}"
    ends = "\n\\endhead" if long else ""
    return Latex(f"{begins}\n\\toprule\n{head} \\\\\n\\midrule{ends}\n{body}\\bottomrule\n\\end{{{kind}}}")


def _heading(table: Table, place: int, unit: str) -> Latex:
    better = _common({each.better for each in table.column(place)})
    shown = escape(f"{table.columns[place]} ({unit})" if unit else table.columns[place])
    return shown + Latex(r"\,") + ARROWS[better] if better else shown


def _common(found: set[str]) -> str:
    """Return the one member of a set; "" where there are others."""
    return next(iter(found)) if len(found) == 1 else ""
