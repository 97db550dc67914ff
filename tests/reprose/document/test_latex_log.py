import pytest

from reprose.document.latex_log import label_faults, latex_error, sticking_out

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
    assert sticking_out(LOG) == (
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
            "! LaTeX Error: File `mine.sty' not found.",
            "A style file of your own is not read: write what",
        ),
    ],
)
def test_an_error_is_told_in_full_with_where_to_look(log, message):
    assert message in latex_error(log, {"sections/toy.tex": "one\ntwo \u4e2d\n"})


def test_a_label_given_twice_is_told_with_both_places():
    log = "LaTeX Warning: Label `sec:a' multiply defined.\nLaTeX Warning: Label `sec:a@cref' multiply defined.\n"
    log += "LaTeX Warning: Label `answer:A1' multiply defined.\n"
    texts = {
        "sections/one.tex": "\\section{A}\\label{sec:a}\n% \\label{sec:a}\n\\verb|\\label{sec:a}| \\answers{A1}",
        "sections/two.tex": "\n\n\\label{sec:a}\\answers{A1}",
    }
    assert label_faults(log, texts) == [
        "the label 'answer:A1' is given twice: sections/one.tex:3 and sections/two.tex:3",
        "the label 'sec:a' is given twice: sections/one.tex:1 and sections/two.tex:3",
    ]
