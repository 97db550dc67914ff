"""Tables of LaTeX in the one form that pandoc reads: columns l, c and r, no rules, the rows of the head marked."""

import re

from reprose.document.web.aux_file import argument

TABLE = re.compile(r"\\begin\{(tabular|longtable)(\*?)\}(?:\[[^\]]*\])?")
HEADS = re.compile(r"\\end(firsthead|head|foot|lastfoot)\b")
RULES = re.compile(
    r"\\(?:toprule|bottomrule|hline)\b(?:\[[^\]]*\])?|\\c(?:mid|)rule(?:\([^)]*\))?\{[^{}]*\}|\\cline\{[^{}]*\}"
)
SPACES = re.compile(r"\\addlinespace\b(?:\[[^\]]*\])?|\\(?:no)?pagebreak\b(?:\[\d\])?")
MIDDLE = re.compile(r"\\midrule\b(?:\[[^\]]*\])?")
ROW_END = re.compile(r"\\\\\*?(?:\[[^\]]*\])?")
HEAD_MARK = r"\hyperlink{class:head}{} "  # in the first cell of a row of the head
RULE_MARK = r"\hyperlink{class:rule}{} "  # in the first cell of a row under a rule


def simplify(text: str) -> str:
    """Return `text` with every table in the basic form; a long table with a caption becomes a float."""
    parts, start = [], 0
    for found in TABLE.finditer(text):
        kind, star = found[1], found[2]
        end = text.index(rf"\end{{{kind}{star}}}", found.end())
        width = argument(text, found.end())[1] if kind == "tabular" and star else found.end()
        columns, place = argument(text, width)
        made = _long(columns, text[place:end]) if kind == "longtable" else _table(columns, text[place:end])
        parts += [text[start : found.start()], made]
        start = end + len(rf"\end{{{kind}{star}}}")
    return "".join([*parts, text[start:]])


def _long(columns: str, body: str) -> str:
    caption = ""
    if (place := body.find(r"\caption")) >= 0:
        end = ROW_END.search(body, argument(body, body.index("{", place))[1])
        cut = end or re.compile("$").search(body)
        caption, body = body[: cut.start()].strip(), body[cut.end() :]
    pieces = HEADS.split(body)
    named = dict(zip(pieces[1::2], pieces[0::2], strict=False))  # what each \end... ends
    head = named.get("firsthead", named.get("head", ""))
    table = _table(columns, f"{head} {pieces[-1]}" if named else body)
    return rf"\begin{{table}}{caption}" + f"\n{table}\n" + r"\end{table}" if caption else table


def _table(columns: str, body: str) -> str:
    """Return a table without rules: the rows before its first rule are the head, others under a rule are marked."""
    sections = MIDDLE.split(SPACES.sub("", RULES.sub("", body)))
    head, rest = (sections[0], sections[1:]) if len(sections) > 1 else ("", sections)
    rows = [HEAD_MARK + row for row in _rows(head)]
    for number, section in enumerate(rest):
        new = _rows(section)
        rows += [RULE_MARK + new[0], *new[1:]] if number and new else new
    lines = "".join(f"{row} \\\\\n" for row in rows)
    return rf"\begin{{tabular}}{{{letters(columns)}}}" + f"\n{lines}" + r"\end{tabular}"


def _rows(text: str) -> list[str]:
    """Return the rows of `text`, which ends with the end of a row."""
    pieces = [_spans(piece.strip()) for piece in ROW_END.split(text)]
    return [piece for piece in pieces if piece]


def _spans(row: str) -> str:
    """Return a row whose \\multicolumn cells have simple columns."""
    parts, start = [], 0
    for found in re.finditer(r"\\multicolumn(?=\{)", row):
        count, place = argument(row, found.end())
        columns, place = argument(row, place)
        parts += [row[start : found.start()], rf"\multicolumn{{{count}}}{{{letters(columns)[:1]}}}"]
        start = place
    return "".join([*parts, row[start:]])


def letters(columns: str) -> str:
    """Return a column specification as letters l, c and r alone."""
    made, place = "", 0
    while place < len(columns):
        letter, place = columns[place], place + 1
        behind = columns[place : place + 1] == "{"
        if letter == "*" and behind:
            count, place = argument(columns, place)
            repeated, place = argument(columns, place)
            made += letters(repeated) * int(count)
        elif letter in "@!<>" and behind:
            place = argument(columns, place)[1]
        elif letter.isalpha():
            made += {"c": "c", "r": "r", "S": "r"}.get(letter, "l")
            place = argument(columns, place)[1] if behind else place
    return made
