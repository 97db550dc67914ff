"""Rows of tables and captions as they are printed: one mark for each job, and no row alone on a page."""

import re
from collections.abc import Callable

from reprose.document.verbatim import put_back, set_apart
from reprose.document.web.aux_file import argument

KEPT = 8  # rows of a long table that stay on one page; of a longer one the first and the last two
MARK = re.compile(r"\\(pv|pvm|pvn|pvmark)\{([^{}]*)\}")
QUIET = {"pv": "pvq", "pvm": "pvq", "pvn": "pvqn"}
CAPTION = re.compile(r"\\caption(?:\[[^\]]*\])?(?=\{)")
TABLE = re.compile(r"\\begin\{(tabular|longtable)(\*?)\}(.*?)\\end\{\1\2\}", flags=re.DOTALL)
ROW_END = re.compile(r"(\\\\\*?(?:\[[^\]]*\])?)")
HEADS = re.compile(r"(.*\\end(?:firsthead|head|foot|lastfoot)\b)", flags=re.DOTALL)


def laid_out(section: str) -> str:
    """Return the LaTeX of a section with its tables and captions as they are printed."""
    kept: list[str] = []
    text = set_apart(section, kept)
    text = TABLE.sub(lambda found: _row_by_row(_together(found) if found[1] == "longtable" else found[0]), text)
    return put_back(_captions(text, _one_mark), kept)


def _row_by_row(table: str) -> str:
    pieces = ROW_END.split(table)
    return "".join([_one_mark(piece) if number % 2 == 0 else piece for number, piece in enumerate(pieces)])


def _captions(text: str, made: Callable[[str], str]) -> str:
    parts, start = [], 0
    for found in CAPTION.finditer(text):
        inside, end = argument(text, found.end())
        parts += [text[start : found.end()], f"{{{made(inside)}}}"]
        start = end
    return "".join([*parts, text[start:]])


def _one_mark(piece: str) -> str:
    """Return `piece` in which of several marks of one job the last alone shows its square; all remain links."""
    found = list(MARK.finditer(piece))
    last = {mark[2]: mark.start() for mark in found}

    def shown(mark: re.Match[str]) -> str:
        if mark.start() == last[mark[2]]:
            return mark[0]
        return "" if mark[1] == "pvmark" else rf"\{QUIET[mark[1]]}{{{mark[2]}}}"

    return MARK.sub(shown, piece)


def _together(table: re.Match[str]) -> str:
    """Return a long table whose first and last rows no page break parts, nor any of a short one."""
    head = HEADS.match(table[0])
    start = head.end() if head else 0
    pieces = ROW_END.split(table[0][start:])
    ends = range(1, len(pieces), 2)
    for place in ends if len(ends) <= KEPT else {*ends[:2], *ends[-3:-1]}:
        if not pieces[place].startswith(r"\\*"):
            pieces[place] = rf"\\*{pieces[place][2:]}"
    return table[0][:start] + "".join(pieces)
