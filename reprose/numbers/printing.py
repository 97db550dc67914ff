"""LaTeX text of values: escaping, decimals, and numbers with their spread."""

import math
import re
from typing import Any

from markupsafe import Markup

from reprose.base.errors import ReproseError
from reprose.numbers.registry import Number

SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "\u2212": r"\textminus{}",
    "\u00b1": r"\textpm{}",
    "\u00d7": r"\texttimes{}",
    "\u2264": r"\ensuremath{\leq}",
    "\u2265": r"\ensuremath{\geq}",
    "\u2248": r"\ensuremath{\approx}",
    "\u2192": r"\ensuremath{\to}",
    "\u03b1": r"\ensuremath{\alpha}",
    "\u03bb": r"\ensuremath{\lambda}",
    "\u03c3": r"\ensuremath{\sigma}",
}
KINDS = ("mean", "interval", "seed", "range", "std", "n", "plain")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
BREAKS = re.compile(r"((?:\\_|[/.,:=])+)(?=.)")


class Latex(Markup):
    """Text that is LaTeX already and must not be escaped."""


def escape(value: Any) -> Latex:
    """Return `value` as LaTeX text in which no character is a command; LaTeX stays as it is."""
    if hasattr(value, "__html__"):  # Latex, and what Jinja builds from it
        return Latex(value)
    found = CONTROL.search(str(value))
    if found:
        raise ReproseError(f"text {str(value)!r} holds the control character {found[0]!r}, which LaTeX cannot print.")
    return Latex("".join(SPECIAL.get(character, character) for character in str(value)))


def breakable(value: str) -> Latex:
    """Return a path or a name, escaped, in which lines may break after / . , : = and _."""
    return Latex(BREAKS.sub(r"\1\\allowbreak{}", str(escape(value))))


def anchor(identity: str) -> str:
    """Return the name of the link target of a provenance id: letters, digits and hyphens, one name for each id."""
    plain = {"/": "--", "_": "-"}
    return re.sub(r"[^A-Za-z0-9]", lambda found: plain.get(found[0], f"x{ord(found[0]):02x}"), identity)


def decimals_for(spread: float, digits: int) -> int:
    """Return the decimals, at least `digits`, that show one significant digit of `spread`; at most three more.

    A spread that rounding alone can make counts as none.
    """
    if not math.isfinite(spread) or spread < 10.0 ** -(digits + 6):
        return digits
    return min(max(digits, -math.floor(math.log10(spread))), digits + 3)


def decimal(value: float, digits: int) -> str:
    """Return `value` with `digits` decimals, an ASCII minus, no minus zero, and commas from 10,000."""
    text = f"{value:.{digits}f}"
    if float(text) == 0:
        text = text.removeprefix("-")
    whole, point, rest = text.partition(".")
    return (f"{int(whole):,}" if len(whole.lstrip("-")) > 4 else whole) + point + rest


def number_text(value: float, digits: int) -> Latex:
    """Return `value` as LaTeX text, with a true minus sign."""
    return Latex(decimal(value, digits).replace("-", r"\textminus{}"))


def plain_text(value: float, digits: int) -> Latex:
    """Return `value` as LaTeX text without trailing zeros, for settings: 0.5 where two decimals would give 0.50."""
    text = decimal(value, digits)
    return Latex((text.rstrip("0").rstrip(".") if "." in text else text).replace("-", r"\textminus{}"))


def number_math(value: float, digits: int) -> Latex:
    """Return `value` for use inside a formula."""
    return Latex(decimal(value, digits).replace(",", "{,}"))


def print_number(number: Number, kind: str, seed: int | None = None) -> Latex:
    """Return `number` as LaTeX text in one of KINDS; an interval gets the decimals that its width deserves."""
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
        text = bracket(number.low, number.high, decimals_for(spread, number.digits))
    elif kind == "interval" and number.n > 1:
        decimals = decimals_for(spread, number.digits)
        text = Latex(rf"{number_text(number.value, decimals)}\,\textpm\,{number_text(spread, decimals)}")
    else:  # the mean; also where one value leaves no interval
        text = number_text(number.value, number.digits)
    return Latex(text + r"\,\%") if number.unit == "%" and kind != "n" else text


def bracket(low: float, high: float, decimals: int) -> Latex:
    """Return an interval as LaTeX text: [low, high]."""
    return Latex(rf"[{number_text(low, decimals)},\,{number_text(high, decimals)}]")


def _sample(number: Number, seed: int | None) -> float:
    if seed not in number.samples:
        found = ", ".join(map(str, number.samples)) or "none: it is a constant"
        raise ReproseError(f"number '{number.key}': no value for seed {seed}. Seeds found: {found}.")
    return number.samples[seed]
