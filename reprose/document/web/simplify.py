"""LaTeX made plainer for a reader that knows no packages: numbers written out, tables and equations in basic forms.

The marks that this leaves for report/style/webpage.lua are links that lead nowhere: \\hyperlink{class:NAME}{text} for a
text of a class, \\hyperlink{id:LABEL}{} for a target, and in formulas the text of `mark`.
"""

import re
from collections.abc import Callable

from reprose.document.web.aux_file import argument

LABEL = re.compile(r"\\label\{([^{}]*)\}")
TARGET = re.compile(r"\\(label|answers)\{([^{}]*)\}")
TARGETS = re.compile(rf"(?:\s*{TARGET.pattern})*")
SIZED = re.compile(r"\\([bB]igg?)[lmr]\b")  # pandoc knows \Big, but not each of its forms
PRIME = re.compile(r"('+)_(\w|\{[^{}]*\})")  # pandoc gives the index to the prime unless the index comes first
GROUP = r"\{(?:\\.|\{(?:\\.|\{(?:\\.|[^{}\\])*+\}|[^{}\\])*+\}|[^{}\\])*+\}"
MATH = re.compile(  # past line breaks and escaped signs; a text in braces may hold a formula of its own
    rf"\\(?![\[(]).|\$(?:\\.|{GROUP}|[^$\\])++\$|\\\[.*?\\\]|\\\(.*?\\\)", flags=re.DOTALL
)


def expand(text: str, name: str, count: int, made: Callable[..., str]) -> str:
    """Return `text` with each command `name` of `count` arguments replaced by what `made` returns for them."""
    parts, start = [], 0
    for found in re.finditer(rf"\\{name}(?=\{{)", text):
        if found.start() < start:
            continue
        arguments, end = [], found.end()
        for _ in range(count):
            value, end = argument(text, end)
            arguments.append(value)
        parts += [text[start : found.start()], made(*arguments)]
        start = end
    return "".join([*parts, text[start:]])


def mark(identity: str) -> str:
    """Return the text that stands in a formula for the mark of a record; letters only, as a formula takes them."""
    return "pvmark" + identity.encode().hex().translate(str.maketrans("0123456789abcdef", "ghijklmnopqrstuv"))


def unmark(text: str) -> str:
    """Return the identity that `mark` has hidden in `text`."""
    digits = text.removeprefix("pvmark").translate(str.maketrans("ghijklmnopqrstuv", "0123456789abcdef"))
    return bytes.fromhex(digits).decode()


def mark_formulas(text: str) -> str:
    """Return `text` with the marks of records in formulas as plain text of the formula."""

    def replaced(found: re.Match[str]) -> str:
        formula = SIZED.sub(r"\\\1", PRIME.sub(r"_\2\1", found[0]))
        formula = expand(formula, "pvm?", 2, lambda name, shown: rf"{{{shown}}}\text{{{mark(name)}}}")
        formula = expand(formula, "pvn", 3, lambda name, _, shown: rf"{{{shown}}}\text{{{mark(name)}}}")
        formula = expand(formula, "pvq", 2, lambda _, shown: f"{{{shown}}}")
        formula = expand(formula, "pvqn", 3, lambda *parts: f"{{{parts[2]}}}")
        return expand(formula, "pvmark", 1, lambda name: rf"\text{{{mark(name)}}}")

    return MATH.sub(replaced, text)


def labels_into_headings(text: str) -> str:
    """Return `text` with the labels behind each heading inside it, so that they lead to the heading itself."""
    parts, start = [], 0
    for found in re.finditer(r"\\(?:sub)*section\*?(?=\{)", text):
        title, end = argument(text, found.end())
        behind = TARGETS.match(text, end)
        targets = [("answer:" if kind == "answers" else "") + label for kind, label in TARGET.findall(behind[0])]
        inside = "".join(rf"\hyperlink{{id:{label}}}{{}}" for label in targets)
        parts += [text[start : found.end()], f"{{{title}{inside}}}\n" if targets else f"{{{title}}}"]
        start = behind.end() if targets else end
    return "".join([*parts, text[start:]])
