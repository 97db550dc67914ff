r"""What is wrong with a template, in the words of someone who writes one; Jinja speaks of tokens and tags."""

import re
from collections.abc import Callable, Iterable, Iterator
from difflib import get_close_matches

import jinja2

from reprose.base.messages import did_you_mean

STATEMENTS = ("call", "filter", "for", "if", "include", "macro", "raw", "set", "with")
BEGIN, END = {"block_begin", "linestatement_begin"}, {"block_end", "linestatement_end"}
GOT = {"integer": "a number", "float": "a number", "string": "a text"}
EARLY = "Is a comma, a sign between two values, a quotation mark or the closing } missing before it?"


def syntax_fault(error: jinja2.TemplateSyntaxError, source: str, jinja: jinja2.Environment) -> tuple[int, str]:
    """Return the line of a fault and what it is; `source` is the text of the file that the error names."""
    said = error.message or ""
    for pattern, told in TOLD.items():
        if found := re.match(pattern, said):
            begun = _begun(source, found[1], jinja) if told is _never_ended else 0
            return begun or error.lineno, told(found)
    return error.lineno, said


def undefined(error: jinja2.UndefinedError, known: Iterable[str]) -> str:
    """Return what is wrong with a name that a template uses and nothing gives."""
    said = str(error)
    if found := re.fullmatch(r"'(\w+)' is undefined", said):
        return f"nothing is called '{found[1]}' here.{did_you_mean(get_close_matches(found[1], known))}"
    return said


def _begun(source: str, statement: str, jinja: jinja2.Environment) -> int:
    """Return the line of the innermost statement of this kind that is not ended; 0 where none is found."""
    lines: list[int] = []
    for line, words in _statements(source, jinja):
        if words[:1] == [statement] and not (statement == "set" and "=" in words):
            lines.append(line)
        elif words[:1] == [f"end{statement}"] and lines:
            lines.pop()
    return lines[-1] if lines else 0


def _statements(source: str, jinja: jinja2.Environment) -> Iterator[tuple[int, list[str]]]:
    """Yield the statements of a template, each with its line and its words."""
    line, words = 0, None
    for number, kind, text in jinja.lex(source):
        if kind in BEGIN:
            line, words = number, []
        elif kind in END and words is not None:
            yield line, words
            words = None
        elif words is not None and text.strip():
            words.append(text)


def _never_ended(found: re.Match[str]) -> str:
    return rf"\BLOCK{{{found[1]} ...}} is not ended: \BLOCK{{end{found[1]}}} is missing."


def _more(place: str) -> Callable[[re.Match[str]], str]:
    def told(found: re.Match[str]) -> str:
        what = GOT.get(found[1], f"'{found[1]}'")
        return rf"{what} stands where \{place}{{...}} should end. {EARLY}"

    return told


def _unknown(found: re.Match[str]) -> str:
    name, open_one = found[1], found[2]
    if name in ("else", "elif") and open_one in ("if", "for"):
        return rf"\BLOCK{{{name}}} comes after the \BLOCK{{else}} of \BLOCK{{{open_one} ...}}."
    if name in ("else", "elif") or (name.startswith("end") and name[3:] in STATEMENTS):
        if open_one:
            return rf"\BLOCK{{{name}}} stands inside \BLOCK{{{open_one} ...}}, which must be ended first."
        return rf"\BLOCK{{{name}}} belongs to no statement that is open here."
    known = [*STATEMENTS, *([f"end{open_one}"] if open_one else [])]
    near = did_you_mean(get_close_matches(name, known, cutoff=0.5))
    return rf"\BLOCK{{{name} ...}} is no statement.{near} Allowed: {', '.join(known)}."


TOLD: dict[str, Callable[[re.Match[str]], str]] = {
    r"expected token 'end of print statement', got '(.+)'": _more("VAR"),
    r"expected token 'end of statement block', got '(.+)'": _more("BLOCK"),
    r"Expected an expression, got 'end of ": lambda found: "a value is missing before the closing }.",
    r"unexpected '(.)', expected '(.)'": lambda found: f"'{found[1]}' comes where '{found[2]}' is missing.",
    r"unexpected char [\"'\\]+ at": lambda found: "a quotation mark has no partner.",
    r"Unexpected end of template.*needs to be closed is '(\w+)'": _never_ended,
    r"Encountered unknown tag '(\w+)'(?:.*needs to be closed is '(\w+)')?": _unknown,
}
