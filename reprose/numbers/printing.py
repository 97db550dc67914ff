"""LaTeX text of values: escaping, decimals, and numbers with their spread."""

import math
import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from markupsafe import Markup

from reprose.base.errors import ReproseError
from reprose.numbers.intervals import FEW
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
    "'": r"\textquotesingle{}",
    "`": r"\textasciigrave{}",
    "\u2212": r"\textminus{}",
    "\u00b1": r"\textpm{}",
    "\u00d7": r"\texttimes{}",
    "\u2010": "{-}",
    "\u2122": r"\textsuperscript{TM}",
    "\u2126": r"\ensuremath{\Omega}",
}
FORMULAS = {  # characters that the mathematics font has
    **{"α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "varepsilon", "ζ": "zeta", "η": "eta", "θ": "theta"},
    **{"ι": "iota", "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu", "ξ": "xi", "π": "pi", "ρ": "rho", "σ": "sigma"},
    **{"τ": "tau", "υ": "upsilon", "φ": "varphi", "χ": "chi", "ψ": "psi", "ω": "omega", "Γ": "Gamma", "Δ": "Delta"},
    **{"Θ": "Theta", "Λ": "Lambda", "Ξ": "Xi", "Π": "Pi", "Σ": "Sigma", "Φ": "Phi", "Ψ": "Psi", "Ω": "Omega"},
    **{"≤": "leq", "≥": "geq", "≠": "neq", "≈": "approx", "→": "to", "∞": "infty", "∈": "in"},
}
TEXT = SPECIAL | {character: rf"\ensuremath{{\{name}}}" for character, name in FORMULAS.items()}
PRINTED = (  # what all text fonts of the handout have, beside TEXT, as a class of characters
    r"\t\n\x20-\x7e\u00a0-\u00ac\u00ae-\u0125\u0128-\u0131\u0134-\u0137\u0139-\u013e\u0141-\u0148\u014a-\u0165"
    r"\u0168-\u017e\u0218-\u021b\u2011-\u2015\u2018-\u201a\u201c-\u201e\u2020-\u2022\u2026\u2030\u2039\u203a\u20ac"
)
KINDS = ("mean", "interval", "seed", "range", "std", "n", "plain")
UNPRINTED = re.compile(rf"[^{PRINTED}{''.join(map(re.escape, TEXT))}]+")
ACCENTED = re.compile(r"[^\W\d_][\u0300-\u036f]+")  # a letter with combining accents
LIGATURES = re.compile(r"(?<=-)-|(?<=,),")  # those that TEXT does not undo already
BREAKS = re.compile(r"((?:\\_|[/.,:=])+)(?=.)")


class Latex(Markup):
    """Text that is LaTeX already and must not be escaped; what is added to it is."""

    @classmethod
    def escape(cls, s: Any, /) -> "Latex":
        """Return a text that joins this one, as LaTeX."""
        return escape(s)


def escape(value: Any) -> Latex:
    """Return `value` as LaTeX text that prints it as it is, no character being a command; LaTeX stays as it is.

    Characters that the fonts of the handout lack are printed as their codes: [U+4E2D U+6587].
    """
    if hasattr(value, "__html__"):  # Latex, and what Jinja builds from it
        return Latex(value)
    composed = ACCENTED.sub(lambda found: unicodedata.normalize("NFC", found[0]), str(value))
    shown = UNPRINTED.sub(codes, composed)
    text = LIGATURES.sub(r"{}\g<0>", "".join(TEXT.get(character, character) for character in shown))
    return Latex("{}" + text if shown.lstrip()[:1] in ("[", "*") else text)  # else an option of the command before it


def codes(found: re.Match[str]) -> str:
    """Return what stands for characters that cannot be printed: [U+4E2D U+6587]."""
    return f"[{' '.join(f'U+{ord(character):04X}' for character in found[0])}]"


def breakable(value: str) -> Latex:
    """Return a path or a name, escaped, in which lines may break after / . , : = and _."""
    return Latex(BREAKS.sub(r"\1\\allowbreak{}", str(escape(value))))


def anchor(identity: str) -> str:
    """Return the name of the link target of a provenance id: letters, digits and hyphens, one name for each id."""
    plain = {"/": "--", "_": "-"}  # but for _ before another or before /, which would look like a / then
    code = re.compile(r"_(?=[_/])|[^A-Za-z0-9_/]")  # names have small letters alone
    coded = code.sub(lambda found: f"X{ord(found[0]):02X}", identity)
    return re.sub("[_/]", lambda found: plain[found[0]], coded)


def decimals_for(spread: float, digits: int) -> int:
    """Return the decimals, at least `digits`, that show one significant digit of `spread`; at most three more.

    A spread that rounding alone can make counts as none.
    """
    if not math.isfinite(spread) or spread < 10.0 ** -(digits + 6):
        return digits
    return min(max(digits, -math.floor(math.log10(spread))), digits + 3)


def decimals_of_uncertainty(half: float, digits: int) -> int:
    """Return the decimals that show two significant digits of an uncertainty; at most three more than `digits`.

    One that rounding alone can make counts as none.
    """
    if not math.isfinite(half) or half < 10.0 ** -(digits + 6):
        return digits
    return min(max(0, 1 - math.floor(math.log10(half))), digits + 3)


def decimal(value: float, digits: int) -> str:
    """Return `value` with `digits` decimals, an ASCII minus, no minus zero, and commas from 10,000."""
    exact = Decimal(value) if isinstance(value, int) else value  # a float holds no more than 16 digits of it
    text = f"{exact:.{digits}f}"
    if float(text) == 0:
        text = text.removeprefix("-")
    whole, point, rest = text.partition(".")
    return (f"{int(whole):,}" if len(whole.lstrip("-")) > 4 else whole) + point + rest


def number_text(value: float, digits: int) -> Latex:
    """Return `value` as LaTeX text, with a true minus sign."""
    return Latex(decimal(value, digits).replace("-", r"\textminus{}"))


def written_decimals(value: float) -> int:
    """Return with how many decimals a setting is written: 4 for 0.0004, none for 200.0.

    What a float holds beyond 15 digits comes from arithmetic: 3 * 0.1 is 0.3.
    """
    return len(format(Decimal(f"{value:.15g}"), "f").partition(".")[2])


def significant_decimals(values: Iterable[float], digits: int = 3) -> int:
    """Return the decimals that show some significant digits of the largest of some values."""
    most = max(map(abs, values))
    return max(0, digits - 1 - math.floor(math.log10(most))) if most else digits


def number_math(value: float, digits: int) -> Latex:
    """Return `value` for use inside a formula."""
    return Latex(decimal(value, digits).replace(",", "{,}"))


def print_number(number: Number, kind: str, seed: int | None = None, unit: bool = True) -> Latex:
    """Return `number` as LaTeX text in one of KINDS; an interval gets the decimals that its width deserves."""
    if kind not in KINDS:
        raise ReproseError(f"number '{number.key}': kind '{kind}'. Allowed: {', '.join(KINDS)}.")
    if kind == "seed":
        text = number_text(_sample(number, seed), number.digits)
    elif kind == "n":
        text = number_text(number.n, 0)
    elif kind == "plain":
        text = number_text(number.value, written_decimals(number.value))
    elif kind == "std":
        text = number_text(number.std, decimals_of_uncertainty(number.std, number.digits))
    elif kind == "range" and number.n > 1:
        low, high = (number.low, number.high) if has_interval(number) else (number.least, number.most)
        text = bracket(low, high, decimals_of_uncertainty((high - low) / 2, number.digits))
    elif kind == "interval" and number.n > 1:
        text = _interval_text(number)
    else:  # the mean; also where one value leaves no interval
        text = number_text(number.value, number.digits)
    return Latex(rf"{text}\,\%") if unit and number.unit == "%" and kind != "n" else text


def has_interval(number: Number) -> bool:
    """Return whether an interval of the mean says more than the values do.

    It takes `FEW` seeds, and the interval must not leave what the quantity can be: no error lies below 0, and no share
    of which more is better above 1 or 100 %.
    """
    whole = 100 if number.unit == "%" else 1
    below = number.low < 0 <= number.least
    above = number.better == "higher" and number.least >= 0 and number.most <= whole < number.high
    return number.n >= FEW and not below and not above


def seeds_in_words(number: Number) -> str:
    """Return of how many seeds a number is the mean, and its spread, in plain characters; "" for a constant."""
    if not number.n:
        return ""
    if number.n == 1:
        return "one seed"
    whole = has_interval(number)
    low, high = (number.low, number.high) if whole else (number.least, number.most)
    decimals = decimals_for((high - low) / 2, number.digits)
    kind = "interval" if whole else "seeds from"
    return f"mean of {number.n} seeds, {kind} {decimal(low, decimals)} to {decimal(high, decimals)}"


def spread_text(value: float, least: float, most: float, digits: int) -> Latex:
    """Return a mean as LaTeX text, with the ends of its values where they differ: 0.52 (0.49 to 0.56)."""
    decimals = decimals_for((most - least) / 2, digits)
    low, high = number_text(least, decimals), number_text(most, decimals)
    return (
        number_text(value, decimals) if low == high else Latex(rf"{number_text(value, decimals)} ({low}\,to\,{high})")
    )


def _interval_text(number: Number) -> Latex:
    """Return the mean with the half width of its 95 % interval, or else with the ends of its values."""
    if not has_interval(number):
        return spread_text(number.value, number.least, number.most, number.digits)
    half = (number.high - number.low) / 2
    decimals = decimals_of_uncertainty(half, number.digits)
    return Latex(rf"{number_text(number.value, decimals)}\,\textpm\,{number_text(half, decimals)}")


def bracket(low: float, high: float, decimals: int) -> Latex:
    """Return an interval as LaTeX text: [low, high]."""
    return Latex(rf"[{number_text(low, decimals)},\,{number_text(high, decimals)}]")


def _sample(number: Number, seed: int | None) -> float:
    if seed not in number.samples:
        found = ", ".join(map(str, number.samples)) or "none: it is a constant"
        raise ReproseError(f"number '{number.key}': no value for seed {seed}. Seeds found: {found}.")
    return number.samples[seed]
