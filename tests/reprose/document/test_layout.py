import pytest

from reprose.document.layout import KEPT, laid_out

A, B = r"\pv{a}", r"\pv{b}"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (rf"\caption{{From {A}{{1}} to {A}{{2}}.\pvmark{{a}}}}", r"\caption{From \pvq{a}{1} to \pvq{a}{2}.\pvmark{a}}"),
        (rf"\caption[x]{{\pvmark{{a}} {B}{{2}} {A}{{1}}.}} {A}{{3}}", rf"\caption[x]{{ {B}{{2}} {A}{{1}}.}} {A}{{3}}"),
        (
            rf"\begin{{tabular}}{{lr}} {A}{{1}} & $\pvm{{a}}{{2}}$ \\[2pt] {A}{{3}} & {B}{{4}} \\ \end{{tabular}}",
            rf"\begin{{tabular}}{{lr}} \pvq{{a}}{{1}} & $\pvm{{a}}{{2}}$ \\[2pt] {A}{{3}} & {B}{{4}} \\"
            r" \end{tabular}",
        ),
        (rf"{A}{{1}} and {A}{{2}}", rf"{A}{{1}} and {A}{{2}}"),
        (rf"\verb|\caption{{{A}{{1}} {A}{{1}}}}|", rf"\verb|\caption{{{A}{{1}} {A}{{1}}}}|"),
    ],
)
def test_a_row_and_a_caption_show_one_square_for_each_job(text, wanted):
    assert laid_out(text) == wanted


def long_table(rows):
    head = r"\begin{longtable}{l} \caption{T.}\\ A \\ \midrule \endhead \bottomrule \endfoot "
    return head + " ".join(rf"{row} \\" for row in range(rows)) + r" \end{longtable}"


def test_a_short_table_stays_on_one_page_and_a_long_one_leaves_no_row_alone():
    assert laid_out(long_table(3)).count(r"\\*") == 3
    long = laid_out(long_table(KEPT + 4))
    assert r"\endfoot 0 \\* 1 \\* 2 \\ 3" in long
    assert long.endswith(r"9 \\* 10 \\* 11 \\ \end{longtable}")
