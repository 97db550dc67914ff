"""Where in the templates a line of rendered LaTeX comes from, and what a text opens and does not close."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from reprose.document.comments import BLOCK, VALUE, unfilled
from reprose.document.latex import environment
from reprose.document.verbatim import TOKEN

LEAST = 3  # letters that a line must share with a template to be told from others
COMMENT = re.compile(r"(?<!\\)%.*")
STRUCTURE = re.compile(r"\\(?P<command>begin|end)\s*\{(?P<name>[^{}]*)\}|\\.|(?P<brace>[{}])", flags=re.DOTALL)


class Places:
    """The places of rendered texts in their templates, which are read when an error wants them."""

    def __init__(self, texts: Mapping[str, str], templates: Mapping[str, Path]) -> None:
        self.texts = texts
        self.templates = templates  # of the texts "sections/toy.tex" and "handout.tex"

    def told(self, name: str, line: int) -> str:
        """Return the line of the template that made a line of a text: "report/problems/toy.tex.j2:3"; else ""."""
        template = self.templates.get(name)
        if not template or not template.is_file():
            return ""
        lines = self.texts[name].split("\n")
        known = [_pattern(made) for made in unfilled(template.read_text(encoding="utf-8"), environment()).split("\n")]
        for number in range(min(line, len(lines)), 0, -1):  # a line that is all computed: the one before it
            found = [
                (letters, -at) for at, (pattern, letters) in enumerate(known) if pattern.fullmatch(lines[number - 1])
            ]
            if found and max(found)[0] >= LEAST:
                return f"{template}:{1 - max(found)[1]}"
        return ""


def _pattern(line: str) -> tuple[re.Pattern[str], int]:
    """Return what the text matches that a line of a template makes, and how many letters it has of its own."""
    parts = re.split(f"[{VALUE}{BLOCK}]", COMMENT.sub("", line).strip())
    pattern = ".*?".join(map(re.escape, parts))
    return re.compile(rf"\s*{pattern}\s*"), sum(len(part.strip()) for part in parts)


def unclosed(text: str) -> Iterator[tuple[int, str]]:
    r"""Yield line and words of each brace and environment that a text opens and does not close, or closes only.

    What stands in braces, as in a \newenvironment, is not looked at beyond its braces.
    """
    plain = TOKEN.sub(
        lambda found: "\n" * found[0].count("\n") if found["kept"] or found["comment"] else found[0], text
    )
    opened: list[tuple[str, int]] = []  # "{" or the name of an environment, and its line
    for found in STRUCTURE.finditer(plain):
        line = plain.count("\n", 0, found.start()) + 1
        if found["brace"] == "{" or found["command"] == "begin":
            opened.append((found["name"] or "{", line))
        elif found["brace"]:
            if not any(name == "{" for name, _ in opened):
                yield line, "a } that closes nothing."
                continue
            while opened.pop()[0] != "{":
                pass
        elif found["command"] == "end" and found["name"] in [name for name, _ in opened]:
            while (last := opened.pop())[0] != found["name"]:
                yield last[1], _words(last[0], rf"before \end{{{found['name']}}}")
    for name, line in opened:
        yield line, _words(name, "before the end of the file")


def _words(name: str, until: str) -> str:
    what = "a { is" if name == "{" else rf"\begin{{{name}}} is"
    return f"{what} not closed {until}."
