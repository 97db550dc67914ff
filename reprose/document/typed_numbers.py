r"""Decimal numbers that stand in the prose of templates, where one of a job, `\VAR{n(...)}`, would have an origin.

What is no result is left out: whole numbers, formulas, quotations, lengths, options, versions and labels, listings, and
what is handed to commands, but for those that print prose.
"""

import re
from collections.abc import Iterable
from pathlib import Path

import jinja2

from reprose.document.comments import VALUE, unfilled
from reprose.document.latex import environment
from reprose.document.verbatim import BRACED, TOKEN

SHOWN = 5  # numbers of a file, the rest only counted
HINT = "  ('%# given' behind the line says that a number is known from elsewhere)"
GIVEN = re.compile(r"%#[ \t]*given\b")  # behind a line, or before a paragraph: its numbers are known from elsewhere
PROSE = "caption|emph|footnote|headline|item|paragraph|section|sidenote|subsection|text(?:bf|it|sc|sf|sl|tt|up)|title"
LEFT_OUT = [
    re.compile(r"\A.*?\\begin\{document\}", re.DOTALL),
    re.compile(
        r"\\begin\{((?:equation|align|gather|multline|eqnarray|displaymath|math|tikzpicture|thebibliography)\*?)\}"
        r".*?\\end\{\1\}",
        re.DOTALL,
    ),
    re.compile(r"(?<!\\)\\\[.*?\\\]|\\\(.*?\\\)", re.DOTALL),
    re.compile("``.*?''|“.*?”", re.DOTALL),
    re.compile(r"\\(?:[A-Za-z]+\*?|\\)\[[^\]]*\]"),
    re.compile(rf"\\(?!(?:{PROSE})\b)[A-Za-z@]+\*?(?:\[[^\]]*\]|{BRACED})+"),
]
FORMULA = re.compile(r"(?<!\\)(?:\$\$.*?\$\$|\$((?:[^$\\]|\\.)*)\$)", re.DOTALL)
COMMAND = re.compile(r"\\[a-z]+")
AMOUNT = re.compile(r"(?:\\(?:pm|approx|[,;%])|[-+\d.\s~])*")  # a formula that is a number, and nothing else
DECIMAL = re.compile(
    rf"(?<![\w.\\{VALUE}])(?<!\w[-–/])\d+\.\d+(?!\.?\w|/|\\[A-Za-z])"
    r"(?!\s*(?:\\[,;]|~)?\s*\\%[\s~-]*(?:confidence|interval))"
)
LABELLED = re.compile(r"\b(?:versions?|sections?|chapters?|figures?|tables?|sec\.|fig\.)[\s~]*$", re.IGNORECASE)
NAMED = re.compile(r"\b[A-Z][\w+]*[ ~]$")  # stands before a version, as in Python 3.11
VERSION = re.compile(r"[1-9]\d*\.\d{1,2}")


def told(files: Iterable[str]) -> str:
    """Return in words which numbers stand in the prose of templates and of LaTeX, though no job made them."""
    lines = []
    for file in files:
        shown = [f"{number} (line {line})" for line, number in typed_numbers(Path(file).read_text(encoding="utf-8"))]
        more = f" and {len(shown) - SHOWN} more" if len(shown) > SHOWN else ""
        lines += [f"typed by hand, so from no job: {file}: {', '.join(shown[:SHOWN])}{more}"] if shown else []
    return "\n".join([*lines, HINT] if lines else [])


def typed_numbers(source: str) -> list[tuple[int, str]]:
    """Return the line and the text of each decimal number in the prose of a template, but for those marked as given."""
    try:
        text = unfilled(source, environment())
    except jinja2.TemplateSyntaxError:
        return []  # which whoever fills the template tells
    text = TOKEN.sub(lambda found: _blank(found) if found["kept"] or found["comment"] else found[0], text)
    text = FORMULA.sub(_amount, text)
    for pattern in LEFT_OUT:
        text = pattern.sub(_blank, text)
    given = _given(source)
    found = []
    for number in DECIMAL.finditer(text):
        line, before = text.count("\n", 0, number.start()) + 1, text[: number.start()][-40:]
        label = LABELLED.search(before) or (NAMED.search(before) and VERSION.fullmatch(number[0]))
        if line not in given and not label:
            found.append((line, number[0]))
    return found


def _given(source: str) -> set[int]:
    """Return the lines with a mark, and those of a paragraph behind a mark on a line of its own."""
    given, paragraph = set(), False
    for number, line in enumerate(source.split("\n"), start=1):
        mark = GIVEN.search(line)
        paragraph = bool(line.strip()) and (paragraph or bool(mark and not line[: mark.start()].strip()))
        if mark or paragraph:
            given.add(number)
    return given


def _amount(formula: re.Match[str]) -> str:
    r"""Return the numbers of a formula that is nothing else, as in $0.9 \pm 0.1$."""
    content = formula[1] or ""
    return COMMAND.sub(" ", content) if AMOUNT.fullmatch(content) else _blank(formula)


def _blank(found: re.Match[str]) -> str:
    return " " + "\n" * found[0].count("\n")
