"""A handout is LaTeX with all its freedom; the page shows what pandoc cannot read as pictures, and says so."""

import base64
import re
import subprocess

import pytest
from matplotlib.figure import Figure

from page_style import gather_styles
from reprose.base.errors import ReproseError
from reprose.document.figures import save
from reprose.document.typesetting import typeset
from reprose.document.web.pictures import Pictures, definitions, users
from reprose.jobs.record import Record
from web_page import Page, faults

HANDOUT = r"""\documentclass[10pt,a4paper]{article}\usepackage{reprose,tikz,mine}
\newcommand\R{\mathbb{R}}\newcommand{\pair}[2]{(#1, #2)}\DeclareMathOperator\argmax{arg\,max}
\newcommand\turned[1]{\rotatebox{90}{#1}}
\BLOCK{if sample}\sampledata\BLOCK{endif}
\title{A toy}\author{Ada \and Bob}\date{May 2026}\begin{document}\maketitle
\begin{abstract}In few words.\end{abstract}
\BLOCK{for section in sections}\input{sections/\VAR{section}}\BLOCK{endfor}
\begin{provenanceappendix}\input{provenance}\end{provenanceappendix}\end{document}
"""
SECTION = r"""\section{First}\label{sec:first}
A point \pair{a}{b} of $\R^2$, $\argmax f$; \boldly{own style}; \fbox{framed}.
\begin{figure}[htb]\begin{tikzpicture}\draw (0,0) -- (2,1) node {$x$};\end{tikzpicture}
\caption{Drawn.}\label{fig:drawn}\end{figure}

A word \turned{aside} and \rotatebox{90}{up}, see \cref{fig:drawn}. % \rotatebox{90}{not here}
\verb|\rotatebox{1}{2}| \lstinputlisting{parts/code.py} \input{parts/more}

\includegraphics[width=2cm]{images/setup.png} \includegraphics{images/plan}
\begin{multicols}{2} In two columns. \end{multicols}
\begin{align} a &= b \\ c &= d \end{align} \begin{equation} e \end{equation}
\begin{subequations}\label{eq:two}\begin{align} f &= g \\ h &= i \end{align}\end{subequations}
\begin{equation} j \tag{k} \end{equation} \begin{equation} l \end{equation} By \eqref{eq:two}.
"""
RECORD = Record("toy/small/choose", {"rule": "choose", "code": "c" * 64}, {}, {"weights_1.npz": "b" * 64})
MADE = Record("data/made/fetch", {"rule": "fetch", "code": "c" * 64, "sample": {}}, {}, {"made.csv": "d" * 64})


@pytest.fixture(scope="module")
def handout(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictures")
    (folder / "toy.tex.j2").write_text(HANDOUT)
    (folder / "more.tex").write_text("More, from a file.")
    for kind in ("png", "pdf"):
        save(Figure(figsize=(1, 1)), folder / f"made.{kind}") if kind == "pdf" else Figure((1, 1)).savefig(
            folder / "made.png"
        )
    style = gather_styles(folder / "style")
    (style / "mine.sty").write_text("\\ProvidesPackage{mine}\n\\newcommand\\boldly[1]{\\textbf{#1}}\n")
    (folder / "code.py").write_text("listed = 1\n")
    names = {
        "parts/more.tex": "more.tex",
        "parts/code.py": "code.py",
        "images/setup.png": "made.png",
        "images/plan.pdf": "made.pdf",
    }
    static = {name: folder / file for name, file in names.items()}
    return typeset(folder / "toy.tex.j2", {"toy": SECTION}, {}, [RECORD, MADE], style, "sample", static=static)


@pytest.fixture(scope="module")
def pdf(handout):
    return subprocess.run(["pdftotext", "-", "-"], input=handout.pdf, capture_output=True, check=True).stdout.decode()


def test_the_pdf_holds_what_the_author_wrote(pdf):
    shown = (
        "Ada, Bob",
        "May 2026",
        "In few words",
        "own style",
        "framed",
        "More, from a file",
        "listed",
        "In two columns",
    )
    assert [text for text in shown if text not in pdf.replace("\n", " ")] == []


def test_the_page_says_the_same_and_is_whole(handout):
    page = Page(handout.html)
    assert faults(handout.html) == []
    shown = (
        "Ada",
        "Bob",
        "May 2026",
        "In few words",
        "(a, b)",
        "own style",
        "framed",
        "More, from a file",
        "In two columns",
    )
    assert [text for text in shown if text not in page.text] == []
    assert "listed <span" in handout.html
    assert all(load.startswith("data:image/") for load in page.loads)
    assert sum(load.startswith("data:image/png") for load in page.loads) == 1


def test_what_pandoc_cannot_read_is_a_picture_of_the_pdf_that_says_so(handout):
    pictures = re.findall(
        r'<span class="pictured"><img src="data:image/svg\+xml;base64,([^"]*)" alt="In LaTeX: ([^"]*)">'
        r"<small>as in the PDF</small>",
        handout.html,
    )
    assert [text.partition("{")[0] + text[-6:] for _, text in pictures] == [
        r"\begincture}",
        r"\turned{aside}"[:7] + "aside}",
        r"\rotatebox{90}{up}"[:10] + "0}{up}",
    ]
    assert all(b"<svg" in base64.b64decode(svg) for svg, _ in pictures)
    assert any("3 places shown as in the PDF" in told for told in handout.overfull)


def plainly(folder, section):
    """Typeset a section without anything beside it."""
    (folder / "toy.tex.j2").write_text(HANDOUT.replace("reprose,tikz,mine", "reprose,tikz"))
    style = gather_styles(folder / "style")
    return typeset(folder / "toy.tex.j2", {"toy": section}, {}, [RECORD, MADE], style, "sample")


def test_a_picture_that_cannot_be_drawn_leaves_its_latex(tmp_path, monkeypatch):
    monkeypatch.setattr("reprose.document.typesetting._draw", lambda folder, wait, document: None)
    html = plainly(tmp_path, r"\section{A} \rotatebox{90}{up}").html
    assert r'<span class="pictured">[only in the PDF: <code>\rotatebox{90}{up}</code>]</span>' in html


def test_a_page_that_cannot_be_made_says_so_and_the_pdf_is_whole(tmp_path, monkeypatch):
    def fail(*_):
        raise ReproseError("web page: pandoc failed: why & how")

    monkeypatch.setattr("reprose.document.web.page._pandoc", fail)
    handout = plainly(tmp_path, r"\section{A} Words.")
    assert handout.pdf.startswith(b"%PDF") and handout.pages > 0
    assert "could not be made" in handout.html and "why &amp; how" in handout.html and "sample data" in handout.html
    assert handout.overfull[-1] == "web page: pandoc failed: why & how The PDF is whole."


def test_unlabelled_equations_have_the_numbers_of_the_pdf(handout, pdf):
    wanted = ["(1.1)", "(1.2)", "(1.3)", "(1.4a)", "(1.4b)", "(k)", "(1.5)", "(1.4)"]
    assert [number for number in wanted if number not in pdf] == []
    assert [number for number in wanted if number not in handout.html] == []


def test_definitions_are_found_in_the_head_and_in_style_files():
    found = definitions(
        "\\newcommand\\R{\\mathbb R}% no\n\\title{x}\n\\newenvironment{a}[1]{b {c}}{d}",
        {"m": "\\newcommand{\\x}[1][y]{#1}"},
    )
    assert found.split("\n")[:3] == [
        "\\newcommand{\\x}[1][y]{#1}",
        "\\newcommand\\R{\\mathbb R}",
        "\\newenvironment{a}[1]{b {c}}{d}",
    ]
    assert users(r"\newcommand\turned[1]{\rotatebox{90}{#1}}", {"rotatebox"}) == {"turned"}


def test_a_place_ends_with_its_arguments():
    pictures = Pictures({"odd"})
    assert pictures.apart(r"a \odd[1]{b{c}} {d} \oddly \begin{odd}e\end{odd}f", []).count("pictures/") == 2
    assert pictures.taken == [r"\odd[1]{b{c}} {d}", r"\begin{odd}e\end{odd}"]
