"""Comments of LaTeX in a template: what they swallow unseen is an error."""

import re

import jinja2

from reprose.base.errors import ReproseError
from reprose.document.verbatim import TOKEN

VALUE, BLOCK = "\ue002", "\ue003"  # stand for what the template fills in and for what it does; no text holds them
AMOUNT = re.compile(rf"[\d{VALUE})$][\s~\\,]*$")  # what an unescaped sign of per cent stands behind


def check_comments(source: str, name: str, jinja: jinja2.Environment) -> None:
    """Raise where a % in the template text `source` of the file `name` is a comment that is none, or that computes.

    LaTeX leaves out the rest of the line behind "5 %", numbers and all; and what a comment fills in is computed, its
    claims tested, though nobody reads it.
    """
    try:
        text = unfilled(source, jinja)
    except jinja2.TemplateSyntaxError:
        return  # which whoever fills the template tells
    for found in TOKEN.finditer(text):
        comment = found["comment"]
        if not comment or found["kept"]:
            continue
        start = found.start("comment")
        line, before = text.count("\n", 0, start) + 1, text[text.rfind("\n", 0, start) + 1 : start]
        shown = comment.split("\n")[0]
        if VALUE in shown or BLOCK in shown:
            raise ReproseError(
                rf"{name}:{line}: a comment of LaTeX in which the template computes. Write \% for the sign, or begin"
                " the line with %# to leave it out altogether."
            )
        if shown.strip("% \t") and AMOUNT.search(before):
            raise ReproseError(
                rf"{name}:{line}: LaTeX leaves out '{shown[:40]}', as % begins a comment. Write \% for the sign, or put"
                " the comment on a line of its own."
            )


def unfilled(source: str, jinja: jinja2.Environment) -> str:
    """Return the LaTeX of a template, with marks for what the template computes, on the lines where that stands."""
    parts = []
    for _, kind, value in jinja.lex(source):
        if kind == "data":
            parts.append(value)
            continue
        mark = {"variable_begin": VALUE, "block_begin": BLOCK}.get(kind, "")
        parts.append(mark + "\n" * value.count("\n"))
    return "".join(parts)
