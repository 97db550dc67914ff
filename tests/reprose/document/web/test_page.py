import re
import subprocess

import pytest
from matplotlib.figure import Figure

from page_style import gather_styles
from reprose.base.errors import ReproseError
from reprose.document.figures import save
from reprose.document.typesetting import typeset
from reprose.document.web.aux_file import read_labels
from reprose.document.web.numbering import Numbering, split_rows
from reprose.document.web.page import _pandoc, unread
from reprose.document.web.simplify import mark, mark_formulas, unmark
from reprose.document.web.tables import letters, simplify
from reprose.jobs.record import Record
from reprose.numbers.printing import FORMULAS, escape
from web_page import Page, different_numbers, faults, shown_numbers

HANDOUT = r"""\documentclass[10pt,a4paper]{article}\usepackage{reprose}
\BLOCK{if sample}\sampledata\BLOCK{endif}
\title{A toy}\subtitle{Made for tests}\begin{document}\maketitle\VAR{substitutes}\tableofcontents
\BLOCK{for section in sections}\input{sections/\VAR{section}}\BLOCK{endfor}
\bibliographystyle{plainnat}\bibliography{references}
\begin{provenanceappendix}\input{provenance}\end{provenanceappendix}\end{document}
"""
RECORD = Record("toy/small/choose", {"rule": "choose", "code": "c" * 64}, {}, {"weights_1.npz": "b" * 64})
MADE = Record("data/made/fetch", {"rule": "fetch", "code": "c" * 64, "sample": {}}, {}, {"made.csv": "d" * 64})
PV, PVM = r"\pv{toy--small--choose}", r"\pvm{toy--small--choose}"
QUOTED = (
    """src="figures/a.svg" /* style */ <nav>x</nav> <a href="#attached"> a--b ?` ,,d'' \u4e2d\u6587 na\u00efve a.pdf"""
)
SIGNS = "\u03b1_1 \u2265 \u2010\u2010"
SHOWN = QUOTED.replace("\u4e2d\u6587", "[U+4E2D U+6587]")
SECTION = rf"""\section{{First}}\label{{sec:first}} See \cref{{fig:line,tab:one,tab:long}}
and \eqref{{eq:second}}, as \citet{{kingma2015adam}} say
\citep[p.~3]{{harper2015movielens}}.\sidenote{{A note with {PV}{{0.5}}.\par\smallskip More of it.}}
\begin{{figure}}[htb]\includegraphics[width=\textwidth]{{figures/toy/line.pdf}}
\caption{{A line at $x'_i = {PVM}{{3}}$.\pvmark{{toy--small--choose}}}}\label{{fig:line}}\end{{figure}}
\begin{{table}}[htb]\caption{{One.}}\label{{tab:one}}\begingroup\footnotesize\setlength\tabcolsep{{4pt}}
\begin{{tabular}}{{@{{}}lP{{20mm}}r@{{}}}}
\toprule & \multicolumn{{2}}{{@{{}}c}}{{Both}} \\ \cmidrule(lr){{2-3}} Name & left & right \\ \midrule
two marks {PV}{{1}} & {PV}{{1}} & \textminus{{}}2 \\[2pt] \addlinespace \midrule b & 3 & 4 \\ \bottomrule
\end{{tabular}}\endgroup\end{{table}}
\subsection{{Second {PV}{{7}}}}\label{{sec:second}}\answers{{A1.b}} See \cref{{answer:A1.b}} of \Cref{{sec:first}}.
\begin{{align}} a &= b, \label{{eq:first}} \\ c &= \Bigl( {PVM}{{0.5}} \Bigr) \notag \\
  d &= e. \label{{eq:second}} \end{{align}}
\begin{{theorem}}[Of names]\label{{thm:names}} A name is $\operatorname{{Name}}(x)$. \end{{theorem}}
\begin{{proof}} \[ x = y. \qedhere \] \end{{proof}}
By \cref{{thm:names}} of \cref{{sec:second}}: \texttt{{a\_\allowbreak{{}}b}}, 3\,\textpm\,1\,\%.
\begin{{longtable}}{{@{{}}ll@{{}}}} \caption{{Long.}}\label{{tab:long}}\\ \toprule A & B \\ \midrule \endfirsthead
\toprule A & B \\ \midrule \endhead \bottomrule \endfoot 1 & 2 \\* 3 & 4 \\ \end{{longtable}}
\begin{{equation}} \tfrac12 \label{{eq:third}} \end{{equation}}
\numberedas{{3.a}}\subsection{{Third}}\label{{sec:own}}\answers{{3.a}} \question{{What is a name?}} \textbf{{A word.}}
\subsection{{Fourth}}\label{{sec:running}} After \cref{{sec:own}} comes \cref{{sec:running}}.

Several: {PV}{{8}} and {PV}{{9}}.

Measured: \pvn{{toy--small--choose}}{{mean of 5 seeds, interval 0.1 to 0.3}}{{0.2}}.

A sentence\claimmark{{toy-1}}{{1}}{{\claimtest{{a $<$ b}}{{difference \textminus{{}}1, $n = 3$, \failed{{reversed}}}}}}.

Quoted: {escape(QUOTED)}; {PV}{{b.pdf}}; \url{{http://localhost/a%20b.pdf}}; \href{{http://localhost/c%20d}}{{there}};
\path{{c%d_e}}; \texttt{{{escape(SIGNS)}}}; \verb|50 % \cref{{x}}|; one % a comment with {{
two% and another
three\ignorespaces% after a command
four % before a blank line

five; prose with {" ".join(FORMULAS)} and $x ∈ Ω$.
\needspace{{3\baselineskip}}\listingpath{{scripts/\allowbreak{{}}toy.py}}
\begin{{lstlisting}}
def cut(text):
    return text.split("\\cref{{")  # 100 % \pv
\end{{lstlisting}}
"""


def build(folder, section=SECTION, draft=False):
    folder.mkdir(exist_ok=True)
    (folder / "toy.tex.j2").write_text(HANDOUT)
    figure = Figure(figsize=(1, 1))
    for kind in ("pdf", "svg"):
        save(figure, folder / f"line.{kind}")
    figures = {"toy/line": folder / "line.pdf"}
    style = gather_styles(folder / "style")
    return typeset(folder / "toy.tex.j2", {"toy": section}, figures, [RECORD, MADE], style, "sample", draft=draft)


@pytest.fixture(scope="module")
def handout(tmp_path_factory):
    return build(tmp_path_factory.mktemp("page"))


@pytest.fixture(scope="module")
def page(handout):
    return Page(handout.html)


def test_a_page_is_whole_and_fetches_nothing(handout, page):
    assert faults(handout.html) == []
    assert sum(load.startswith("data:image/svg+xml") for load in page.loads) == 1
    assert page.alts == ["Figure 1. A line at x i prime is 3."]
    assert '<html lang="en">' in handout.html
    assert "sample data: made up for testing" in page.text


def test_a_picture_is_as_large_beside_the_text_as_on_paper(tmp_path):
    options = ("", r"[width=\textwidth]", r"[width=0.5\textwidth]", r"[width=.25\linewidth]", "[width=5cm]")
    pictures = "".join(rf"\includegraphics{option}{{figures/toy/line.pdf}}" for option in options)
    section = rf"\section{{A}}\begin{{figure}}{pictures}\caption{{A line.}}\label{{fig:line}}\end{{figure}}"
    page = build(tmp_path / "page", section).html
    widths = re.findall(r'<img src="data:[^"]*"[^>]* style="width:([^"]*)"', page)
    assert widths == ["7.2em", "100%", "50%", "25.0%", "14.225em"]  # the figure is 72 points wide
    assert not re.search(r"figure img \{[^}]*[^-]width: 100%", page)
    assert faults(page) == []


def test_a_page_has_the_same_bytes_in_every_folder(handout, tmp_path, monkeypatch):
    monkeypatch.setenv("LC_ALL", "C")
    odd = tmp_path / "a folder #1? {of} %41"
    odd.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(odd))
    assert build(odd / "inside").html == handout.html


def test_a_page_carries_the_numbers_of_the_pdf(handout, page):
    numbered = r"(?:Figure|Table|Theorem|Section|Equation) [\d.]*\d|\(1\.\d\)"
    assert set(re.findall(numbered, page.text)) == set(re.findall(numbered, printed(handout.pdf)))
    assert (
        "See Figure 1 and Tables 1 and 2 and (1.2), as Kingma and Ba (2015) say (Harper and Konstan, 2015, p. 3)."
        in page.text
    )
    assert "By Theorem 1.1 of Section 1.1: , 3 ± 1 %" in page.text.replace("\u2006", " ")
    assert "See Section 1.1 of Section 1." in page.text


def test_the_pdf_and_the_page_print_the_same_numbers(handout):
    without_figures = re.sub("data:[a-z+/]+;base64,[A-Za-z0-9+/=]+", "", handout.html)
    assert different_numbers(handout.pdf, without_figures) == {}
    assert sum(shown_numbers(without_figures, 'id="app:provenance"').values()) >= 15
    changed = without_figures.replace(">0.5<", ">0.6<", 1)
    assert different_numbers(handout.pdf, changed) == {"PDF alone": {"0.5": 1}, "page alone": {"0.6": 1}}


def test_a_heading_may_carry_the_number_of_the_document_and_the_question_stands_below_it(handout, page):
    expected = "3.a Third What is a name? A word. 1.2 Fourth After Section 3.a comes Section 1.2."
    assert expected in " ".join(page.text.split())
    assert expected in printed(handout.pdf)
    assert '<div class="questionline">' in handout.html


def test_marks_lead_to_records_and_claims_to_their_tests(handout, page):
    assert page.links.count("#pv:toy--small--choose") == handout.html.count('href="#pv:toy--small--choose"') == 10
    assert {"pv:toy--small--choose", "claim:toy-1", "answer:A1.b", "cite:kingma2015adam"} <= set(page.ids)
    assert any(link.startswith("data:application/json") for link in page.links)
    assert [link for link in page.links if link.startswith("#use:")] == [
        f"#use:toy--small--choose:{use}" for use in range(1, 11)
    ]
    assert '<small class="test" role="note" id="claim:toy-1">' in handout.html


def test_a_number_tells_its_seeds_and_its_job(handout):
    about = 'data-about="mean of 5 seeds, interval 0.1 to 0.3; job toy/small/choose"'
    assert re.search(rf'<a [^>]*href="#pv:toy--small--choose" class="pv" {about}>0.2</a>', handout.html)


def test_a_record_is_folded_and_its_target_is_inside(handout):
    assert re.search(
        r'<details class="record"><summary>.*?</summary>\s*<div class="facts" id="pv:toy', handout.html, re.S
    )


def test_a_target_of_a_figure_or_an_equation_is_its_top(handout):
    assert '<figure class="figure" id="fig:line">' in handout.html
    assert re.search(r'<div class="numbered" id="eq:third">|<div id="eq:third" class="numbered">', handout.html)


def test_a_paragraph_and_a_row_have_one_tab_stop_for_each_job(handout):
    several = re.search(r"<p>Several: (.*?)</p>", handout.html, re.S)[1]
    assert several.count('class="pv"') == 2 and several.count('tabindex="-1"') == 1
    row = re.search(r"<tr[^>]*>\s*<td[^>]*>two marks.*?</tr>", handout.html, re.S)[0]
    assert row.count("<a ") == 2 and row.count('class="pv quiet" tabindex="-1"') == 1


def printed(pdf):
    text = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True).stdout.decode()
    return " ".join(text.split())


def test_a_quoted_text_is_the_same_on_the_page_in_the_pdf_and_in_the_data(handout, page):
    assert f"Quoted: {SHOWN}; b.pdf;" in page.text
    assert f"Quoted: {SHOWN}; b.pdf" in printed(handout.pdf)


def test_verbatim_pieces_and_comments_are_read_as_latex_reads_them(handout, page):
    assert {"http://localhost/a%20b.pdf", "http://localhost/c%20d"} <= set(page.links)
    plain = re.sub("<[^>]*>", "", handout.html)
    assert all(text in plain for text in ("c%d_e", r"50 % \cref{x}", "\u03b1_1 \u2265 --"))
    assert "one twothreefour five;" in page.text and "<p>five;" in handout.html
    assert "one twothreefour" in printed(handout.pdf)


def test_prose_may_hold_the_signs_that_texts_may(handout, page):
    folded = str.maketrans("\u2206\u2126\u00b5", "\u0394\u03a9\u03bc", " ")  # as pdftotext takes some of them
    for text in (page.text, printed(handout.pdf)):
        assert f"prosewith{''.join(FORMULAS)}andx\u2208\u03a9." in text.translate(folded).replace("\u0338=", "\u2260")


def test_notes_tables_and_code_keep_their_form(handout):
    html = handout.html
    assert re.search(r'<small class="sidenote" role="note">.*More of it\.</span></small>', html, flags=re.DOTALL)
    assert html.count("<thead>") == 2
    assert re.search(r'<th[^>]*colspan="2"|<th colspan="2"', html)
    assert 'class="rule' in html
    assert '<span class="kw">def</span>' in html
    assert "cref{" in re.sub("<[^>]*>", "", html)  # in the listing, which nothing rewrites


def test_a_draft_says_so_in_every_view(tmp_path):
    draft = build(
        tmp_path, r"\section{A} \missingresult{toy/choose}{logs/a.log}{It failed.} See \cref{sec:gone}.", True
    )
    text = Page(draft.html).text
    assert "DRAFT: some results may be missing · sample data" in text
    assert "The job has not been done." in text.replace("toy/choose ", "")


def test_a_formula_without_mathml_is_told(tmp_path):
    assert any("no MathML for the formula" in told for told in build(tmp_path, r"\section{A} $\smash{x}$").overfull)


def test_a_table_that_pandoc_cannot_read_is_among_what_is_shown_as_a_picture(tmp_path):
    style = gather_styles(tmp_path / "style")
    _, said = _pandoc(r"\begin{tabular}{l} a & b \\ \end{tabular} \begin{unknown}x\end{unknown}", style, "")
    assert unread(said) == {"tabular"}


def test_what_pandoc_cannot_read_is_told_with_its_line(tmp_path):
    style = gather_styles(tmp_path / "style")
    with pytest.raises(ReproseError) as caught:
        _pandoc("\\unknown{x}\nnot opened }\nmore", style, "")
    assert "web page: pandoc failed: Error at" in str(caught.value)
    assert "In the line: not opened }" in str(caught.value)
    assert "INFO" not in str(caught.value)


def test_without_pandoc_the_message_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr("shutil.which", lambda name: None if name == "pandoc" else f"/usr/bin/{name}")
    with pytest.raises(ReproseError, match="'pandoc' is missing.*apt-get install .* pandoc"):
        build(tmp_path)


def test_tables_lose_their_rules_and_keep_their_heads():
    assert letters(r"@{}lP{9mm}|*{2}{r}>{\bfseries}c@{}") == "llrrc"
    table = simplify(r"\begin{tabular}{l}\toprule A \\ \midrule b \\* \midrule c \\ \bottomrule\end{tabular}")
    assert table.count("class:head") == 1
    assert table.count("class:rule") == 1
    assert "rule " not in table.replace("class:rule", "")


def test_rows_of_a_formula_end_outside_its_matrices():
    assert len(split_rows(r"a &= \begin{pmatrix} 1 \\ 2 \end{pmatrix} \\[2pt] b &= \text{c \\ d}")) == 2


def test_unlabelled_equations_count_within_their_section():
    aux = "\n".join(
        [
            r"\@writefile{toc}{\contentsline {section}{\numberline {2}B}{1}{section.2}}",
            r"\newlabel{eq:x@cref}{{[equation][2][2]2.2}{[1][1][]1}}",
        ]
    )
    body = r"\section{B}\begin{equation} a \end{equation}\begin{equation} b \label{eq:x}\end{equation}"
    text = Numbering(read_labels(aux)).apply(body)
    assert re.findall(r"\((\d\.\d)\)", text) == ["2.1", "2.2"]


def test_the_mark_of_a_record_hides_in_a_formula():
    assert unmark(mark("toy--x5f-1")) == "toy--x5f-1"
    assert re.fullmatch("[a-z]+", mark("toy--x5f-1"))


@pytest.mark.parametrize(
    "text",
    [
        r"a & b \\$x = PVM$ & f'_1",
        r"$x \text{ if $y = PVM$ and {\it so}}$ but f'_1",
        r"\$5 and $x = PVM$ and f'_1 for \$6",
        r"\\\[ x = PVM \] f'_1",
        r"$$x = PVM$$ f'_1",
    ],
)
def test_formulas_are_told_from_text_as_latex_does(text):
    found = mark_formulas(text.replace("PVM", r"\pvm{a}{7}"))
    assert found == text.replace("PVM", rf"{{7}}\text{{{mark('a')}}}")
