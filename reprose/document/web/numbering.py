"""The numbers of headings, figures, tables, theorems and equations, written out as the PDF has them."""

import re

from reprose.document.web.aux_file import Labels
from reprose.document.web.simplify import LABEL

FLOATS = ("figure", "table", "longtable")
THEOREMS = ("theorem", "lemma", "definition", "proposition", "corollary")
EQUATIONS = ("equation", "align", "gather", "multline", "eqnarray")
EVENT = re.compile(
    r"\\(?P<heading>(?:sub)?section)\{|\\begin\{(?P<float>figure|longtable)(?P<star>\*?)\}|\\begin\{(?P<table>table)\*?\}"
    rf"|\\caption(?:\[[^\]]*\])?\{{|\\begin\{{(?P<theorem>{'|'.join(THEOREMS)})\}}(?:\[(?P<title>[^\]]*)\])?"
    rf"|\\begin\{{(?P<equation>{'|'.join(EQUATIONS)})(?P<plain>\*?)\}}(?P<body>.*?)\\end\{{(?P=equation)(?P=plain)\}}"
    r"|\\(?P<group>begin|end)\{subequations\}(?P<behind>\s*\\label\{[^{}]*\})?",
    flags=re.DOTALL,
)
TAG = re.compile(r"\\tag(\*?)\{([^{}]*)\}")
UNNUMBERED = re.compile(r"\\(?:notag|nonumber)\b\s*")


class Numbering:
    """Writes out the number of every heading, float, theorem and equation, as LaTeX counted them."""

    def __init__(self, labels: Labels) -> None:
        self.labels = labels
        self.headings = iter(labels.headings)
        self.last: dict[str, str] = {}  # kind -> the number given last
        self.section = ""
        self.group = ""  # the number of the equations that share it, with letters
        self.letters = 0
        self.kind = ""  # of the float that a caption belongs to

    def apply(self, text: str) -> str:
        """Return `text` with numbers in words."""
        return EVENT.sub(self._event, text)

    def _event(self, found: re.Match[str]) -> str:
        if found["heading"]:
            return self._heading(found)
        if found["group"]:
            label = LABEL.search(found["behind"] or "")
            self.group, self.letters = "", 0
            if found["group"] == "begin":
                self.group = self._number("equation", label[1] if label else "")
            return found["behind"] or ""
        if found["equation"]:
            return self._equation(found["body"], bool(found["plain"]))
        if found["theorem"]:
            return self._theorem(found)
        self.kind = found["float"] or found["table"] or self.kind
        if not found[0].startswith(r"\caption"):
            if self.kind == "longtable" and not found["star"]:  # counts with or without a caption
                self.last["longtable"] = self._number("table", self._label(found))
            return found[0]
        if self.kind == "longtable":
            return rf"{found[0]}\hyperlink{{class:label}}{{Table~{self.last['longtable']}.}} "
        number = self._number(self.kind, self._label(found))
        return rf"{found[0]}\hyperlink{{class:label}}{{{self.kind.capitalize()}~{number}.}} "

    def _heading(self, found: re.Match[str]) -> str:
        number = next(self.headings, "")
        if found["heading"] == "section":
            self.section = number
            self.last = {kind: value for kind, value in self.last.items() if "." not in value}
        return rf"{found[0]}\hyperlink{{class:secnumber}}{{{number}}} "

    def _theorem(self, found: re.Match[str]) -> str:
        number = self._number(found["theorem"], self._label(found))
        title = f" ({found['title']})" if found["title"] else ""
        name = f"{found['theorem'].capitalize()}~{number}{title}."
        return rf"\begin{{{found['theorem']}}}\hyperlink{{class:runin}}{{{name}}} "

    def _equation(self, body: str, plain: bool) -> str:
        rows = []
        for row in split_rows(body):
            label = LABEL.search(row)
            number = self._shown(row, label[1] if label else "", plain)
            formula = TAG.sub("", UNNUMBERED.sub("", LABEL.sub("", row))).replace(r"\qedhere", "").strip()
            rows.append((formula, number, label[1] if label else ""))
        targets = "".join(rf"\hyperlink{{id:{label}}}{{}}" for _, _, label in rows if label)
        if len(rows) == 1 and "&" not in rows[0][0]:
            number = rf"\hyperlink{{class:number}}{{{rows[0][1]}}}" if rows[0][1] else ""
            return rf"\begin{{numbered}}{targets}{number}\[ {rows[0][0]} \]\end{{numbered}}"
        return rf"\begin{{numbered}}{targets}\[ {_aligned(rows)} \]\end{{numbered}}"

    def _shown(self, row: str, label: str, plain: bool) -> str:
        """Return what stands beside a row of an equation: its number or tag, in parentheses, or nothing."""
        if tag := TAG.search(row):
            return tag[2] if tag[1] else f"({tag[2]})"
        if plain or UNNUMBERED.search(row):
            return ""
        if not self.group:
            return f"({self._number('equation', label)})"
        self.letters += 1
        return f"({self.group}{chr(ord('a') + self.letters - 1)})"

    def _label(self, found: re.Match[str]) -> str:
        """Return the label of the caption or environment that begins with `found`; "" if it has none."""
        end = re.compile(
            rf"\\end\{{(?:{'|'.join(FLOATS + THEOREMS)})\*?\}}" + ("" if found["float"] else r"|\\caption\b")
        )
        stop = end.search(found.string, found.end())
        label = LABEL.search(found.string, found.end(), stop.start() if stop else len(found.string))
        return label[1] if label else ""

    def _number(self, kind: str, label: str) -> str:
        if label not in self.labels.numbers:
            before = self.last.get(kind) or self._zero(kind)
            head, point, tail = before.rpartition(".")
            self.last[kind] = f"{head}{point}{int(tail) + 1}" if tail.isdigit() else before
        else:
            self.last[kind] = self.labels.numbers[label]
        return self.last[kind]

    def _zero(self, kind: str) -> str:
        """Return the number before the first: by section where the numbers of other labels are."""
        known = [number for label, number in self.labels.numbers.items() if self.labels.kinds[label] == kind]
        by_section = any("." in number for number in known) if known else kind in (*THEOREMS, "equation")
        return f"{self.section}.0" if by_section else "0"


def split_rows(body: str) -> list[str]:
    r"""Return the rows of an equation, cut at each `\\` outside braces and inner environments."""
    rows, depth, start = [], 0, 0
    for found in re.finditer(r"\\begin\{|\\end\{|\\\\(?:\*)?(?:\[[^\]]*\])?|\\.|[{}]", body):
        depth += {"{": 1, "}": -1, r"\begin{": 2, r"\end{": 0}.get(found[0], 0)
        if found[0].startswith("\\\\") and depth == 0:
            rows.append(body[start : found.start()])
            start = found.end()
    return [row for row in [*rows, body[start:]] if row.strip()]


def _aligned(rows: list[tuple[str, str, str]]) -> str:
    """Return rows of a formula as one `aligned`, their numbers in a column of their own."""
    outer = [re.sub(r"\\begin\{(\w+)\}.*?\\end\{\1\}", "", formula, flags=re.DOTALL) for formula, _, _ in rows]
    counts = [len(re.findall(r"(?<!\\)&", formula)) for formula in outer]
    lines = []
    for (formula, number, _), count in zip(rows, counts, strict=True):
        signs = "&" * (max(counts) - count + 1)
        lines.append(rf"{formula} {signs} \text{{{number}}}" if number else formula)
    return r"\begin{aligned} " + r" \\ ".join(lines) + r" \end{aligned}"
