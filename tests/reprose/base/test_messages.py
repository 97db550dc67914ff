import pytest

from reprose.base.messages import did_you_mean, harmless, plural, say


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a \x1b[31mred\x1b[0m word", "a red word"),
        ("\x1b[2J\x1b[H\x1b[?25lcleared", "cleared"),
        ("\x1b]0;a title\x07kept", "kept"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("10 %\r50 %\r100 %", "100 %"),
        ("ends so\r\nnext", "ends so\nnext"),
        ("bell\a and back\bspace \x9b31m", "bell and backspace 31m"),
        ("a\ttab, a µ and [brackets]", "a\ttab, a µ and [brackets]"),
        ("cut off \x1b[3", "cut off "),
        ("cut off \x1b", "cut off "),
    ],
)
def test_what_controls_a_terminal_is_taken_out(text, shown):
    assert harmless(text) == shown


def test_what_a_step_says_controls_no_terminal(capsys):
    say("error: toy: \x1b[31mred\x1b[0m\nnext\x07")
    assert capsys.readouterr().err == "| error: toy: red\n| next\n"


@pytest.mark.parametrize(("count", "told"), [(0, "0 jobs"), (1, "1 job"), (2, "2 jobs")])
def test_a_noun_agrees_with_its_count(count, told):
    assert plural(count, "job") == told


@pytest.mark.parametrize(
    ("near", "told"), [([], ""), (["a"], " Did you mean 'a'?"), (["a", "b"], " Did you mean 'a' or 'b'?")]
)
def test_names_that_may_be_meant_are_told(near, told):
    assert did_you_mean(near) == told
