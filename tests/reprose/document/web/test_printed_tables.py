"""Tables are read from the page as they are printed."""

from reprose.document.web.printed_tables import printed_tables

POWER = (
    "<math><semantics><mrow><mn>2</mn><msup><mn>10</mn><mrow><mo>\u2212</mo><mn>4</mn></mrow></msup></mrow></semantics>"
)
HALF = "<math><semantics><mfrac><mrow><mn>1</mn><mo>+</mo><mi>x</mi></mrow><mn>2</mn></mfrac></semantics></math>"


def cells(text):
    (table,), _ = printed_tables(f"<table><tr>{text}</tr></table>")
    return table.rows


def test_a_cell_is_its_text_without_what_nobody_sees():
    link = '<a href="#pv:x" class="pv">0.5\n \u00b1 0.1</a><a><span class="unseen">record <b>x</b></span></a>!'
    assert cells(f"<td>{link}</td><td>a<br>b</td><td>\u22120.5</td>") == [["0.5 \u00b1 0.1!", "a b", "-0.5"]]


def test_an_exponent_is_told_from_a_digit():
    assert cells(f"<td>{POWER}</math></td>") == [["210^(-4)"]]
    assert cells("<td>10<sup>3</sup></td><td>W<sub>1</sub></td>") == [["10^3", "W_1"]]
    assert cells(f"<td>{HALF}</td>") == [["(1+x)/2"]]


def test_cells_that_span_leave_the_others_empty():
    (table,), _ = printed_tables(
        "<table><tr><td>a</td><th colspan='2'>b</th></tr><tr><td rowspan='2'>c</td><td>1</td><td>2</td></tr>"
        "<tr><td>3</td><td>4, 5</td></tr><tr><td>d</td></tr></table>"
    )
    assert table.csv() == 'a,b,\nc,1,2\n,3,"4, 5"\nd,,\n'


def test_tables_come_in_order_with_their_captions():
    page = (
        "<figure><figcaption><p>Table <b>1.</b> First</p></figcaption><table><tr><td>1</td></tr></table></figure>"
        "<table><caption>Own</caption><tr><td>2</td></tr></table><table><tr><td>3</td></tr></table>"
    )
    found, _ = printed_tables(page)
    assert [(table.caption, table.rows) for table in found] == [
        ("Table 1. First", [["1"]]),
        ("Own", [["2"]]),
        ("", [["3"]]),
    ]


def test_what_is_a_picture_of_the_pdf_is_named():
    assert printed_tables('<p><img src="x" alt="In LaTeX: \\begin{tabular}"></p>') == ([], ["\\begin{tabular}"])
