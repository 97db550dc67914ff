from reprose.commands.remembered import numbers_of, remember, remembered
from reprose.numbers.registry import constant, write_numbers


def test_handouts_that_are_built_one_after_another_of_a_commit_are_remembered_together(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for value, problems in ((1.0, ["first"]), (2.0, ["second"]), (3.0, ["second"])):
        for problem in problems:
            path = tmp_path / numbers_of("sample", problem)
            path.parent.mkdir(parents=True, exist_ok=True)
            write_numbers(path, [constant("plain.error", value, 2, f"{problem}/summarize")])
        remember("abc", tmp_path, "sample", problems)
    found = remembered("abc", "sample")
    assert {name: numbers["plain.error"].value for name, numbers in found.items()} == {"first": 1.0, "second": 3.0}
    assert remembered("other", "sample") is None
