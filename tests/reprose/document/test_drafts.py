from reprose.document.drafts import Missing


def test_a_message_of_others_is_printed_without_what_controls_a_terminal():
    reason = "\x1b[31mred\x1b[0m: 10 %\r100 % of \u6570\u636e/line.csv\n\nnext"
    text = Missing(r"\section{A}", "toy/choose", "logs/a.log", reason).latex()
    assert text.endswith(r"{100 \% of [U+6570 U+636E]/line.csv\par next}" + "\n")
