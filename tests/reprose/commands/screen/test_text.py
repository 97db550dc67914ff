from reprose.commands.screen.text import clock


def test_times_are_shown_as_on_a_clock():
    assert [clock(seconds) for seconds in (7.9, 723, 3723)] == ["0:07", "12:03", "1:02:03"]
