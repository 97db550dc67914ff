import io
import json
import os
import re
import shutil
import subprocess
import tarfile
from dataclasses import asdict
from io import BytesIO
from itertools import pairwise

import pikepdf
import pytest
from matplotlib.figure import Figure

from page_style import gather_styles
from reprose.base.errors import ReproseError
from reprose.document import typesetting
from reprose.document.appendix import appendix
from reprose.document.figures import save
from reprose.document.index import index
from reprose.document.substitutes import Substituted
from reprose.document.typesetting import _check_parts, completed, typeset
from reprose.document.web.page import webpage
from reprose.jobs.record import Record
from reprose.jobs.rules import brings_sample

RECORD = Record(
    "toy/small_one/choose",
    {"rule": "choose", "code": "c" * 64, "seeds": [1, 2], "trials": [["single", {"rank": 8}]]},
    {"results/sample/toy/metrics.json": "a" * 64},
    {"results/sample/toy/weights.npz": "b" * 64, "results/sample/toy/weights.npz.sha256": "d" * 64},
)
MARK = r"\pv{toy--small-one--choose}{0.5}"
SECTION = rf"""\section{{A title with {MARK}}} Text with {MARK}.\sidenote{{A note with {MARK}.}}
\begin{{figure}}[h]\includegraphics{{figures/toy/line.pdf}}\caption{{A caption with {MARK}.}}\end{{figure}}
\begin{{equation}} x = \pvm{{toy--small-one--choose}}{{0.5}} \end{{equation}} See \citet{{kingma2015adam}}.
\clearpage A second page.\footnote{{A note with {MARK}.}}
"""
HANDOUT = r"""\documentclass[10pt,a4paper]{article}\usepackage{reprose}
\BLOCK{if sample}\sampledata\BLOCK{endif}
\title{A toy}\begin{document}\maketitle\VAR{substitutes}\tableofcontents
\BLOCK{for section in sections}\input{sections/\VAR{section}}\BLOCK{endfor}
\bibliographystyle{plainnat}\bibliography{references}
\begin{provenanceappendix}\input{provenance}\end{provenanceappendix}\end{document}
"""


FETCHED = Record("data/vectors/fetch", {"rule": "fetch", "code": "e" * 64}, {}, {})
SUBSTITUTES = [Substituted("vectors", "v_50.txt", "7 of 400 words; the others are missing")]


def build(folder, section=SECTION, style=None, handout=HANDOUT, substitutes=()):
    folder.mkdir(exist_ok=True)
    (folder / "toy.tex.j2").write_text(handout)
    for kind in ("pdf", "svg"):
        save(Figure(figsize=(1, 1)), folder / f"line.{kind}")
    return typeset(
        folder / "toy.tex.j2",
        {"toy": section},
        {"toy/line": folder / "line.pdf"},
        [RECORD, FETCHED],
        style or gather_styles(folder / "style"),
        "sample",
        substitutes,
    )


def test_a_handout_is_the_same_in_every_folder_and_carries_its_records(tmp_path, monkeypatch):
    handout = build(tmp_path / "one")
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert build(tmp_path / "a folder with spaces").pdf == handout.pdf
    assert handout.overfull == ()
    with pikepdf.open(BytesIO(handout.pdf)) as document:
        attached = json.loads(document.attachments["provenance.json"].get_file().read_bytes())
        titles = [item.title for item in document.open_outline().root]
        assert (document.Root.Lang, document.docinfo.Title) == ("en", "A toy")
    assert attached[0] == {**asdict(RECORD), "key_digest": RECORD.key_digest}
    assert titles[0] == "1 A title with 0.5"
    fonts = subprocess.run(["pdffonts", "-"], input=handout.pdf, capture_output=True, check=True).stdout.decode()
    assert "Type 3" not in fonts and all(" yes yes " in font for font in fonts.splitlines()[2:])
    text = subprocess.run(["pdftotext", "-", "-"], input=handout.pdf, capture_output=True, check=True).stdout.decode()
    pages = text.split("\f")[: handout.pages]
    assert all("SAMPLE DATA" in page.upper() for page in pages)


def test_a_fault_in_latex_names_file_line_and_template(tmp_path):
    with pytest.raises(ReproseError, match=r"(?s)sections/toy.tex:2: Undefined control.*report/problems/toy.tex.j2"):
        build(tmp_path, "fine\n\\nosuchcommand\n")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            r"\input{/etc/hostname}",
            r"sections/toy.tex:2: \\input\{/etc/hostname\}: a change of that file would go unseen",
        ),
        (
            r"\lstinputlisting[language=C]{a.c}",
            r"\\lstinputlisting\{a.c\}: .*no file; put it under report/, and name it",
        ),
        (
            r"\includegraphics[width=1cm]{/srv/a.png}",
            r"Allowed there: figures/toy/line.pdf. It was made from report/prob",
        ),
        ("\\input /etc/hostname ", r"(?s)sections/toy.tex:2: .*/etc/hostname.*report/problems/toy.tex.j2"),
        (r"\section{A}\label{a} \label{a}", r"the label 'a' is given twice: sections/toy.tex:2 and sections/toy.tex:2"),
    ],
)
def test_what_no_key_names_and_labels_given_twice_are_errors(tmp_path, text, message):
    with pytest.raises(ReproseError, match=message):
        build(tmp_path, f"one\n{text}\n")


def test_a_handout_names_the_files_that_it_may_read(tmp_path):
    with pytest.raises(ReproseError, match=r"toy.tex.j2:\d+: .*Allowed there: sections/toy, provenance"):
        build(tmp_path, handout=HANDOUT.replace(r"\end{document}", "\\input{more}\n\\end{document}"))


def test_what_is_wider_or_higher_than_the_page_is_told(tmp_path):
    section = r"""\section{A}
\begin{table}[h]\begin{tabular}{l}\rule{200mm}{1mm}\end{tabular}\caption{Wide.}\end{table}
\begin{longtable}{l} \rule{200mm}{1mm} \\ \end{longtable}
\begingroup\fullwidthtable \begin{longtable}{l} \rule{160mm}{1mm} \\ \end{longtable}
\begin{longtable}{l} \rule{180mm}{1mm} \\ \end{longtable}\endgroup
\begin{figure}[h]\includegraphics[height=300mm]{figures/toy/line.pdf}\caption{High.}\end{figure}
"""
    told = "\n".join(build(tmp_path, section).overfull)
    assert re.search(r"sections/toy.tex:2.* pt too wide", told)
    assert re.search(r"sections/toy.tex:3.* pt too wide", told)
    assert not re.search(r"sections/toy.tex:4", told)  # into the margin, where it may stand
    assert re.search(r"sections/toy.tex:5.* pt too wide", told)
    assert re.search(r"sections/toy.tex:6\): \d+ pt too high", told)


def test_a_fault_in_the_bibliography_names_file_and_line(tmp_path):
    style = gather_styles(tmp_path / "style")
    entries = style / "references.bib"
    entries.write_text(entries.read_text().replace(",\n}", ",\n", 1))
    with pytest.raises(ReproseError, match=r"BibTeX: references.bib:\d+: .*Correct report/style/references.bib"):
        build(tmp_path / "toy", SECTION + r"\citep{kingma2015adam}", style)


def test_substitutes_are_named_on_the_first_page(tmp_path):
    pdf = build(tmp_path, substitutes=SUBSTITUTES).pdf
    command = ["pdftotext", "-l", "1", "-", "-"]
    text = subprocess.run(command, input=pdf, capture_output=True, check=True).stdout.decode()
    assert "v_50.txt of data set vectors: 7 of 400 words" in " ".join(text.split())


def test_a_handout_that_conceals_substitutes_is_an_error(tmp_path):
    with pytest.raises(ReproseError, match=r"toy.tex.j2: some data are substitutes.*Print \\VAR\{substitutes\}"):
        build(tmp_path, handout=HANDOUT.replace(r"\VAR{substitutes}", ""), substitutes=SUBSTITUTES)


def test_a_mark_without_its_record_is_an_error(tmp_path):
    with pytest.raises(ReproseError, match="section 'toy' links to the record 'toy--other'"):
        build(tmp_path, r"\pv{toy--other}{1}")


def test_without_latex_the_message_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ReproseError, match="'latexmk' is missing.*apt-get install .*texlive-latex-extra"):
        build(tmp_path)


@pytest.mark.parametrize(
    ("sample", "files", "origin"),
    [
        ({"seed": 1}, ["u.data"], "stand-ins for published files"),
        (None, ["u.data"], "published files, or declared substitutes"),
        (None, [], "generated from seeds"),
        ({}, [], "generated from seeds"),
    ],
)
def test_the_appendix_says_where_raw_data_come_from(sample, files, origin):
    key = {"rule": "fetch", "code": "c" * 64, "sample": sample}
    made = {f"data/sample/toy/{name}": "a" * 64 for name in ["manifest.json", *files]}
    assert rf"\pvfact{{data}}{{{origin}" in appendix([Record("data/toy/fetch", key, {}, made)])
    assert "{data}" not in appendix([RECORD])


def test_an_entry_of_the_appendix_names_key_code_and_files():
    text = appendix([RECORD])
    assert rf"\pvdigests{{{RECORD.key_digest[:12]}}}{{cccccccccccc}}" in text
    assert r"\mbox{metrics.json}~\pvsha{aaaaaaaaaaaa}" in text
    assert "weights.npz.sha256" not in text
    assert r"\pvfact{seeds}{1, 2}" in text


def record(name, rule):
    return Record(name, {"rule": rule, "code": "c" * 64}, {}, {})


def test_the_index_has_a_line_for_each_job_and_of_many_jobs_for_each_variant():
    batches = [record(f"toy/small/batch_{number}/train", "train") for number in range(12)]
    jobs = [record("data/a/fetch", "fetch"), *batches, record("toy/small/choose", "choose"), record("toy/plot", "plot")]
    lines = index(jobs).splitlines()  # a comment, data, its set, toy with its figures, 12 batches, the winner
    assert len(lines) == 1 + 2 + 1 + 12 + 1 + 1
    assert rf"\pvline{{toy--small--choose}}{{small}}{{winner}}{{{jobs[-2].key_digest[:8]}}}" in lines
    many = [record(f"toy/other/batch_{number}/train", "train") for number in range(150)]
    short = index([*jobs, *many])
    assert r"{small}{weights (12 batches), winner}" in short and r"{other}{weights (150 batches)}" in short
    assert r"\pvproblem{toy--plot}{toy}{figures}" in short
    assert all(f"toy--other--batch-{number}--train" in short for number in range(150))


NOTED = (
    r"""\section{A title\claimmark{toy-1}{1}{TEST}}
\begin{figure}[t]\caption{A caption.\claimmark{toy-2}{2}{TEST}}\end{figure}
\begin{tabular}{lp{3cm}} One\claimmark{toy-3}{3}{TEST} & Two.\claimmark{toy-4}{4}{TEST} \\ \end{tabular}
Text.\footnote{A note.\claimmark{toy-5}{5}{TEST}}

\begin{longtable}{l} Three.\claimmark{toy-6}{6}{TEST} \\ \end{longtable}
\vspace{90mm}
Many: """
    + " ".join(rf"one\claimmark{{toy-{number}}}{{{number}}}{{TEST}}" for number in range(7, 27))
    + r"""

\begingroup\fullwidthtable \begin{longtable}{p{158mm}} """
    + "wide " * 200
    + r""" \\ \end{longtable}\endgroup
More text.

"""
    + "\n\n".join(rf"Three\claimmark{{toy-{number}}}{{{number}}}{{TEST}} " + "lines " * 36 for number in range(27, 110))
)


def words(pdf):
    """Return the words of a PDF: page, left, top, right, bottom, text, in points."""
    shown = subprocess.run(["pdftotext", "-bbox", "-", "-"], input=pdf, capture_output=True, check=True).stdout.decode()
    found = []
    for number, page in enumerate(shown.split("<page ")[1:], 1):
        for box in re.findall(r'<word xMin="(.*?)" yMin="(.*?)" xMax="(.*?)" yMax="(.*?)">(.*?)</word>', page):
            found.append((number, *map(float, box[:4]), box[4]))
    return found


def test_the_test_of_each_claim_stands_in_the_margin_wherever_the_claim_is(tmp_path):
    test = r"\claimtest{error: a $<$ b}{difference 0.1 [0.05, 0.15], $n = 5$}"
    handout = build(tmp_path, NOTED.replace("TEST", test))
    assert handout.overfull == ()
    shown = [word for word in words(handout.pdf) if word[0] < handout.pages]  # all but the index
    margin = [word for word in shown if 430 < word[1] < 560 and 90 < word[2] < 760]
    assert sorted(word[5] for word in margin if re.fullmatch(r"\[\d+\]", word[5])) == sorted(
        f"[{number}]" for number in range(1, 110)
    )
    assert max(word[3] for word in margin) < 560  # within the margin column
    marks = {(word[0], word[5]) for word in shown if word[1] < 430}  # also of lines that a page break moved
    assert [
        word
        for word in margin
        if re.fullmatch(r"\[(2[7-9]|[3-9]\d|1\d\d)\]", word[5]) and (word[0], word[5]) not in marks
    ] == []
    lines = sorted({(word[0], round(word[2], 1), round(word[4], 1)) for word in margin})
    apart = [low[1] - high[1] for high, low in pairwise(lines) if high[0] == low[0] and low[1] - high[1] > 2]
    assert min(apart) > 6  # no line on another, and none on the wide table


def test_a_section_that_is_listed_and_not_printed_is_an_error(tmp_path):
    with pytest.raises(ReproseError, match="the section 'toy' is listed in the header and not printed"):
        build(tmp_path, handout=HANDOUT.replace(r"\input{sections/\VAR{section}}", "% \\input{sections/toy}\n"))


def test_a_handout_bears_the_mark_of_sample_data_and_its_records_where_the_template_leaves_them_out():
    text = "\\documentclass{x} % \\sampledata\n\\verb|\\begin{document}|\n\\begin{document}\na\n\\end{document}\n"
    whole = completed(text, True, True).split("\n")
    assert whole[2] == r"\sampledata \begin{document}"
    assert whole[4] == r"\begin{provenanceappendix}\input{provenance}\end{provenanceappendix}\end{document}"
    assert [line for at, line in enumerate(whole) if at not in (2, 4)] == [
        "\\documentclass{x} % \\sampledata",
        *whole[1:4:2],
        "",
    ]
    assert completed(text, False, False) == text
    own = text.replace("a\n", "\\sampledata \\input{provenance}\n")
    assert completed(own, True, True) == own


def test_where_a_handout_has_no_end_of_its_own_what_it_owes_its_reader_is_asked_for():
    for text, told in (
        (r"\input{provenance}", r"Write \\BLOCK{if sample} \\sampledata"),
        (r"\sampledata", "lead nowhere"),
    ):
        with pytest.raises(ReproseError, match=told):
            _check_parts(completed(text, True, True), "report/handouts/toy.tex.j2", [], True, True)


@pytest.mark.parametrize(
    ("keys", "is_sample"),
    [
        ([{"rule": "fetch", "file": "a.csv"}, {"rule": "prepare", "first": None}], False),
        ([{"rule": "fetch", "file": "a.csv"}, {"rule": "prepare", "first": 9}], True),
        ([{"rule": "fetch", "file": "a.csv"}, {"rule": "fetch", "sample": {"seed": 1}}], True),
        ([{"rule": "write"}], False),
    ],
)
def test_whole_tables_of_the_project_are_no_sample_data(keys, is_sample):
    assert any(map(brings_sample, keys)) == is_sample


def test_a_section_whose_name_the_template_escapes_is_printed():
    text = r"\sampledata \input{sections/low\_rank} \input{provenance}"
    _check_parts(text, "report/handouts/toy.tex.j2", ["low_rank"], True, True)
    with pytest.raises(ReproseError, match="the section 'lowrank' is listed"):
        _check_parts(text, "report/handouts/toy.tex.j2", ["lowrank"], True, True)


def text_of(pdf):
    return subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True).stdout


def test_an_archive_compiles_without_the_project_to_the_same_pages(tmp_path):
    handout, folder = build(tmp_path / "here"), tmp_path / "there"
    with tarfile.open(fileobj=io.BytesIO(handout.sources)) as held:
        for name in held.getnames():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(held.extractfile(name).read())
    shutil.rmtree(tmp_path / "here")
    clean = {"PATH": os.path.dirname(shutil.which("pdflatex")), "HOME": str(tmp_path)}
    for _ in range(3):
        command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "main.tex"]
        done = subprocess.run(command, cwd=folder, env=clean, capture_output=True, check=False)
        assert not done.returncode, done.stdout.decode(errors="replace")[-2000:]
    assert text_of((folder / "main.pdf").read_bytes()) == text_of(handout.pdf)
    assert "undefined" not in (folder / "main.log").read_text(errors="replace")


def test_an_archive_depends_on_the_handout_alone_and_has_names_that_arxiv_takes(tmp_path, monkeypatch):
    one = build(tmp_path / "one")
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    assert build(tmp_path / "two").sources == one.sources
    with tarfile.open(fileobj=io.BytesIO(one.sources)) as held:
        names = held.getnames()
        texts = [held.extractfile(name).read() for name in names if name.endswith((".tex", ".sty"))]
    assert {"main.tex", "main.bbl", "README", "provenance.json", "sections/toy.tex"} <= set(names)
    assert [name for name in names if not re.fullmatch(r"[\w+.,=/-]+", name, re.ASCII)] == []
    assert not any(str(tmp_path).encode() in text for text in texts)


MOVING = r"""\section{Late}\ifcsname r@sec:late\endcsname\clearpage\fi\label{sec:late}
\setcounter{equation}{\getpagerefnumber{sec:late}}
\begin{equation} x = \pvm{toy--small-one--choose}{0.5} \label{eq:moving} \end{equation} See \cref{eq:moving}.
"""  # the number of its equation is another in the third pass of LaTeX


@pytest.mark.parametrize("section", [SECTION, MOVING])
def test_a_page_that_is_made_beside_the_last_passes_is_the_one_that_is_made_after_them(tmp_path, monkeypatch, section):
    begun = []

    def noted(*arguments):
        begun.append(arguments)
        return webpage(*arguments)

    monkeypatch.setattr("reprose.document.typesetting.webpage", noted)
    beside = build(tmp_path / "beside", section)
    assert len(begun) == (2 if section == MOVING else 1)
    monkeypatch.setattr("reprose.document.typesetting.PASSES", 9)
    after = build(tmp_path / "after", section)
    assert (beside.html, beside.pdf, beside.sources) == (after.html, after.pdf, after.sources)
    assert "3" in re.search(r"See.*?</a>", after.html, re.DOTALL)[0] or section == SECTION


@pytest.mark.parametrize(
    ("written", "calls"),
    [
        ("33", ["pdflatex"]),
        ("344", ["pdflatex", "latexmk", "pdflatex"]),  # where latexmk was done too early
        ("34567", ["pdflatex", "latexmk"] * 3),
    ],
)
def test_latex_passes_until_nothing_changes_also_in_a_subfolder(tmp_path, monkeypatch, written, calls):
    pages, called = iter(written), []

    def passing(command, folder):
        called.append(command[0])
        if command[0] == "pdflatex":
            (folder / "report/chapter.aux").write_text(next(pages))  # as an \\include of report/chapter writes it

    (tmp_path / "report").mkdir()
    passing(["pdflatex"], tmp_path)
    monkeypatch.setattr(typesetting, "_run", passing)
    told = typesetting._pass_on(tmp_path)
    assert called[1:] == calls
    assert told == "" if len(calls) < 6 else "still change after 3 rounds" in told


def test_what_latex_finds_wrong_comes_before_a_fault_of_the_page(tmp_path, monkeypatch):
    def failing(*arguments):
        raise ReproseError("the page cannot be made")

    monkeypatch.setattr("reprose.document.typesetting.webpage", failing)
    with pytest.raises(ReproseError, match="nowhere"):
        build(tmp_path / "one", SECTION + r"\ref{eq:nowhere}")
    with pytest.raises(ReproseError, match="the page cannot be made"):
        build(tmp_path / "two")
