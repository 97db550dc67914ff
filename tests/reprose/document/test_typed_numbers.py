from pathlib import Path

import pytest

from reprose.document.typed_numbers import told, typed_numbers

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize(
    "text",
    [
        "The error is 0.93 here.",
        "The error is\n0.93.",
        r"An \emph{error of 0.93}, as \VAR{n('a')}.",
        r"\caption[Errors]{Errors of 0.93}\label{fig:a}",
        r"The error is $0.93$ here.",
        r"A gain of 0.93\,\% in all.",
        r"ridge & 0.93 \\",
        r"\section{Below 0.93}",
        r"An error (0.93) of Ridge.",
    ],
)
def test_a_number_that_is_typed_into_prose_is_found(text):
    assert [number for _, number in typed_numbers(text)] == ["0.93"]


@pytest.mark.parametrize(
    "text",
    [
        r"In 2026, 17 of 20 rows, 95 \% of all; a 99.9\,\% confidence interval.",
        r"With $\lambda = 0.93$ and \(a < 0.5\), $$x = 0.1$$, or \[ y = 0.2 \]",
        "\\begin{align*}\nx &= 0.93\n\\end{align*}",
        r"\VAR{claim('It is below 0.93.', 'a < 0.93')} \BLOCK{if x < 0.5}",
        "% of 0.93\n%# and 0.94\n",
        r"\verb|0.93| \url{http://a.b/0.93} \code{0.93}",
        r"\setlength\tabcolsep{3.5pt}\hspace{0.5em} \vspace 0.5ex \\[0.5ex] 0.5\linewidth",
        r"\includegraphics[width=0.93\linewidth]{a} \citep[p.~2.5]{b}",
        r"They print ``an error of 0.93''.",
        "Python 3.11, version 2.6.1, version 0.3, Figure~2.1, section 4.2, ResNet-1.5, 10.1145/33 and 26.11.2026",
        "\\usepackage{a}\n\\def\\x{0.93}\n\\begin{document}\nText.",
        r"\begin{tabular}{lp{0.3\linewidth}}",
    ],
)
def test_what_is_no_result_is_left_alone(text):
    assert typed_numbers(text) == []


def test_a_number_may_be_said_to_be_known_from_elsewhere():
    assert typed_numbers("One is 0.1. %# given\nAnother is 0.2.") == [(2, "0.2")]
    assert typed_numbers("%# given: the course\nOne is 0.1,\nanother 0.2.\n\nA third is 0.3.") == [(5, "0.3")]


def test_what_is_told_names_file_and_lines(tmp_path):
    first, second = tmp_path / "first.tex.j2", tmp_path / "second.tex"
    first.write_text("Errors are\n0.93 and 0.91.\n")
    second.write_text("None.")
    lines = told([str(first), str(second)]).splitlines()
    assert lines[0] == f"typed by hand, so from no job: {first}: 0.93 (line 2), 0.91 (line 2)"
    assert "%# given" in lines[1]
    assert len(lines) == 2
    assert told([str(second)]) == ""


def test_the_handouts_that_are_here_type_no_number():
    templates = [path for place in ("report", "reprose/starter/report") for path in (ROOT / place).rglob("*.tex.j2")]
    assert len(templates) > 14
    assert told(map(str, templates)) == ""
