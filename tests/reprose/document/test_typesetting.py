import json
import re
import subprocess
from io import BytesIO

import pikepdf
import pytest
from matplotlib.figure import Figure

from page_style import gather_styles
from reprose.base.errors import ReproseError
from reprose.document.figures import save
from reprose.document.substitutes import Substituted
from reprose.document.typesetting import appendix, typeset
from reprose.jobs.record import Record

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
    assert attached[0]["outputs"] == RECORD.outputs
    assert titles[0] == "1 A title with 0.5"
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
            r"\\lstinputlisting\{a.c\}: .*no file; write its text into the template",
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
    with pytest.raises(ReproseError, match=r"handout.tex:\d+: .*Allowed there: sections/toy, provenance"):
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
    assert re.search(r"sections/toy.tex:6: \d+ pt too high", told)


def test_a_fault_in_the_bibliography_names_file_and_line(tmp_path):
    style = gather_styles(tmp_path / "style")
    entries = style / "references.bib"
    entries.write_text(entries.read_text().replace("year = {2015},\n}", "year = {2015},\n", 1))
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
