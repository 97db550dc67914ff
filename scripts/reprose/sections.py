"""Sections of a handout: prose filled with numbers that link to their origin, and claims that are tested."""

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from reprose import published as documents
from reprose.claims import Claim, Comparison, evaluate, explain, holds
from reprose.errors import ReproseError
from reprose.latex import (
    Latex,
    anchor,
    breakable,
    decimals_for,
    escape,
    number_math,
    number_text,
    render,
    template_line,
)
from reprose.listings import source_text
from reprose.published import Document
from reprose.registry import Number, find

KINDS = ("mean", "interval", "seed", "range", "std", "n", "plain")


@dataclass(frozen=True)
class Section:
    """The LaTeX of one section, with the claims that it makes."""

    text: str
    claims: tuple[Claim, ...]


@dataclass
class Writer:
    """The functions that a section template calls, and what they know."""

    problem: str
    tier: str
    numbers: Mapping[str, Number]
    figures: Collection[str]
    published: Mapping[str, Document]
    provenance: Collection[str]  # names of all jobs behind the handout
    code_root: Path
    claims: list[Claim] = field(default_factory=list)

    @property
    def functions(self) -> dict[str, Any]:
        """Return all that a template may use, by name."""
        calls: list[Callable[..., Any]] = [self.n, self.m, self.better, self.claim, self.decide, self.compare, self.holds]
        calls += [self.mark, self.figure, self.code, self.reproduction, self.tally, self.count]
        calls += [self.statements]
        values = {"tier": self.tier, "sample": self.tier == "sample"}
        return {**{call.__name__: call for call in calls}, **values}

    def n(self, key: str, kind: str = "mean", seed: int | None = None, digits: int | None = None) -> Latex:
        """Return a number with its mark, in its own decimals or in `digits`.

        Kinds: "mean" (or the constant), "interval" (mean ± half width), "range" (ends of the interval), "std", "n" (seeds),
        "seed" (the value of one), "plain" (without trailing zeros, for settings).
        """
        number = find(self.numbers, key)
        return self._marked(number.source, _text(number if digits is None else replace(number, digits=digits), kind, seed))

    def m(self, key: str) -> Latex:
        """Return a number with its mark, for use inside a formula."""
        number = find(self.numbers, key)
        return Latex(rf"\pvm{{{self._anchor(number.source)}}}{{{number_math(number.value, number.digits)}}}")

    def better(self, key: str) -> Latex:
        """Return an arrow that says which way a number is better: down, up, or nothing."""
        return Latex({"lower": r"$\downarrow$", "higher": r"$\uparrow$", "": ""}[find(self.numbers, key).better])

    def mark(self, job: str) -> Latex:
        """Return the bare mark that links to the record of `job`, for captions of figures and tables."""
        return Latex(rf"\pvmark{{{self._anchor(job)}}}")

    def claim(self, sentence: str, relation: str, label: str = "") -> Latex:
        """Return `sentence` with a link to its test; on the real tier a false one fails the build."""
        claim = Claim(str(label or sentence), evaluate(relation, self.numbers), template_line())
        self.claims.append(claim)
        macro = "claimmark" if claim.holds else "failedclaimmark"
        return Latex(rf"{escape(sentence)}\{macro}{{{self.problem}-{len(self.claims)}}}{{{len(self.claims)}}}")

    def decide(self, left: str, right: str, lower: str, higher: str, same: str, label: str = "") -> Latex:
        """Return the one of three sentences that the seeds support, as a claim: `left` is lower, higher or the same."""
        relation = self.compare(left, right)
        sentence = {"<": lower, ">": higher, "~": same}[relation]
        return self.claim(sentence, f"{left} {relation} {right}", label)

    def compare(self, left: str, right: str) -> str:
        """Return "<", ">" or "~" as the seeds support it; with one seed, as the two values stand."""
        comparison = evaluate(f"{left} ~ {right}", self.numbers)[0]
        if comparison.found != "?":
            return comparison.found
        return "<" if comparison.difference.mean < 0 else ">"

    def holds(self, relation: str) -> bool:
        """Return whether `relation` holds, for prose that branches on it."""
        return holds(relation, self.numbers)

    def figure(self, name: str) -> str:
        """Return the path of a figure in the folder where LaTeX runs."""
        if name not in self.figures:
            raise ReproseError(
                f"no figure '{name}'. Found: {', '.join(sorted(self.figures)) or 'none'}."
                " Rule 'plot' makes it: see figures.py of the problem."
            )
        return Latex(f"figures/{self.problem}/{name}.pdf")

    def code(self, name: str) -> Latex:
        """Return the listing of the definition "module:name", with the file that holds it."""
        text = source_text(name, self.code_root)
        odd = sorted({character for character in text if ord(character) > 126 or character == "\t"})
        if odd or r"\end{lstlisting}" in text:
            raise ReproseError(f"listing '{name}': found {odd or 'a LaTeX end of listing'}; listings take plain ASCII.")
        path = breakable(f"scripts/{name.partition(':')[0].replace('.', '/')}.py")
        together = f"\\needspace{{{min(text.count(chr(10)), 24) + 2}\\baselineskip}}"  # a short listing stays on one page
        return Latex(f"{together}\\listingpath{{{path}}}\n\\begin{{lstlisting}}\n{text}\\end{{lstlisting}}")

    def reproduction(self, document: str) -> list[dict[str, Any]]:
        """Return one table row for each number that `document` printed: theirs, ours, the difference, the verdict."""
        rows = documents.reproduction(self._document(document), self.numbers, self.tier)
        groups = ["", *(row.printed.group for row in rows)]
        return [{**self._reproduction_row(row), "starts": row.printed.group != groups[i]} for i, row in enumerate(rows)]

    def tally(self, document: str) -> dict[str, int]:
        """Return how many numbers of `document` got each verdict: all, as_printed, labels_swapped, ..., for `count`."""
        rows = documents.reproduction(self._document(document), self.numbers, self.tier)
        kinds = (documents.REPRODUCED, documents.SWAPPED, documents.SPREAD, documents.MISSED, documents.SAMPLE)
        return {"all": len(rows)} | {kind.replace(" ", "_"): sum(row.kind == kind for row in rows) for kind in kinds}

    def count(self, value: int) -> Latex:
        """Return a number that writing the section itself has counted, with the mark of that job."""
        return self._computed(number_text(value, 0))

    def statements(self, document: str) -> list[dict[str, Any]]:
        """Return one table row for each comparison that `document` states: the sentence, the test, the verdict."""
        rows = documents.statements(self._document(document), self.numbers)
        return [
            {"question": escape(item.question), "says": escape(item.says), **self._test(comparison), "starts": starts}
            for item, comparison, starts in rows
        ]

    def claims_table(self) -> str:
        """Return the table of all claims of the section; nothing where it makes none."""
        if not self.claims:
            return ""
        rows = [row for number, claim in enumerate(self.claims, 1) for row in self._claim_rows(number, claim)]
        return "\n".join(["", r"\begin{testedclaims}", *rows, r"\end{testedclaims}", ""])

    def _claim_rows(self, number: int, claim: Claim) -> list[str]:
        label = claim.label.strip(" .:;,")
        head = rf"\claimtarget{{{self.problem}-{number}}}{{{number}}} & {escape(label[:1].upper() + label[1:])}. & & & \\*"
        tests = [self._test(comparison) for comparison in claim.comparisons]
        rows = [rf"& \tested{{{test['comparison']}}} & {test['difference']} & {test['n']} & {test['verdict']}" for test in tests]
        return [head, *(rf"{row} \\*" for row in rows[:-1]), rf"{rows[-1]} \\ \addlinespace[.5ex]"]

    def _test(self, comparison: Comparison) -> dict[str, Latex]:
        verdict = escape(comparison.verdict)
        return {
            "comparison": _comparison_text(comparison),
            "difference": self._computed(_difference_text(comparison)),
            "n": number_text(comparison.difference.n, 0),
            "verdict": verdict if comparison.holds else Latex(rf"\failed{{{verdict}}}"),
        }

    def _reproduction_row(self, row: documents.Row) -> dict[str, Latex]:
        number, printed = row.number, row.printed
        plain = {name: escape(getattr(printed, name)) for name in ("question", "group", "label", "column", "printed", "note")}
        missing = Latex("--")
        ours = missing if row.ours is None else self._marked(number.source, number_text(row.ours, row.decimals + 1))
        difference = missing if row.difference is None else self._computed(number_text(row.difference, row.decimals + 1))
        good = row.kind not in (documents.MISSED, documents.SAMPLE)
        verdict = escape(row.verdict)
        return {
            **plain,
            "ours": ours,
            "mean": self._marked(number.source, _text(number, "interval")),
            "difference": difference,
            "verdict": verdict if good else Latex(rf"\failed{{{verdict}}}"),
        }

    def _document(self, name: str) -> Document:
        if name not in self.published:
            raise ReproseError(f"published.yaml: no document '{name}'. Found: {', '.join(sorted(self.published))}.")
        return self.published[name]

    def _computed(self, text: Latex) -> Latex:
        return self._marked(f"{self.problem}/write", text)

    def _marked(self, job: str, text: Latex) -> Latex:
        return Latex(rf"\pv{{{self._anchor(job)}}}{{{text}}}")

    def _anchor(self, job: str) -> str:
        if job not in self.provenance:
            raise ReproseError(f"no job '{job}' stands behind this handout. Found: {', '.join(sorted(self.provenance))}.")
        return anchor(job)


def render_section(
    template: Path,
    *,
    problem: str,
    tier: str,
    numbers: Mapping[str, Number],
    figures: Collection[str],
    published: Mapping[str, Document],
    provenance: Collection[str],
    code_root: Path,
) -> Section:
    """Return the section that `template` makes; on the real tier every claim in it must hold.

    `figures` are names without suffix, `provenance` the names of all jobs behind the handout, `code_root` the folder
    that holds the listed modules.
    """
    writer = Writer(problem, tier, numbers, figures, published, provenance, code_root)
    text = render(Path(template).read_text(encoding="utf-8"), str(template), writer.functions)
    false = [claim for claim in writer.claims if not claim.holds]
    if false and tier == "real":
        raise ReproseError(
            "\n".join(f"{template}:{claim.line}: this claim does not hold: {claim.label}\n{explain(claim)}" for claim in false)
            + "\nCorrect the sentence, or let the prose branch with decide() or holds()."
        )
    return Section(text + writer.claims_table(), tuple(writer.claims))


def _text(number: Number, kind: str, seed: int | None = None) -> Latex:
    if kind not in KINDS:
        raise ReproseError(f"number '{number.key}': kind '{kind}'. Allowed: {', '.join(KINDS)}.")
    half = (number.high - number.low) / 2
    spread = half if math.isfinite(half) else 0.0
    if kind == "seed":
        text = number_text(_sample(number, seed), number.digits)
    elif kind == "n":
        text = number_text(number.n, 0)
    elif kind == "plain":
        text = plain_text(number.value, number.digits)
    elif kind == "std":
        text = number_text(number.std, decimals_for(number.std, number.digits))
    elif kind == "range" and number.n > 1:
        text = _bracket(number.low, number.high, decimals_for(spread, number.digits))
    elif kind == "interval" and number.n > 1:
        decimals = decimals_for(spread, number.digits)
        text = Latex(rf"{number_text(number.value, decimals)}\,\textpm\,{number_text(spread, decimals)}")
    else:  # the mean; also where one value leaves no interval
        text = number_text(number.value, number.digits)
    return Latex(text + r"\,\%") if number.unit == "%" and kind != "n" else text


def _sample(number: Number, seed: int | None) -> float:
    if seed not in number.samples:
        found = ", ".join(map(str, number.samples)) or "none: it is a constant"
        raise ReproseError(f"number '{number.key}': no value for seed {seed}. Seeds found: {found}.")
    return number.samples[seed]


def _bracket(low: float, high: float, decimals: int) -> Latex:
    return Latex(rf"[{number_text(low, decimals)},\,{number_text(high, decimals)}]")


def _comparison_text(comparison: Comparison) -> Latex:
    """Return the relation with what both sides have in common said once: "error: shared < separate"."""
    relation = {"<": r"$<$", ">": r"$>$", "~": r"$\approx$"}[comparison.relation]
    left, _, metric = comparison.left.partition(".")
    right, _, other = comparison.right.partition(".")
    if metric and metric == other and not left.isdigit():
        return Latex(f"{breakable(metric)}: {breakable(left)} {relation} {breakable(right)}")
    return Latex(f"{breakable(comparison.left)} {relation} {breakable(comparison.right)}")


def _difference_text(comparison: Comparison) -> Latex:
    difference = comparison.difference
    if math.isinf(difference.low) or difference.n == 0:
        return number_text(difference.mean, comparison.digits)
    decimals = decimals_for((difference.high - difference.low) / 2, comparison.digits)
    return Latex(rf"{number_text(difference.mean, decimals)} {_bracket(difference.low, difference.high, decimals)}")
