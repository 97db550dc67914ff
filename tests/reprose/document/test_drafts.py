from reprose.document.drafts import Missing


def test_a_message_of_others_is_printed_without_what_controls_a_terminal():
    reason = "\x1b[31mred\x1b[0m: 10 %\r100 % of \u6570\u636e/line.csv\n\nnext"
    text = Missing(r"\section{A}", "toy/choose", "logs/a.log", reason).latex()
    assert text.endswith(r"{100 \% of [U+6570 U+636E]/line.csv\par next}" + "\n")


def test_a_long_reason_keeps_its_beginning_and_its_end():
    reason = "\n".join(f"line {number}" for number in range(100))
    text = Missing(r"\section{A}", "toy/choose", "logs/a.log", reason).latex()
    assert r"line 4\par (75 lines more: see the log)\par line 80\par" in text
    assert text.count("line ") == 25
    assert len(Missing("", "toy/choose", "logs/a.log", "word " * 9999).latex()) < 4100
