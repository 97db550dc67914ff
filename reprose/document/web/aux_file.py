"""What LaTeX wrote into its .aux file: the number of every label, and the author and year of every citation."""

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

NAMES = {"subsection": "section", "subsubsection": "section", "appendix": "appendix"}  # as cleveref says them
PLURALS = {"lemma": "lemmas", "appendix": "appendices", "corollary": "corollaries"}
REFERENCE = re.compile(r"\\([cC]ref|eqref|ref|nameref)\*?\{([^{}]*)\}")
CITATION = re.compile(r"\\(citep|citet|citealp|citeauthor|citeyear)\*?((?:\[[^\]]*\]){0,2})\{([^{}]*)\}")
TITLE = re.compile(r"^\\newlabel\{([^{}]+)\}\{\{[^{}]*\}\{[^{}]*\}(?=\{)", flags=re.MULTILINE)
UNKNOWN = "??"  # what LaTeX prints for a label of a section that a draft does without


@dataclass(frozen=True)
class Labels:
    """The numbers of one PDF, for a twin that must carry the same."""

    numbers: Mapping[str, str]  # label -> number
    kinds: Mapping[str, str]  # label -> figure, table, equation, section, ...
    headings: Sequence[str]  # the numbers of all numbered headings, in order
    citations: Mapping[str, tuple[str, str]]  # key -> authors, year
    titles: Mapping[str, str]  # label -> the heading that it stands in

    def resolve(self, text: str) -> str:
        """Return LaTeX in which each reference and each citation is a link with the words that the PDF shows."""
        return CITATION.sub(self._citation, REFERENCE.sub(self._reference, text))

    def _reference(self, found: re.Match[str]) -> str:
        command, labels = found[1], [label.strip() for label in found[2].replace(r"\_", "_").split(",")]
        if command == "nameref":
            return self.titles.get(labels[0], UNKNOWN)
        if command in ("eqref", "ref"):
            return self._link(labels[0], "({})" if command == "eqref" else "{}")
        kinds: dict[str, list[str]] = {}
        for label in labels:
            kinds.setdefault(self.kinds.get(label, ""), []).append(label)
        groups = [self._group(kind, members) for kind, members in kinds.items()]
        return _join(groups, ", and~" if len(groups) > 2 else " and~")

    def _group(self, kind: str, labels: list[str]) -> str:
        ordered = sorted(labels, key=lambda label: _sorting(self.numbers.get(label, UNKNOWN)))
        name = NAMES.get(kind, kind)
        word = PLURALS.get(name, f"{name}s") if len(labels) > 1 else name
        shown = "({})" if kind == "equation" else "{}"
        if word and len(labels) == 1:
            return self._link(labels[0], f"{word.capitalize()}~{shown}")
        runs = []
        for _, run in itertools.groupby(enumerate(ordered), key=lambda pair: self._distance(*pair)):
            links = [self._link(label, shown) for _, label in run]
            runs += [f"{links[0]} to~{links[-1]}"] if len(links) > 2 else links
        return f"{word.capitalize()}~{_join(runs, ' and~')}" if word else _join(runs, " and~")

    def _distance(self, position: int, label: str) -> tuple[str, int]:
        """Return what consecutive numbers have in common when they stand in order."""
        section, _, last = self.numbers.get(label, UNKNOWN).rpartition(".")
        return (section, int(last) - position) if last.isdigit() else (label, position)

    def _link(self, label: str, shown: str) -> str:
        text = shown.format(self.numbers.get(label, UNKNOWN))
        return rf"\hyperlink{{{label}}}{{{text}}}" if label in self.numbers else text

    def _citation(self, found: re.Match[str]) -> str:
        command, notes, keys = found[1], re.findall(r"\[([^\]]*)\]", found[2]), found[3].split(",")
        before, after = (["", *notes] if len(notes) < 2 else notes)[:2] if notes else ("", "")
        cited = [(key.strip(), *self.citations.get(key.strip(), (UNKNOWN, UNKNOWN))) for key in keys]
        if command in ("citet", "citeauthor", "citeyear"):
            form = {"citet": "{} ({}" + (f", {after})" if after else ")"), "citeauthor": "{}", "citeyear": "{1}"}[
                command
            ]
            return ", ".join(rf"\hyperlink{{cite:{key}}}{{{form.format(*words)}}}" for key, *words in cited)
        words = "; ".join(rf"\hyperlink{{cite:{key}}}{{{authors}, {year}}}" for key, authors, year in cited)
        whole = (f"{before} " if before else "") + words + (f", {after}" if after else "")
        return f"({whole})" if command == "citep" else whole


def read_labels(aux: str) -> Labels:
    """Return the labels of the text of an .aux file that LaTeX, hyperref, cleveref and natbib wrote."""
    found = re.findall(r"^\\newlabel\{([^{}]+)@cref\}\{\{\[([^\]]*)\](?:\[[^\]]*\])*([^{}]*)\}", aux, flags=re.M)
    headings = re.findall(r"^\\@writefile\{toc\}\{\\contentsline \{\w+\}\{\\numberline \{([^{}]*)\}", aux, flags=re.M)
    cited = re.findall(r"^\\bibcite\{([^{}]+)\}\{\{[^{}]*\}\{([^{}]*)\}\{\{(.*?)\}\}\{\{", aux, flags=re.M)
    return Labels(
        {label: number for label, _, number in found},
        {label: kind for label, kind, _ in found},
        headings,
        {key: (authors, year) for key, year, authors in cited},
        {found[1]: argument(aux, found.end())[0] for found in TITLE.finditer(aux)},
    )


def _join(parts: list[str], last: str) -> str:
    return last.join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def _sorting(number: str) -> list[tuple[bool, int, str]]:
    return [(not part.isdigit(), int(part) if part.isdigit() else 0, part) for part in number.split(".")]


def argument(text: str, start: int) -> tuple[str, int]:
    """Return what stands in the braces that open at `start`, and the place behind them."""
    depth = 0
    for found in re.finditer(r"\\.|[{}]", text[start:], flags=re.DOTALL):
        depth += {"{": 1, "}": -1}.get(found[0], 0)
        if depth == 0:
            end = start + found.end()
            return text[start + 1 : end - 1], end
    return text[start + 1 :], len(text)
