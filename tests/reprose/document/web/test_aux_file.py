import pytest

from reprose.document.web.aux_file import read_labels

AUX = "\n".join(
    [
        *(rf"\newlabel{{fig:{n}@cref}}{{{{[figure][{n}][]{n}}}{{[1][1][]1}}}}" for n in (1, 2, 3, 5)),
        r"\newlabel{sec:a}{{2}{1}{Of {names} and \pv {x}{3}}{section.2}{}}",
        r"\newlabel{sec:a@cref}{{[section][2][]2}{[1][1][]1}}",
        r"\newlabel{eq:b@cref}{{[equation][4][2]2.4}{[1][1][]1}}",
        r"\bibcite{two2001}{{1}{2001}{{One and Two}}{{}}}",
    ]
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (r"\cref{fig:3,fig:1,fig:2}", r"Figures~\hyperlink{fig:1}{1} to~\hyperlink{fig:3}{3}"),
        (r"\cref{fig:5,fig:1}", r"Figures~\hyperlink{fig:1}{1} and~\hyperlink{fig:5}{5}"),
        (r"\Cref{eq:b,sec:a}", r"\hyperlink{eq:b}{Equation~(2.4)} and~\hyperlink{sec:a}{Section~2}"),
        (r"\eqref{eq:b}", r"\hyperlink{eq:b}{(2.4)}"),
        (r"\nameref{sec:a}", r"Of {names} and \pv {x}{3}"),
        (r"\cref{sec:gone}", "??"),
        (r"\citep[see][ch.~2]{two2001}", r"(see \hyperlink{cite:two2001}{One and Two, 2001}, ch.~2)"),
        (r"\citet{two2001}", r"\hyperlink{cite:two2001}{One and Two (2001)}"),
        (r"\citeyear{two2001}", r"\hyperlink{cite:two2001}{2001}"),
    ],
)
def test_a_reference_says_what_the_pdf_says(text, words):
    assert read_labels(AUX).resolve(text) == words
