from pathlib import Path

import pytest

from reprose.base.errors import ReproseError
from reprose.code.listings import source_text
from reprose.code.syntax import code_roots
from reprose.config import handouts
from reprose.document.claim_notes import introduction
from reprose.document.sections import Writer, render_section
from reprose.document.substitutes import Substituted
from reprose.numbers.registry import Number, Table, Text, constant, measured
from reprose.numbers.reproduction import read_published

ROOT = Path(__file__).parents[3]
ROOTS = code_roots(ROOT)
SEEDS = (123, 1, 2, 3)
JOBS = ["toy/small/choose", "toy/large/choose", "toy/plot", "toy/write"]


def number(variant, value):
    samples = {seed: value + 0.002 * place for place, seed in enumerate(SEEDS)}
    return measured(f"{variant}.error", samples, 3, "lower", f"toy/{variant}/choose")


NUMBERS = {made.key: made for made in (number("small", 0.5), number("large", 0.4))}


def listings(root, problem):
    """Return what a section lists, as the description of its job holds it."""
    return {name: source_text(name, ROOTS) for name in handouts.listings(root, problem)}


def section(tmp_path, source, tier="real", numbers=NUMBERS, substitutes=()):
    template = tmp_path / handouts.SECTIONS / "toy.tex.j2"
    template.parent.mkdir(parents=True, exist_ok=True)
    template.write_text(source)
    return render_section(
        template,
        problem="toy",
        tier=tier,
        numbers=numbers,
        figures=["curves"],
        published={},
        provenance=JOBS,
        listings=listings(tmp_path, "toy"),
        substitutes=substitutes,
    )


def test_a_number_links_to_the_job_that_made_it(tmp_path):
    assert section(tmp_path, r'\VAR{n("small.error")}').text == (
        r"\pvn{toy--small--choose}{mean of 4 seeds, seeds from 0.500 to 0.506}{0.503}"
    )


def test_a_number_in_a_formula_uses_the_macro_for_formulas(tmp_path):
    assert section(tmp_path, r'$\VAR{m("small.error")}$').text == r"$\pvm{toy--small--choose}{0.503}$"


def test_a_setting_is_printed_as_it_is_written_also_in_a_formula(tmp_path):
    rate = {"rate": constant("rate", 0.0004, 3, "toy/small/choose")}
    printed = section(tmp_path, r'\VAR{n("rate", "plain")} $\VAR{m("rate", "plain")}$', numbers=rate).text
    assert printed == r"\pv{toy--small--choose}{0.0004} $\pvm{toy--small--choose}{0.0004}$"
    with pytest.raises(ReproseError, match="digits=2, but 'plain' prints a setting as it is written"):
        section(tmp_path, r'\VAR{n("rate", "plain", digits=2)}', numbers=rate)


TEXTS = {"review.text": Text("review.text", "100 % {fun} & \\input", "toy/small/choose")}


def test_a_text_is_printed_escaped_and_links_to_the_job_that_made_it(tmp_path):
    printed = section(tmp_path, r'\VAR{text("review.text")}', numbers=TEXTS).text
    assert printed == r"\pv{toy--small--choose}{100 \% \{fun\} \& \textbackslash{}input}"


@pytest.mark.parametrize("call", ['n("review.text")', 'claim("One.", "review.text < 1")'])
def test_a_text_is_no_number(tmp_path, call):
    with pytest.raises(ReproseError, match=r"toy.tex.j2:1: 'review.text' in numbers.json is a text"):
        section(tmp_path, rf"\VAR{{{call}}}", numbers=TEXTS)


def test_a_missing_number_names_template_line_key_and_rule(tmp_path):
    with pytest.raises(ReproseError, match=r"toy.tex.j2:3: no number 'small.eror'.*'small.error'.*'summarize'"):
        section(tmp_path, "\n\n" + r'\VAR{n("small.eror")}')


def test_a_true_claim_is_printed_with_its_test(tmp_path):
    made = section(tmp_path, r'\VAR{claim("Large & small differ.", "large.error < small.error", "large wins")}')
    assert made.text.startswith(
        r"Large \& small differ.\claimmark{toy-1}{1}{\claimtest{error: large $<$ small}{difference "
    )
    assert made.text.endswith(", $n = 4$}}")
    assert [claim.label for claim in made.claims] == ["large wins"]
    assert [claim.holds for claim in made.claims] == [True]


def test_a_sentence_keeps_its_apostrophes(tmp_path):
    text = section(tmp_path, r"""\VAR{claim("It's " ~ "less.", "large.error < small.error")}""").text
    assert text.startswith("It\u2019s less.")


def test_false_claims_fail_the_real_tier_with_every_line_and_both_values(tmp_path):
    source = (
        '\\VAR{claim("One.", "small.error < large.error")}\n\n\\VAR{claim("Two.", "small.error ~ 0.1 within 0.01")}'
    )
    with pytest.raises(ReproseError) as caught:
        section(tmp_path, source)
    message = str(caught.value)
    assert "toy.tex.j2:1: this claim does not hold: One." in message
    assert "small.error is 0.503" in message and "large.error is 0.403" in message
    assert "toy.tex.j2:3: this claim does not hold: Two." in message


def test_a_false_claim_is_only_marked_on_the_sample_tier(tmp_path):
    made = section(tmp_path, r'\VAR{claim("One.", "small.error < large.error")}', tier="sample")
    assert r"One.\failedclaimmark{toy-1}{1}" in made.text
    assert r"$n = 4$, \failed{reversed}}" in made.text


def test_a_decision_prints_the_sentence_that_the_seeds_support(tmp_path):
    def said(left, right, **more):
        names = "".join(f', {name}="{value}"' for name, value in more.items())
        source = rf'\VAR{{decide("{left}", "{right}", lower="down", higher="up", unshown="unknown"{names})}}'
        return section(tmp_path, source).text.partition(r"\claimmark")[0]

    assert said("large.error", "small.error") == "down"
    assert said("small.error", "large.error") == "up"
    assert said("small.error", "small.error") == "unknown"
    assert said("small.error", "large.error", same="level", within="0.5") == "level"
    assert said("small.error", "large.error", same="level", within="0.05") == "up"


def test_a_claim_has_a_test_for_each_comparison_and_constants_have_no_seeds(tmp_path):
    text = section(tmp_path, r'\VAR{claim("One.", "large.error < small.error and large.error < 1 and 1 < 2")}').text
    assert text.count(r"\claimtest{") == 3
    assert text.endswith(r"\claimtest{1 $<$ 2}{difference \textminus{}1.0000, fixed values, no test}}")


def test_a_handout_tells_how_many_comparisons_it_makes_and_how_many_chance_would():
    assert introduction(20) == r"\claimsintro{\claimscount{20}{1.0}}"
    assert introduction(1) == r"\claimsintro{\claimsone}"
    assert introduction(0) == ""


def test_prose_branches_on_what_holds(tmp_path):
    source = r'\BLOCK{if holds("large.error < small.error")}yes\BLOCK{else}no\BLOCK{endif}'
    assert section(tmp_path, source).text == "yes"


SUBSTITUTES = [Substituted("vectors", "v.txt", "7 words are missing")]


def test_a_section_names_its_substitutes_where_the_template_wants_it(tmp_path):
    text = section(tmp_path, r"one \VAR{substitutes()} two", substitutes=SUBSTITUTES).text
    assert text.startswith(r"one \substitutenote{") and text.endswith("} two")
    assert "7 words are missing" in text
    assert section(tmp_path, r"one \VAR{substitutes()}two").text == "one two"


def test_a_section_that_does_not_name_its_substitutes_ends_with_them(tmp_path):
    assert section(tmp_path, "one", substitutes=SUBSTITUTES).text.startswith(r"one\substitutenote{")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (r'\VAR{figure("curve")}', "no figure 'curve'. Found: curves"),
        (r'\VAR{mark("toy/plott")}', "no job 'toy/plott'.*toy/plot"),
        (r'\VAR{reproduction("document_9")}', "no document 'document_9'"),
        (r'\VAR{code("reprose.base." ~ "errors:ReproseError")}', "write the name out in the template"),
        (r'\VAR{code("reprose.base.errors:Wrong")}', "no function or class 'Wrong'. Found there: ReproseError"),
    ],
)
def test_a_name_that_does_not_exist_is_answered_with_those_that_do(tmp_path, source, message):
    with pytest.raises(ReproseError, match=message):
        section(tmp_path, source)


def test_a_listing_shows_the_source_with_its_file(tmp_path):
    text = section(tmp_path, r'\VAR{code("reprose.base.errors:ReproseError")}').text
    assert "\\begin{lstlisting}[linewidth=\\fullwidth]\nclass ReproseError(Exception):\n" in text
    assert r"\listingpath{reprose/\allowbreak{}base/\allowbreak{}errors.\allowbreak{}py}" in text


def test_a_listing_prints_characters_beyond_ascii_as_codes(tmp_path):
    path = tmp_path / "scripts/odd.py"
    path.parent.mkdir()
    path.write_text("def f():\n\treturn 'caf\u00e9 \u4e2d\u6587'\n", encoding="utf-8")
    listed = {"scripts.odd:f": source_text("scripts.odd:f", (("scripts", path.parent),))}
    writer = Writer("toy", "real", {}, [], {}, [], listed)
    assert "def f():\n    return 'caf[U+00E9] [U+4E2D U+6587]'\n" in writer.code("scripts.odd:f")
    with pytest.raises(ReproseError, match="would end it"):
        Writer("toy", "real", {}, [], {}, [], {"a:b": r"'\end{lstlisting}'"}).code("a:b")


def test_a_listing_begins_with_the_decorators(tmp_path):
    (tmp_path / "toy.py").write_text("import functools\n\n\n@functools.cache\ndef f():\n    return 1\n\n\nx = 2\n")
    assert source_text("package.toy:f", (("package", tmp_path),)) == "@functools.cache\ndef f():\n    return 1\n"


def test_a_listing_may_be_a_method_at_the_left_margin(tmp_path):
    (tmp_path / "toy.py").write_text("class Fit:\n    x = 1\n\n    @property\n    def f(self):\n        return 1\n")
    assert source_text("package.toy:Fit.f", (("package", tmp_path),)) == "@property\ndef f(self):\n    return 1\n"
    with pytest.raises(ReproseError, match="no function or class 'g'. Found there: f"):
        source_text("package.toy:Fit.g", (("package", tmp_path),))
    template = tmp_path / handouts.SECTIONS / "toy.tex.j2"
    template.parent.mkdir(parents=True)
    template.write_text(r'\VAR{code("scripts.toy:Fit.f")}')
    assert handouts.listings(tmp_path, "toy") == ["scripts.toy:Fit.f"]


def test_the_heading_of_a_section_keeps_the_documents_number(tmp_path):
    template = tmp_path / handouts.SECTIONS / "toy.tex.j2"
    template.parent.mkdir(parents=True)
    heading = r"\numberedas[section]{A1}\section{Yes or no}\label{sec:toy}"
    template.write_text(f"%# One.\n{heading}\nText.\n")
    assert handouts.heading(tmp_path, "toy") == heading


@pytest.mark.parametrize(
    "content",
    [
        b"x = 1\n\x0c\n" + b"def f():\n    return 1\n" + b"\n\ny = 2\n",  # pages, as Emacs moves by them
        "x = 'a\u2028b\x85'\ndef f():\n    return 1\ny = 2\n".encode(),
        b"\xef\xbb\xbfdef f():\r\n    return 1\r\n",
        "# -*- coding: latin-1 -*-\nx = '\u00fc'\ndef f():\n    return 1\n".encode("latin-1"),
    ],
)
def test_a_listing_has_the_lines_that_python_counts(tmp_path, content):
    (tmp_path / "toy.py").write_bytes(content)
    assert source_text("package.toy:f", (("package", tmp_path),)) == "def f():\n    return 1\n"


class Invented(dict):
    """A registry that has every number: four seeds whose mean rises or falls with the length of the key.

    What ends in "text" or "words" is a text.
    """

    def __init__(self, slope, problem):
        self.slope = slope
        self.source = f"{problem}/summarize"

    def __contains__(self, key):
        return True

    def __missing__(self, key):
        if key.endswith((".text", ".words")):
            return Text(key, "some & text", self.source)
        value = 1.0 if key.endswith(".first") else 1 + self.slope * len(key) / 100
        samples = {seed: value + 0.001 * (seed % 7) * value for seed in SEEDS}
        return Number(key, samples, value, 3, "", "lower", self.source)


class AnyFigure(frozenset):
    """The names of figures, of which every one is there."""

    def __contains__(self, name):
        return True


@pytest.mark.parametrize("tier", ["sample", "real"])
@pytest.mark.parametrize("slope", [1, 0, -1])
@pytest.mark.parametrize("problem", ["multitask", "sentiment", "student"])
def test_every_section_is_true_to_any_numbers(problem, tier, slope):
    made = render_section(
        ROOT / f"report/problems/{problem}.tex.j2",
        problem=problem,
        tier=tier,
        numbers=Invented(slope, problem),
        figures=AnyFigure(),
        published=read_published(ROOT / "report/style/published.yaml"),
        provenance=[f"{problem}/{rule}" for rule in ("summarize", "plot", "write")],
        listings=listings(ROOT, problem),
    )
    assert len(made.claims) >= 7
    assert all(claim.holds for claim in made.claims)


def test_a_headline_is_printed_and_kept_for_the_first_page(tmp_path):
    made = section(tmp_path, r'\BLOCK{call headline()} The error is \VAR{n("small.error")}. \BLOCK{endcall} More.')
    assert made.headline.startswith("The error is \\pvn{")
    assert made.headline in made.text


@pytest.mark.parametrize(("behind", "wanted"), [("More.", "One.\nMore."), ("\nMore.", "One.\n\nMore.")])
def test_what_stands_behind_a_headline_is_apart_from_it(tmp_path, behind, wanted):
    assert section(tmp_path, "\\BLOCK{call headline()}\nOne.\n\\BLOCK{endcall}\n" + behind).text == wanted


def test_a_listing_with_long_lines_runs_into_the_margin():
    listed = {"a:f": "def f():\n    return 1\n", "a:g": f"def g():\n    return {'1' * 80}\n"}
    writer = Writer("toy", "real", {}, [], {}, [], listed)
    assert "intomargin" not in writer.code("a:f")
    assert "\\begin{intomargin}" in writer.code("a:g") and "[linewidth=\\fullwidth]\ndef g" in writer.code("a:g")


def test_a_claim_of_the_headline_has_its_note_in_the_section_alone(tmp_path):
    source = r'\BLOCK{call headline()}\VAR{claim("Less.", "large.error < small.error")}\BLOCK{endcall}'
    made = section(tmp_path, source)
    assert made.headline == r"Less.\claimref{toy-1}{1}"
    assert r"\claimmark{toy-1}{1}{\claimtest" in made.text


def test_a_second_headline_is_an_error(tmp_path):
    twice = r"\BLOCK{call headline()}One.\BLOCK{endcall}" * 2
    with pytest.raises(ReproseError, match="a second headline"):
        section(tmp_path, twice)


TABLE = Table("models", ("Model", "Error", "Kind"), (("a_b", NUMBERS["small.error"], "50 %"),), "toy/plot", labels=1)


def test_a_table_is_printed_as_all_tables_are_and_its_cells_link_to_their_jobs(tmp_path):
    printed = section(tmp_path, r'\VAR{table("models")}', numbers={"models": TABLE}).text
    assert printed == (
        "\\begin{tabular}{@{}lrl@{}}\n\\toprule\n"
        r"Model & Error\,$\downarrow$ & Kind \\" + "\n\\midrule\n"
        r"a\_b & \pvn{toy--small--choose}{mean of 4 seeds, seeds from 0.500 to 0.506}{0.503} & \pv{toy--plot}{50 \%} \\"
        "\n\\bottomrule\n\\end{tabular}"
    )
    long = section(tmp_path, r'\VAR{table("models", "interval", 1, long=true)}', numbers={"models": TABLE}).text
    assert long.startswith("\\begin{longtable}") and "\\midrule\n\\endhead" in long
    assert r"{0.5 (0.500\,to\,0.506)}" in long.replace("0.503 (", "0.5 (")


def test_a_missing_table_is_an_error_that_says_what_is_near(tmp_path):
    with pytest.raises(ReproseError, match=r"tex.j2:1: no table 'model' in numbers.json. Did you mean 'models'"):
        section(tmp_path, r'\VAR{table("model")}', numbers={"models": TABLE})
