import pytest

from reprose.base.errors import ReproseError
from reprose.document.latex import render


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (r"\VAR{error of plain}", r"1: 'of' stands where \VAR{...} should end. Is a comma"),
        (r"\VAR{number 3}", r"1: a number stands where \VAR{...} should end"),
        (r"\BLOCK{if 1 'a'}x\BLOCK{endif}", r"1: a text stands where \BLOCK{...} should end"),
        ("a\n" r"\VAR{number('x'}", "2: '}' comes where ')' is missing."),
        (r'\VAR{number("x)}', "1: a quotation mark has no partner."),
        (r"\VAR{number('x)}", "1: a quotation mark has no partner."),
        (r"\VAR{}", "1: a value is missing before the closing }."),
        (r"\BLOCK{fi 1}", r"1: \BLOCK{fi ...} is no statement. Did you mean 'if' or 'filter'? Allowed: call,"),
        (r"\BLOCK{endif}", r"1: \BLOCK{endif} belongs to no statement that is open here."),
        ("\\BLOCK{if 1}\na\\BLOCK{endfor}", r"2: \BLOCK{endfor} stands inside \BLOCK{if ...}, which must be ended"),
        (
            "\\BLOCK{if 1}\\BLOCK{endif}\n\\BLOCK{if 1}\n%% if 2\n%% endif\nend",
            r"2: \BLOCK{if ...} is not ended: \BLOCK{endif} is missing.",
        ),
        (r"\BLOCK{for x in}", "1: a value is missing before the closing }."),
        ("\\BLOCK{if 1}\nx\n%# \\BLOCK{if 2}", r"1: \BLOCK{if ...} is not ended"),
        ("\\BLOCK{if 1}\n\\BLOCK{raw}\\BLOCK{if 2}\\BLOCK{endraw}", r"1: \BLOCK{if ...} is not ended"),
        ("\\BLOCK{set x}\n\\BLOCK{set y = 1}\na", r"1: \BLOCK{set ...} is not ended: \BLOCK{endset} is missing."),
        (r"\BLOCK{if 1}\BLOCK{else}\BLOCK{else}", r"1: \BLOCK{else} comes after the \BLOCK{else} of \BLOCK{if ...}."),
        (r"\BLOCK{if 1}\BLOCK{endfi}", r"1: \BLOCK{endfi ...} is no statement. Did you mean 'endif'"),
        ("a\n" r"\VAR{numbr('x')}", "2: nothing is called 'numbr' here. Did you mean 'number'?"),
        (r"\VAR{1 / 0}", "1: division by zero"),
    ],
)
def test_a_fault_of_a_template_is_told_in_the_words_of_its_author(text, told):
    with pytest.raises(ReproseError) as caught:
        render(text, "report/s.tex.j2", {"number": str})
    assert f"report/s.tex.j2:{told}" in str(caught.value)
