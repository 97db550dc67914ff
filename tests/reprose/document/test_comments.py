import pytest

from reprose.base.errors import ReproseError
from reprose.document.comments import check_comments
from reprose.document.latex import environment


@pytest.mark.parametrize(
    "text",
    [
        r"A gain of 5 % of \VAR{n('a')} in all.",
        r"% \VAR{claim('It is lower.', 'a < b')}",
        "One.\n  % \\BLOCK{if x}\n",
    ],
)
def test_a_comment_in_which_the_template_computes_is_an_error(text):
    with pytest.raises(ReproseError, match=r"toy.tex.j2:\d: a comment of LaTeX in which the template computes"):
        check_comments(text, "toy.tex.j2", environment())


@pytest.mark.parametrize(
    "text", ["One.\nA gain of 5 % of all.", "One.\n\\VAR{n('a')} % of all.", "One.\n$p = 5$\\,% of all"]
)
def test_a_sign_of_per_cent_that_swallows_the_line_is_an_error(text):
    with pytest.raises(ReproseError, match=r"toy.tex.j2:2: LaTeX leaves out '% of all"):
        check_comments(text, "toy.tex.j2", environment())


@pytest.mark.parametrize(
    "text",
    [
        r"A gain of 5\,\% of all, \VAR{'%.2f' % 3}.",
        "% a note of 5 % on a line of its own\nText. % a note behind it",
        "\\VAR{n('a')}%\nand 5\\,%\n",
        r"\verb|5 % x| and \url{http://localhost/5%20b} and \path{5%d}",
        "%# \\VAR{n('a')} of 5 % here\n%% if x\nText\n%% endif\n",
    ],
)
def test_other_comments_are_left_alone(text):
    check_comments(text, "toy.tex.j2", environment())
