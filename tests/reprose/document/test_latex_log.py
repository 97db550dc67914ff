import pytest

from reprose.document.latex_log import label_faults, latex_error, reference_faults, sticking_out, structure_faults
from reprose.document.places import Places, unclosed

LOG = r"""(./handout.tex (/usr/share/texmf/reprose.sty) (./handout.aux)
(./sections/toy.tex
Overfull \hbox (0.5pt too wide) in paragraph at lines 1--2
Overfull \hbox (93.2pt too wide) in alignment at lines 3--9
LaTeX Warning: Float too large for page by 120.7pt on input line 12.
) (./provenance.tex) (./handout.bbl
Overfull \vbox (7.0pt too high) has occurred while \output is active []
))
"""


def test_what_sticks_out_is_told_with_its_lines():
    assert sticking_out(LOG, Places({}, {})) == (
        "sections/toy.tex:3-9: 93 pt too wide for its place on the page",
        "sections/toy.tex:12: 121 pt too high for its place on the page",
        "handout.bbl: 7 pt too high for its place on the page",
    )


@pytest.mark.parametrize(
    ("log", "message"),
    [
        (
            "\n./sections/toy.tex:2: LaTeX Error: Unicode character \u4e2d (U+4E2D)\n               not set up for use"
            " with LaTeX.\n\nSee the manual\n",
            "LaTeX: sections/toy.tex:2: LaTeX Error: Unicode character \u4e2d (U+4E2D) not set up for use with LaTeX.\n"
            "  two \u4e2d\nIt was made from report/problems/toy.tex.j2; correct the prose there.",
        ),
        (
            "\n./sections/toy.tex:2: Argument of \\caption@ydblarg has an extra }.\n<inserted text>\n",
            "LaTeX: sections/toy.tex:2: Argument of \\caption@ydblarg has an extra }. A caption bears no \\footnote:",
        ),
        (
            "\n./handout.tex:9: Package a Error: One\n(a)                two\n(a)                three.\n\nSee",
            "LaTeX: handout.tex:9: Package a Error: One two three.\nIt was made from the handout's template",
        ),
        (
            "Runaway argument?\n{See \\url {http://a/b\n./handout.tex:3: File ended while scanning use of \\x.\n",
            "File ended while scanning use of \\x. Not closed: {See \\url {http://a/b (a brace is missing",
        ),
        (
            "\n./handout.bbl:9: Undefined.\n",
            "LaTeX: handout.bbl:9: Undefined.\nIt was made from report/style/ref",
        ),
        (
            "\n./sections/toy.tex:2: Missing $ inserted.\n",
            "inserted. Here or before: _ is written \\_, and",
        ),
        ("\n./sections/toy.tex:2: Misplaced alignment tab character &.\n", "character &. The sign & is written \\&."),
        (
            "! LaTeX Error: File `mine.sty' not found.",
            "the file 'mine.sty' is missing. It is in none of the packages that are installed.",
        ),
    ],
)
def test_an_error_is_told_in_full_with_where_to_look(log, message):
    assert message in latex_error(log, Places({"sections/toy.tex": "one\ntwo \u4e2d\n"}, {}))


def test_a_label_given_twice_is_told_with_both_places():
    log = "LaTeX Warning: Label `sec:a' multiply defined.\nLaTeX Warning: Label `sec:a@cref' multiply defined.\n"
    log += "LaTeX Warning: Label `answer:A1' multiply defined.\n"
    texts = {
        "sections/one.tex": "\\section{A}\\label{sec:a}\n% \\label{sec:a}\n\\verb|\\label{sec:a}| \\answers{A1}",
        "sections/two.tex": "\n\n\\label{sec:a}\\answers{A1}",
    }
    assert label_faults(log, Places(texts, {})) == [
        "the label 'answer:A1' is given twice: sections/one.tex:3 and sections/two.tex:3",
        "the label 'sec:a' is given twice: sections/one.tex:1 and sections/two.tex:3",
    ]


TEMPLATE = r"""%# a comment of the template
%% set name = "plain"
\section{A line}

%% for row in rows
\VAR{row} & is so \\
%% endfor
The \VAR{name} fit has \foo an error of \VAR{n("plain.error")}. % why
\VAR{code("a:b")}
"""
RENDERED = (
    "\\section{A line}\n\none & is so \\\\\ntwo & is so \\\\\nThe plain fit has \\foo an error of \\pv{a}{1}.\nx\ny\n"
)


@pytest.fixture
def places(tmp_path):
    path = tmp_path / "toy.tex.j2"
    path.write_text(TEMPLATE)
    return Places({"sections/toy.tex": RENDERED}, {"sections/toy.tex": path})


@pytest.mark.parametrize(("line", "wanted"), [(1, 3), (3, 6), (4, 6), (5, 8), (7, 8)])
def test_a_line_is_told_as_that_of_the_template(places, line, wanted):
    assert places.told("sections/toy.tex", line).endswith(f"toy.tex.j2:{wanted}")


def test_what_sticks_out_names_the_lines_of_the_template(places):
    log = r"""(./handout.tex (./sections/toy.tex
Overfull \hbox (9.0pt too wide) in paragraph at lines 3--5
Overfull \hbox (8.0pt too wide) in alignment at lines 3--4
LaTeX Warning: Float too large for page by 7.0pt on input line 1.
Overfull \vbox (6.0pt too high) has occurred while \output is active []
"""
    template = places.templates["sections/toy.tex"]
    found = [told.removeprefix(f"{template}").partition(": ")[0] for told in sticking_out(log, places)]
    assert found == [":6-8", ":6", ":3", ""]
    unlike = Places({"sections/toy.tex": "x\n" * 9}, places.templates)
    assert sticking_out(log, unlike)[0].startswith(f"{template} (rendered, sections/toy.tex:3-5): 9 pt too wide")


def test_what_sticks_out_is_told_of_the_file_that_latex_was_reading():
    log = r"""(./handout.tex (./sections/a.tex) (./sections/b.tex
Overfull \hbox (77.8pt too wide) in paragraph at lines 2--1
\OT1/cmr/m/n/10 a ( that nothing closes []
 []

Package x Warning: (an aside) of a package.
) (./figures/c.tex)
Overfull \hbox (9.0pt too wide) in paragraph at lines 4--5
"""
    assert [told.partition(" ")[0] for told in sticking_out(log, Places({}, {}))] == [
        "sections/b.tex:1:",
        "handout.tex:4-5:",
    ]


def test_an_error_names_the_line_of_the_template(places):
    said = latex_error("\n./sections/toy.tex:5: Undefined control sequence.\n", places)
    assert "toy.tex.j2:8: Undefined control sequence.\n  The plain fit has \\foo an error" in said
    assert "sections/toy.tex" not in said


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (r"\begin{itemize}\item a" + "\n\nb", [(1, r"\begin{itemize} is not closed before the end of the file.")]),
        ("a\nb {c\n", [(2, "a { is not closed before the end of the file.")]),
        ("a\nb} c", [(2, "a } that closes nothing.")]),
        (r"\begin{a}" + "\n" + r"\begin{b}\end{a}", [(2, r"\begin{b} is not closed before \end{a}.")]),
        (r"\newenvironment{x}{\begin{a}}{\end{a}} \{ % {" + "\n" + r"\verb|{| \begin{a}{b}\end{a}", []),
    ],
)
def test_what_a_section_opens_and_does_not_close_is_found(text, told):
    assert list(unclosed(text)) == told


def test_the_section_is_blamed_for_what_it_leaves_open_and_not_the_handout():
    log = "\n./handout.tex:12: LaTeX Error: \\begin{itemize} on input line 3 ended by \\end{document}.\n"
    places = Places({"handout.tex": "", "sections/toy.tex": "a\n\\begin{itemize}\n\\item"}, {})
    told = "sections/toy.tex:2: \\begin{itemize} is not closed before the end of the file."
    assert structure_faults(places) == [told]
    assert latex_error(log, places) == f"LaTeX: {told}"


def test_what_leads_nowhere_is_told_with_its_place_and_remedy():
    log = "LaTeX Warning: Reference `fig:a_b' on page 1 undefined on input line 3.\n"
    log += "Package natbib Warning: Citation `rubin' on page 1 undefined on input line 3.\n"
    texts = {"sections/toy.tex": "a\n\\cref{sec:x,fig:a_b}\n\\citep[p.~3]{rubin}", "handout.tex": ""}
    first, second = reference_faults(log, Places(texts, {}))
    assert first.startswith(
        "sections/toy.tex:3: citation 'rubin' leads nowhere: the handout prints no references: write"
    )
    assert second.startswith(
        "sections/toy.tex:2: reference 'fig:a_b' leads nowhere: no \\label{fig:a_b} in this handout"
    )
    texts["handout.tex"] = "\\bibliography{references}"
    assert "no such entry in report/style/references.bib" in reference_faults(log, Places(texts, {}))[0]
