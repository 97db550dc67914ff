r"""What is wrong with a template, in the words of someone who writes one; Jinja speaks of tokens and tags."""

import re
from collections.abc import Callable, Iterable
from difflib import get_close_matches

import jinja2

from reprose.base.messages import did_you_mean

STATEMENTS = ("call", "filter", "for", "if", "include", "macro", "set", "with")
OPENED = re.compile(r"(?:\\BLOCK\{|^[ \t]*%%)[-+]?\s*(\w+)", re.MULTILINE)
GOT = {"integer": "a number", "float": "a number", "string": "a text"}
EARLY = "Is a comma, a sign between two values, a quotation mark or the closing } missing before it?"


def syntax_fault(error: jinja2.TemplateSyntaxError, source: str) -> tuple[int, str]:
    """Return the line of a fault and what it is; `source` is the text of the file that the error names."""
    said = error.message or ""
    for pattern, told in TOLD.items():
        if found := re.match(pattern, said):
            return (_opened(source, found[1]) if told is _never_ended else 0) or error.lineno, told(found)
    return error.lineno, said


def undefined(error: jinja2.UndefinedError, known: Iterable[str]) -> str:
    """Return what is wrong with a name that a template uses and nothing gives."""
    said = str(error)
    if found := re.fullmatch(r"'(\w+)' is undefined", said):
        return f"nothing is called '{found[1]}' here.{did_you_mean(get_close_matches(found[1], known))}"
    return said


def _opened(source: str, statement: str) -> int:
    """Return the line of the innermost statement of this kind that is not ended; 0 where none is found."""
    lines: list[int] = []
    for found in OPENED.finditer(source):
        if found[1] == statement:
            lines.append(source.count("\n", 0, found.start(1)) + 1)
        elif found[1] == f"end{statement}" and lines:
            lines.pop()
    return lines[-1] if lines else 0


def _never_ended(found: re.Match[str]) -> str:
    return rf"\BLOCK{{{found[1]} ...}} is not ended: \BLOCK{{end{found[1]}}} is missing."


def _more(place: str) -> Callable[[re.Match[str]], str]:
    def told(found: re.Match[str]) -> str:
        what = GOT.get(found[1], f"'{found[1]}'")
        return rf"{what} stands where \{place}{{...}} should end. {EARLY}"

    return told


def _unknown(found: re.Match[str]) -> str:
    name, open_one = found[1], found[2]
    if name.startswith("end") or name in ("else", "elif"):
        if open_one:
            return rf"\BLOCK{{{name}}} stands inside \BLOCK{{{open_one} ...}}, which must be ended first."
        return rf"\BLOCK{{{name}}} belongs to no statement that is open here."
    near = did_you_mean(get_close_matches(name, STATEMENTS, cutoff=0.5))
    return rf"\BLOCK{{{name} ...}} is no statement.{near} Allowed: {', '.join(STATEMENTS)}."


TOLD: dict[str, Callable[[re.Match[str]], str]] = {
    r"expected token 'end of print statement', got '(.+)'": _more("VAR"),
    r"expected token 'end of statement block', got '(.+)'": _more("BLOCK"),
    r"Expected an expression, got 'end of ": lambda found: "the braces hold nothing.",
    r"unexpected '(.)', expected '(.)'": lambda found: f"'{found[1]}' comes where '{found[2]}' is missing.",
    r"unexpected char [\"'\\]+ at": lambda found: "a quotation mark has no partner.",
    r"Unexpected end of template.*needs to be closed is '(\w+)'": _never_ended,
    r"Encountered unknown tag '(\w+)'(?:.*needs to be closed is '(\w+)')?": _unknown,
}
