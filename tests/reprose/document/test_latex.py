import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reprose.base.errors import ReproseError
from reprose.document.latex import render
from reprose.numbers.printing import (
    Latex,
    anchor,
    breakable,
    decimals_for,
    decimals_of_uncertainty,
    escape,
    number_math,
    number_text,
    print_number,
)
from reprose.numbers.registry import constant, measured

PRINTABLE = st.text(st.characters(min_codepoint=32, max_codepoint=126))
NUMBER = measured("a.error", {1: 0.4998, 2: 0.5, 3: 0.5002}, 2, "lower", "toy/a/choose")


@given(PRINTABLE)
def test_escaped_text_holds_no_command_but_those_of_escaping(text):
    commands = r"\\text[a-z]+\{\}|\\[{}$&#%_]|\{\}"
    assert not re.search(r"[\\{}$&#%_^~<>|\"'`]", re.sub(commands, "", escape(text)))


@given(PRINTABLE)
def test_escaping_happens_once(text):
    assert escape(escape(text)) == escape(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a--b ?` ,,d'' ---", r"a-{}-b ?\textasciigrave{} ,{},d\textquotesingle{}\textquotesingle{} -{}-{}-"),
        ("\u4e2d\u6587 \u043f!", "{}[U+4E2D U+6587] [U+043F]!"),
        ("cafe\u0301 x\u0301", "caf\u00e9 x[U+0301]"),
        ("\u00e7\u0323 \uf900", "\u00e7[U+0323] [U+F900]"),  # what stands in the data, not what it is equal to
        ("\U0001f468\u200d\U0001f4bb", "{}[U+1F468 U+200D U+1F4BB]"),
        ("\u03b2 \u2265 0", r"\ensuremath{\beta} \ensuremath{\geq} 0"),
        ("a\x07b \x1b[31m", "a[U+0007]b [U+001B][31m"),
        ("cut \ud83d", "cut [U+D83D]"),
        ("[a] *", "{}[a] *"),
    ],
)
def test_a_text_is_printed_as_it_is_and_what_the_fonts_lack_as_codes(text, shown):
    assert escape(text) == shown


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0.24719, 4, "0.2472"),
        (-1.5, 2, r"\textminus{}1.50"),
        (-0.00001, 2, "0.00"),
        (95000, 0, "95,000"),
        (2**53 + 1, 0, "9,007,199,254,740,993"),
        (5000, 0, "5000"),
        (-12345.678, 1, r"\textminus{}12,345.7"),
    ],
)
def test_numbers_have_true_minus_signs_and_no_minus_zero(value, digits, text):
    assert number_text(value, digits) == text


def test_a_comma_in_a_formula_is_no_punctuation():
    assert number_math(-95000, 0) == "-95{,}000"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.5, "0.5"),
        (200, "200"),
        (200.0, "200"),
        (1e-5, "0.00001"),
        (0.0004, "0.0004"),
        (95000, "95,000"),
        (3 * 0.1, "0.3"),
        (1.36, "1.36"),
        (1e15, "1,000,000,000,000,000"),
        (0, "0"),
    ],
)
def test_a_setting_is_printed_as_it_is_written(value, text):
    assert print_number(constant("rate", value, 3, "toy/a/choose"), "plain") == text


@pytest.mark.parametrize(("spread", "decimals"), [(0.02, 4), (0.00004, 5), (1e-9, 7), (0.0, 4), (float("inf"), 4)])
def test_a_range_gets_the_decimals_that_show_it(spread, decimals):
    assert decimals_for(spread, 4) == decimals


@pytest.mark.parametrize(
    ("half", "decimals"),
    [(0.0234, 3), (0.00014, 5), (1e-9, 7), (0.0, 4), (1.26, 1), (12.6, 0), (320.0, 0), (float("inf"), 4)],
)
def test_an_uncertainty_has_two_significant_digits(half, decimals):
    assert decimals_of_uncertainty(half, 4) == decimals


def test_a_number_of_a_table_may_go_without_its_unit():
    share = measured("a.share", {1: 66.0, 2: 67.0}, 1, "higher", "toy/a/choose", "%")
    assert print_number(share, "mean") == r"66.5\,\%"
    assert print_number(share, "mean", unit=False) == "66.5"


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("mean", "0.50"),
        ("interval", r"0.50000\,\textpm\,0.00025"),
        ("range", r"[0.49975,\,0.50025]"),
        ("std", "0.00020"),
        ("n", "5"),
    ],
)
def test_a_number_prints_in_the_wanted_kind(kind, text):
    five = measured("a.error", {1: 0.4998, 2: 0.5, 3: 0.5002, 4: 0.4998, 5: 0.5002}, 2, "lower", "toy/a/choose")
    assert print_number(five, kind) == text


@pytest.mark.parametrize(
    ("values", "better", "text"),
    [
        ((0.4998, 0.5, 0.5002), "lower", r"0.5000 (0.4998\,to\,0.5002)"),  # too few seeds
        ((0.5, 0.5, 0.5), "lower", "0.50"),
        ((0.0, 0.0, 0.0, 0.0, 0.1), "lower", r"0.02 (0.00\,to\,0.10)"),  # an error below 0
        ((0.9, 1.0, 1.0, 1.0, 1.0), "higher", r"0.98 (0.90\,to\,1.00)"),  # a share above 1
        ((-0.2, 0.0, 0.0, 0.0, 0.2), "lower", r"0.00\,\textpm\,0.18"),  # a difference
    ],
)
def test_no_interval_is_printed_of_few_seeds_or_beyond_what_the_quantity_can_be(values, better, text):
    number = measured("a.error", dict(enumerate(values)), 2, better, "toy/a/choose")
    assert print_number(number, "interval") == text


def test_a_seed_that_was_not_measured_is_an_error():
    with pytest.raises(ReproseError, match=r"no value for seed 9. Seeds found: 1, 2, 3"):
        print_number(NUMBER, "seed", 9)


def test_a_kind_that_does_not_exist_is_an_error():
    with pytest.raises(ReproseError, match="kind 'median'. Allowed: mean, interval"):
        print_number(NUMBER, "median")


def test_percent_carries_its_sign():
    assert print_number(constant("share", 12.5, 1, "toy/summarize", "%"), "mean") == r"12.5\,\%"


def test_anchors_tell_names_apart_and_hold_no_point_or_colon():
    names = ["a_b/c", "a/b_c", "a/b/c", "a.b/c", "a:b/c", "a-b/c", "a__b/c", "a/b__c", "a_/b", "a/b/c_d"]
    assert len({anchor(name) for name in names}) == len(names)
    assert not re.search(r"[^A-Za-z0-9-]", "".join(map(anchor, names)))


def test_lines_may_break_within_a_path():
    assert breakable("a_b/c.d") == r"a\_\allowbreak{}b/\allowbreak{}c.\allowbreak{}d"


def test_a_template_escapes_text_and_leaves_latex():
    source = r"\VAR{text} \VAR{latex} \VAR{'50 % & more'}\BLOCK{for i in [1]} \VAR{i}\BLOCK{endfor}"
    assert render(source, "t", {"text": "a_b", "latex": Latex(r"\pv{a}{b}")}) == r"a\_b \pv{a}{b} 50 \% \& more 1"


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (r"""\VAR{"it's < " ~ number}""", r"it\textquotesingle{}s \textless{} \pv{a}{1}"),
        (r"\VAR{plain ~ number}", r"a\&b\pv{a}{1}"),
        (r"\VAR{plain + number} \VAR{number + plain}", r"a\&b\pv{a}{1} \pv{a}{1}a\&b"),
        (r"""\VAR{[number, plain] | join(" & ")}""", r"\pv{a}{1} \& a\&b"),
        (r"""\VAR{[plain, plain] | join(" & ")}""", r"a\&b \& a\&b"),
        (r"\VAR{plain | e} \VAR{plain | forceescape}", r"a\&b a\&b"),
        (r"""\BLOCK{set kept}\VAR{plain}\BLOCK{endset}\VAR{kept ~ "%"}""", r"a\&b\%"),
        (r"""\BLOCK{macro m(x)}\VAR{x}\BLOCK{endmacro}\VAR{m(plain) ~ "_" ~ m(number)}""", r"a\&b\_\pv{a}{1}"),
        (r"""\VAR{keys["a_" ~ 1]} \VAR{keys[["a", 1] | join("_")]}""", "yes yes"),
    ],
)
def test_texts_that_a_template_joins_are_escaped_as_latex(source, text):
    given = {"number": Latex(r"\pv{a}{1}"), "plain": "a&b", "keys": {"a_1": "yes"}}
    assert render(source, "t", given) == text


def test_an_undefined_name_among_joined_texts_is_an_error():
    with pytest.raises(ReproseError, match=r"t:2: nothing is called 'missing' here"):
        render('\n\\VAR{"a" ~ missing ~ number}', "t", {"number": Latex("1")})


def test_a_macro_of_a_template_is_escaped_once():
    source = "\\BLOCK{macro twice(x)}\\VAR{x}\\VAR{x}\\BLOCK{endmacro}\n\\VAR{twice('a_') | trim}"
    assert render(source, "t", {}) == r"a\_a\_"


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("one\n\\VAR{missing}", r"section\.j2:2: nothing is called 'missing' here"),
        ("one\n\n\\BLOCK{if}", r"section\.j2:3: "),
        ("one\n\\VAR{fail()}", r"section\.j2:2: no such thing"),
        ("one\n\\VAR{1 / 0}", r"section\.j2:2: division by zero"),
        ("one\n\\VAR{'{}'.format()}", r"section\.j2:2: Replacement index 0"),
        ("one\n\\VAR{'%y' % 1}", r"section\.j2:2: unsupported format character"),
        ("one\n\\BLOCK{macro m()}\\VAR{m()}\\BLOCK{endmacro}\\VAR{m()}", r"section\.j2:2: maximum recursion depth"),
        ("one\nC\\#{} is", r"section\.j2:2: \\#{} is a comment of the template.*Write {\\#}"),
        ("\\BLOCK{macro m()}\n\\VAR{fail()}\\BLOCK{endmacro}\n\\VAR{m()}", r"section\.j2:2: no such thing"),
    ],
)
def test_an_error_in_a_template_names_its_line(source, message):
    def fail():
        raise ReproseError("no such thing")

    with pytest.raises(ReproseError, match=message):
        render(source, "section.j2", {"fail": fail})


def test_a_spread_made_by_rounding_adds_no_decimals():
    values = {1: 0.925, 2: 0.9250000000000002, 3: 0.925, 4: 0.925, 5: 0.925}
    assert print_number(measured("a", values, 3, "", "toy/a/choose"), "interval") == r"0.925\,\textpm\,0.000"


def test_a_template_includes_files_of_the_job_and_no_other(tmp_path):
    part = tmp_path / "one.j2"
    part.write_text("shared \\VAR{word}\n")
    parts = {"parts/one.j2": part}
    assert render('%% include "parts/one.j2"\n', "t", {"word": "a_b"}, parts) == "shared a\\_b\n"
    with pytest.raises(ReproseError, match="t:1: 'parts/two.j2' is included, but not by its name in quotes"):
        render('%% include "parts/" ~ "two.j2"\n', "t", {}, parts)
    with pytest.raises(ReproseError, match=r"one.j2:1: nothing is called 'word' here"):
        render('%% include "parts/one.j2"\n', "t", {}, parts)
    part.write_text("5 % of \\VAR{word}\n")
    with pytest.raises(ReproseError, match=r"one.j2:1: a comment of LaTeX in which the template computes"):
        render('%% include "parts/one.j2"\n', "t", {"word": "a"}, parts)
