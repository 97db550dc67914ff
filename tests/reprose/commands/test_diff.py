from reprose.base.canonical import to_pretty_json
from reprose.commands.comparison.shifts import sections
from reprose.commands.diff import flipped, told
from reprose.numbers.registry import Text, constant, measured

LONG = "a_variant_with_a_long_name_indeed.and_a_metric_that_has_one_as_well"


def side(value, offset=0.0):
    """Return the numbers of one problem."""
    samples = {1: value, 2: value + 0.1, 3: value + 0.2}
    items = [measured("a.error", samples, 3, "lower", "p/summarize"), constant("b.error", 5.0, 1, "p/summarize")]
    items.append(measured(LONG, {seed: x + offset for seed, x in samples.items()}, 3, "lower", "p/summarize"))
    items.append(Text("best", f"at {value} " + "and so on " * 20, "p/summarize"))
    return {"p": {item.key: item for item in items}}


def test_changes_are_told_in_lines_that_a_screen_holds():
    old, new = side(1.0), side(7.0)
    new["p"] |= {f"n{number}": constant(f"n{number}", number, 0, "p/summarize") for number in range(40)}
    lines = told("abc (Begin), sample tier", sections(old, new), {"p": ["one", "two"]})
    assert max(map(len, lines)) <= 100
    text = "\n".join(lines)
    assert "2 of 43 numbers changed, 2 of them beyond seed noise" in text
    assert "p, in one, two" in text
    assert "1.100 -> 7.100  +6.0000 [+6.0000, +6.0000]  beyond seed noise, 3 seeds" in text
    assert "and 28 more" in text
    assert told("", sections(old, old), {})[1].startswith("0 of 3 numbers changed")


def test_a_setting_is_told_with_all_its_digits():
    sides = ({"p": {"rate": constant("rate", value, 2, "p/summarize")}} for value in (0.0004, 0.0003))
    assert "0.0004 -> 0.0003  -0.00010" in "\n".join(told("", sections(*sides), {}))


def test_a_claim_that_holds_on_one_side_only_is_told(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "results/sample/p/section/.stale"  # set aside, as the numbers moved on
    folder.mkdir(parents=True)
    compared = {"left": "a.error", "relation": "<", "right": "b.error"}
    unknown = {"left": "a.error", "relation": "<", "right": "gone.error"}
    claims = [{"label": "a beats b", "comparisons": [compared]}, {"label": "old", "comparisons": [unknown]}]
    (folder / "claims.json").write_text(to_pretty_json(claims))
    assert flipped(side(1.0), side(7.0), "sample") == ["", "claims:", "  p: no longer holds: a beats b"]
    assert flipped(side(7.0), side(1.0), "sample")[-1] == "  p: holds now: a beats b"
    assert flipped(side(1.0), side(1.5), "sample") == []
