from pathlib import Path
from types import SimpleNamespace

import pytest
from pydantic import Field

from reprose.base.errors import ReproseError
from reprose.config import loading
from reprose.config.checked import checked
from reprose.config.experiments import expand
from reprose.config.settings import Settings
from toy_code import write
from toy_config import configuration


class Hyperparameters(Settings):
    rate: float = Field(gt=0)
    width: int


LINE = """
from scripts.datasets.other import borrowed

def make_sample(folder: Path, seed: int, rows: int = 5) -> None: ...
def halves(table: Table, *, share: float = 0.5, seeds: list[int] | None = None, kind: Kind = "") -> Parts: ...
def moved(table, parts, by: float, copy: bool): ...
def any(table, **values): ...
made = partial(halves)
def wrapped(table, share: int): ...
wrapped = cached(wrapped)
if made:
    def chosen(table): ...
"""


UNKNOWN = ("any", "borrowed", "wrapped", "chosen")  # what they take is not said


@pytest.fixture(autouse=True)
def project(monkeypatch, tmp_path):
    """Let every problem have these hyperparameters, and the data set `line` these functions."""
    monkeypatch.setattr(loading, "problem", lambda name, stage: SimpleNamespace(Hyperparameters=Hyperparameters))
    monkeypatch.chdir(write(tmp_path, {"scripts/datasets/line.py": LINE}))


def table_of(blocks, uses=None, **shared):
    """Return a configuration of one problem, whose variant has these blocks."""
    heir = {"heir": {"view": "all", "blocks": {"main": {"seeds": [[1, 1]]}}, "uses": uses}} if uses else {}
    return configuration(shared, plain={"view": "all", "blocks": blocks}, **heir)


def values_of(blocks, uses=None, **shared):
    """Return the values of each trial of a variant, by label."""
    made = checked(expand(table_of(blocks, uses, **shared), "real"))
    runs = made.variant("toy", "heir" if uses else "plain").batches.values()
    return {run.trial: run.values for batch in runs for run in batch}


def test_a_whole_number_for_a_decimal_is_the_same_setting():
    assert repr(values_of({"main": {"seeds": [[1, 1]]}}, rate=1)) == "{'single': {'rate': 1.0, 'width': 4}}"


def test_one_setting_written_in_two_ways_is_refused_where_a_seed_is_given_twice():
    with pytest.raises(ReproseError, match=r"seed 1 of 'rate=1.0' is given twice .first as 'rate=1'"):
        values_of({"main": {"grid": {"rate": [1, 1.0]}, "seeds": [[1, 1]]}})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"grid": {"rate": [2, 1, 0.25]}}, {"grid": {"rate": [0.25, 1.0, 2.0]}}),
        ({"grid": {"width": [9, 10], "rate": [2]}}, {"grid": {"width": [10, 9], "rate": [2.0]}}),
        ({"seeds": [[1, 2], [3, 4]]}, {"seeds": [[3, 4], [1, 2]]}),
    ],
)
def test_nothing_depends_on_how_values_are_written_or_in_which_order(one, other):
    found = [checked(expand(table_of({"main": {"seeds": [[1, 1]], **block}}), "real")) for block in (one, other)]
    assert repr(found[0]) == repr(found[1])


def test_an_argument_is_what_the_function_declares_however_it_is_written():
    table = table_of({"main": {"seeds": [[1, 1]]}})
    table["views"]["all"]["values"] = {"share": 1, "seeds": [1, 2], "kind": [3, {}]}
    table["views"]["moved"] = {
        **table["views"]["all"],
        "split": "moved",
        "of": "all",
        "values": {"by": 0, "copy": True},
    }
    for name, values in (*dict.fromkeys(UNKNOWN, {"what": 1}).items(), ("made", {})):
        table["views"][name] = {**table["views"]["all"], "split": name, "values": values}
    views = {name: view.values for name, view in checked(expand(table, "real")).views.items()}
    assert repr(views["all"]) == "{'share': 1.0, 'seeds': [1, 2], 'kind': [3, {}]}"
    assert repr(views["moved"]) == "{'by': 0.0, 'copy': True}"
    assert [views[name] for name in (*UNKNOWN, "made")] == [{"what": 1}] * 4 + [{}]


@pytest.mark.parametrize(
    ("split", "of", "values", "message"),
    [
        (
            "halves",
            "",
            {"shore": 1},
            "views.all: unknown argument 'shore'. Did you mean 'share'\\? Allowed: kind, seeds, share.",
        ),
        ("halves", "", {"share": "1e-3"}, "views.all: share is '1e-3', expected a valid number."),
        ("halves", "", {"seeds": [1, 2.0]}, r"views.all: seeds\[1\] is 2.0, expected a valid integer."),
        ("moved", "base", {"by": 1}, r"views.all: the argument 'copy' \(bool\) is missing."),
        ("moved", "", {"by": 1, "copy": True}, "views.all: the argument 'parts' .*is missing."),
        ("halves", "base", {}, "views.all: scripts/datasets/line.py: 'halves' takes 1 arguments by place, expected 2."),
        (
            "halfs",
            "",
            {},
            "views.all: scripts/datasets/line.py has no function 'halfs'. There are: make_sample, halves, moved, any",
        ),
    ],
)
def test_an_argument_that_does_not_fit_is_refused_before_any_work(split, of, values, message):
    table = table_of({"main": {"seeds": [[1, 1]]}})
    table["views"]["base"] = table["views"]["all"]
    table["views"]["all"] = {**table["views"]["base"], "split": split, "of": of, "values": values}
    with pytest.raises(ReproseError, match=f"config.yaml: {message}"):
        checked(expand(table, "real"))


def test_the_arguments_of_a_sample_maker_are_checked_too():
    table = table_of({"main": {"seeds": [[1, 1]]}})
    table["datasets"]["line"]["sample"] = {"seed": 1, "row": 5}
    with pytest.raises(
        ReproseError,
        match="config.yaml: datasets.line.sample: unknown argument 'row'. Did you mean 'rows'\\? Allowed: rows, seed",
    ):
        checked(expand(table, "sample"))
    table["datasets"] = {"lines": {"sample": {}}}
    table["views"]["all"]["dataset"] = "lines"
    with pytest.raises(ReproseError, match="config.yaml: datasets.lines: there is no scripts/datasets/lines.py."):
        checked(expand(table, "sample"))


def test_a_misspelt_split_of_a_table_is_no_fault_of_its_data_set():
    table = table_of({"main": {"seeds": [[1, 1]]}})
    Path("study.csv").write_text("a\n1\n")
    table["datasets"] = {"study": {"file": "study.csv"}}
    table["views"]["all"] |= {"dataset": "study", "split": "randomsplit", "values": {}}
    with pytest.raises(
        ReproseError,
        match="config.yaml: views.all.split: no 'randomsplit'. Did you mean 'random_split'\\? Allowed: random_split,",
    ):
        checked(expand(table, "sample"))


def test_a_value_that_does_not_fit_is_refused_with_its_place():
    with pytest.raises(ReproseError, match=r"config.yaml: problems.toy.variants.plain: width is 4.5, expected"):
        values_of({"main": {"seeds": [[1, 1]]}}, width=4.5)


def test_a_reference_stays_one_and_must_name_a_hyperparameter():
    blocks = {"main": {"seeds": [[1, 1]]}}
    assert values_of(blocks, {"rate": "toy/plain/rate"}) == {"single": {"rate": {"from": "toy/plain/rate"}, "width": 4}}
    with pytest.raises(ReproseError, match="'toy/plain/depth' is no hyperparameter. Allowed: rate, width"):
        values_of(blocks, {"rate": "toy/plain/depth"})


def test_a_value_taken_over_two_winners_is_checked_by_what_the_first_may_have():
    blocks = {"main": {"seeds": [[1, 1]]}}
    with pytest.raises(ReproseError, match="rate is -1.0"):
        values_of(blocks, {"rate": "toy/plain/rate"}, rate=-1.0)


def test_a_problem_without_settings_is_an_error_that_names_the_file(monkeypatch):
    monkeypatch.setattr(loading, "problem", lambda name, stage: SimpleNamespace(__file__=f"{name}/{stage}.py"))
    with pytest.raises(ReproseError, match="toy/hyperparameters.py: no class 'Hyperparameters'"):
        checked(expand(configuration(), "real"))


def test_a_view_without_a_test_part_gives_a_split_of_the_engine_no_share_for_it():
    table = table_of({"main": {"grid": {"rate": [0.1], "width": [3]}, "seeds": [[1, 1]]}})
    shares = {"seed": 1, "validation": 0.2}
    table["views"]["all"] |= {"split": "random_split", "values": shares, "test": False}
    assert checked(expand(table, "sample")).views["all"].values == shares
