from types import SimpleNamespace

import pytest

from reprose.commands.forecast import this_build
from reprose.commands.forecast.this_build import LastBuild


@pytest.mark.parametrize(("seconds", "reckoned"), [(0.001, 100), (0.2, 10)])
def test_the_time_left_is_reckoned_once_a_second_but_takes_little_of_a_core(seconds, reckoned, monkeypatch):
    clock, asked = [1000.0], []

    def left(done, running):
        clock[0] += seconds
        asked.append(clock[0])
        return "2 min"

    monkeypatch.setattr(this_build.time, "monotonic", lambda: clock[0])
    build = LastBuild.__new__(LastBuild)
    build.said, build.eta = (0.0, ""), SimpleNamespace(left=left)
    while clock[0] < 1100:
        assert build.time_left(set(), {}) == "2 min left"
        clock[0] += 0.25
    assert reckoned * 0.7 <= len(asked) <= reckoned * 1.1
