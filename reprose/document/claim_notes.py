r"""Claims on the page: a bracketed number behind the sentence, and its test in the margin beside it."""

import math

from reprose.document.web.simplify import expand
from reprose.numbers.claims import Claim, Comparison, comparison_text, difference_text
from reprose.numbers.intervals import CONFIDENCE
from reprose.numbers.printing import Latex, escape, number_text

MARKS = ("claimmark", "failedclaimmark")


def marked(problem: str, number: int, claim: Claim) -> Latex:
    """Return the mark of a claim, with the note that stands in the margin: one test for each comparison."""
    tests = Latex("").join(map(_test, claim.comparisons))
    return Latex(rf"\{MARKS[not claim.holds]}{{{problem}-{number}}}{{{number}}}{{{tests}}}")


def repeated(text: Latex) -> Latex:
    """Return `text` for a second place: its marks lead to the notes at the first."""
    for name in MARKS:
        text = Latex(expand(text, name, 3, lambda place, number, _: rf"\claimref{{{place}}}{{{number}}}"))
    return text


def introduction(comparisons: int) -> str:
    """Return the paragraph that tells how claims are tested and how many by chance alone would seem to differ."""
    if not comparisons:
        return ""
    chance = number_text(comparisons * (1 - CONFIDENCE), 1)
    return r"\claimsintro{%s}" % (rf"\claimscount{{{comparisons}}}{{{chance}}}" if comparisons > 1 else r"\claimsone")


def verdict_text(comparison: Comparison) -> Latex:
    """Return in words what is found where it is not what the sentence says; else nothing."""
    return Latex("") if comparison.holds else Latex(rf"\failed{{{escape(comparison.verdict)}}}")


def seeds_text(comparison: Comparison) -> Latex:
    """Return over how many seeds a difference was taken; of one of fixed values, that it has no test."""
    if not comparison.difference.is_tested:
        return Latex("fixed values, no test")
    n = comparison.difference.n
    return Latex(rf"$n = {n}$") if n and math.isfinite(n) else Latex("")


def _test(comparison: Comparison) -> Latex:
    parts = [Latex(rf"difference {difference_text(comparison)}"), seeds_text(comparison), verdict_text(comparison)]
    told = Latex(", ").join(part for part in parts if part)
    return Latex(rf"\claimtest{{{comparison_text(comparison)}}}{{{told}}}")
