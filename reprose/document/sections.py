"""Sections of a handout: prose filled with numbers that link to their origin, and claims that are tested."""

import difflib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from reprose.base.errors import ReproseError
from reprose.document.claim_notes import marked, repeated
from reprose.document.latex import render, template_line
from reprose.document.listing import listing
from reprose.document.results_table import ARROWS, printed
from reprose.document.substitutes import Substituted, announcement
from reprose.numbers import reproduction as documents
from reprose.numbers.claims import (
    UNSHOWN,
    Claim,
    Comparison,
    comparison_text,
    difference_text,
    evaluate,
    holds,
    require_true,
)
from reprose.numbers.printing import (
    Latex,
    anchor,
    escape,
    number_math,
    number_text,
    print_number,
    seeds_in_words,
    written_decimals,
)
from reprose.numbers.registry import Item, Number, find, find_table, find_text
from reprose.numbers.reproduction import Document


@dataclass(frozen=True)
class Section:
    """The LaTeX of one section, with the claims that it makes and the paragraph that the first page repeats."""

    text: str
    claims: tuple[Claim, ...]
    headline: str = ""


@dataclass
class Writer:
    """The functions that a section template calls, and what they know."""

    problem: str
    tier: str
    numbers: Mapping[str, Item]
    figures: Collection[str]
    published: Mapping[str, Document]
    provenance: Collection[str]  # names of all jobs behind the handout
    listings: Mapping[str, str]  # "module:name" -> source text
    substituted: Sequence[Substituted] = ()
    claims: list[Claim] = field(default_factory=list)
    headlines: list[Latex] = field(default_factory=list)
    sample: bool = False  # whether some of the data are sample data

    @property
    def functions(self) -> dict[str, Any]:
        """Return all that a template may use, by name."""
        calls: list[Callable[..., Any]] = [
            self.n,
            self.m,
            self.text,
            self.table,
            self.better,
            self.mark,
            self.figure,
            self.code,
        ]
        calls += [self.claim, self.decide, self.compare, self.holds, self.substitutes, self.headline]
        calls += [self.reproduction, self.tally, self.count, self.statements]
        values = {"tier": self.tier, "sample": self.sample}
        return {**{call.__name__: call for call in calls}, **values}

    def n(
        self, key: str, kind: str = "mean", seed: int | None = None, digits: int | None = None, unit: bool = True
    ) -> Latex:
        """Return a number with its mark, in its own decimals or in `digits`, and without its `unit` in a table.

        Kinds: "mean" (or the constant), "interval" (mean ± half width of the 95 % interval), "range" (its two ends),
        "seed" (the value of one seed), "std", "n" (how many seeds), "plain" (as it is written, for settings).
        """
        return self._number(find(self.numbers, key), kind, seed, digits, unit)

    def _number(self, number: Number, kind: str, seed: int | None, digits: int | None, unit: bool) -> Latex:
        if kind == "plain" and digits is not None:
            raise ReproseError(
                f"number '{number.key}': digits={digits}, but 'plain' prints a setting as it is written."
            )
        wanted = number if digits is None else replace(number, digits=digits)
        about, shown = seeds_in_words(wanted), print_number(wanted, kind, seed, unit)
        job = self._anchor(number.source)
        return Latex(rf"\pvn{{{job}}}{{{about}}}{{{shown}}}" if about else rf"\pv{{{job}}}{{{shown}}}")

    def m(self, key: str, kind: str = "mean") -> Latex:
        """Return a number with its mark, for use inside a formula; `kind` is "mean" or "plain"."""
        number = find(self.numbers, key)
        if kind not in ("mean", "plain"):
            raise ReproseError(f"number '{key}': kind '{kind}' in a formula. Allowed: mean, plain.")
        digits = written_decimals(number.value) if kind == "plain" else number.digits
        return Latex(rf"\pvm{{{self._anchor(number.source)}}}{{{number_math(number.value, digits)}}}")

    def text(self, key: str) -> Latex:
        """Return a text of the registry, escaped, with its mark."""
        item = find_text(self.numbers, key)
        return self._marked(item.source, escape(item.value))

    def table(self, key: str, kind: str = "mean", digits: int | None = None, long: bool = False) -> Latex:
        """Return a table of the registry: each number with its mark, in its own decimals or in `digits`.

        `kind` is one of those of `n`. A unit, and the way that is better, stand in the heading where all numbers of a
        column have the same. One that may break across pages is `long`, and stands in no float.
        """
        table = find_table(self.numbers, key)
        return printed(table, lambda number, unit: self._number(number, kind, None, digits, unit), self._marked, long)

    def better(self, key: str) -> Latex:
        """Return an arrow that says which way a number is better: down, up, or nothing."""
        return ARROWS[find(self.numbers, key).better]

    def mark(self, job: str) -> Latex:
        """Return the bare mark that links to the record of `job`, for captions of figures and tables."""
        return Latex(rf"\pvmark{{{self._anchor(job)}}}")

    def claim(self, sentence: str, relation: str, label: str = "") -> Latex:
        """Return `sentence` with its test for the margin; on the real tier a false one fails the build."""
        claim = Claim(label or sentence, evaluate(relation, self.numbers), template_line())
        self.claims.append(claim)
        return Latex(rf"{_prose(sentence)}{marked(self.problem, len(self.claims), claim)}")

    def decide(
        self,
        left: str,
        right: str,
        lower: str,
        higher: str,
        unshown: str,
        label: str = "",
        same: str = "",
        within: str = "",
    ) -> Latex:
        """Return the one of the sentences that the seeds support, as a claim: `left` is lower, or higher, or `unshown`.

        With a margin there is a fourth: `left` and `right` are the `same` within `within`, such as "0.01".
        """
        relation = self.compare(left, right, within)
        sentence = {"<": lower, ">": higher, UNSHOWN: unshown}.get(relation, same or unshown)
        margin = f" within {within}" if relation == "~" else ""
        return self.claim(sentence, f"{left} {relation} {right}{margin}", label)

    def compare(self, left: str, right: str, within: str = "") -> str:
        """Return what is shown of two quantities: "<", ">", "=", "~" (equal within a margin), or "?" for nothing."""
        return evaluate(f"{left} ~ {right} within {within}" if within else f"{left} < {right}", self.numbers)[0].found

    def holds(self, relation: str) -> bool:
        """Return whether `relation` holds, for prose that branches on it."""
        return holds(relation, self.numbers)

    def figure(self, name: str) -> str:
        """Return the path of a figure, or as "other/curves" of another problem's, in the folder where LaTeX runs."""
        if name not in self.figures:
            hint = "Rule 'plot' makes it: see figures.py of the problem."
            if "/" in name:
                hint = (
                    "Those of another problem want its name in config.yaml,"
                    f" problems.{self.problem}.uses.results: [{name.partition('/')[0]}], and a plain string here."
                )
            raise ReproseError(f"no figure '{name}'. Found: {', '.join(sorted(self.figures)) or 'none'}. {hint}")
        return Latex(f"figures/{name if '/' in name else f'{self.problem}/{name}'}.pdf")

    def code(self, name: str) -> Latex:
        """Return the listing of the definition "module:name", with the file that holds it."""
        if name not in self.listings:
            raise ReproseError(f"listing '{name}': write the name out in the template, as a plain string in code(...).")
        return listing(name, self.listings[name])

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

    def substitutes(self) -> Latex:
        """Return the paragraph that names the substitutes for official files, or nothing where there are none."""
        return announcement(self.substituted)

    def headline(self, caller: Callable[[], str]) -> Latex:
        """Return the answer that the section opens with, and keep it for the first page of the handout."""
        text = Latex(caller().strip())
        self.headlines.append(repeated(text))
        if len(self.headlines) > 1:
            raise ReproseError("a second headline; a section has one, the paragraph that it opens with.")
        return Latex(f"{text}\n")  # in place of the end of the line, which goes with the block's

    def _test(self, comparison: Comparison) -> dict[str, Latex]:
        verdict = escape(comparison.verdict)
        return {
            "comparison": comparison_text(comparison),
            "difference": self._computed(difference_text(comparison)),
            "n": number_text(comparison.difference.n, 0),
            "verdict": verdict if comparison.holds else Latex(rf"\failed{{{verdict}}}"),
        }

    def _reproduction_row(self, row: documents.Row) -> dict[str, Latex]:
        number, printed = row.number, row.printed
        macro = {documents.MISSED: "failed", documents.SAMPLE: "untested"}.get(row.kind, "")
        verdict = escape(row.verdict)
        ours = difference = Latex("--")
        if row.ours is not None and row.difference is not None:
            ours = self._marked(number.source, number_text(row.ours, row.decimals + 1))
            difference = self._computed(number_text(row.difference, row.decimals + 1))
        return {
            "question": escape(printed.question),
            "group": escape(printed.group),
            "label": escape(printed.label),
            "column": escape(printed.column),
            "note": escape(printed.note),
            "printed": escape(printed.printed),
            "ours": ours,
            "mean": self._marked(number.source, print_number(replace(number, digits=row.decimals), "interval")),
            "difference": difference,
            "verdict": Latex(rf"\{macro}{{{verdict}}}") if macro else verdict,
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
            near = difflib.get_close_matches(job, self.provenance, n=3) or sorted(self.provenance)
            raise ReproseError(f"no job '{job}' stands behind this handout. Found: {', '.join(near) or 'none'}.")
        return anchor(job)


def _prose(text: str) -> Latex:
    """Return a sentence as LaTeX text, with the apostrophes of prose."""
    return Latex(escape(text).replace(r"\textquotesingle{}", "\u2019"))


def render_section(
    template: Path,
    *,
    problem: str,
    tier: str,
    numbers: Mapping[str, Item],
    figures: Collection[str],
    published: Mapping[str, Document],
    provenance: Collection[str],
    listings: Mapping[str, str],
    substitutes: Sequence[Substituted] = (),
    parts: Mapping[str, Path] | None = None,
    sample: bool | None = None,
) -> Section:
    """Return the section that `template` makes; on the real tier every claim in it must hold.

    `figures` are names without suffix, `provenance` the names of all jobs behind the handout, `listings`
    the source text of each listed definition. `substitutes` that the template does not name stand at its end. `parts`
    are the files that the template may include, by name. `sample`: whether some data are sample data, where the tier
    alone does not tell.
    """
    writer = Writer(problem, tier, numbers, figures, published, provenance, listings, substitutes)
    writer.sample = tier == "sample" if sample is None else sample
    text = render(Path(template).read_text(encoding="utf-8"), str(template), writer.functions, parts)
    require_true(writer.claims, template, tier)
    note = str(writer.substitutes())
    missing = "" if note in text else note
    return Section(text + missing, tuple(writer.claims), "".join(writer.headlines))
