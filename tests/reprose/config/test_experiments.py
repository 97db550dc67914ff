import re

import pytest

from reprose.base.errors import ReproseError
from reprose.config.experiments import expand
from toy_config import configuration


def variant(seeds=((1, 1),), grid=None, **more):
    return {"view": "all", "blocks": {"main": {"grid": grid or {}, "seeds": [list(pair) for pair in seeds]}}, **more}


def test_a_grid_times_seed_blocks_gives_one_batch_per_seed_block():
    batches = expand(configuration(), "real").variant("toy", "plain").batches
    assert list(batches) == ["main_1_2", "main_3_3"]
    assert [run.name for run in batches["main_1_2"]] == ["rate=0.1/1", "rate=0.1/2", "rate=0.2/1", "rate=0.2/2"]
    assert batches["main_3_3"][1].values == {"rate": 0.2, "width": 4}


def test_a_seed_given_twice_is_an_error_that_names_it():
    with pytest.raises(ReproseError, match="toy.variants.plain.blocks: seed 3 of 'single' is given twice"):
        expand(configuration(plain=variant([(1, 3), (3, 4)])), "real")


def test_one_setting_under_two_labels_is_an_error():
    twice = {"view": "all", "blocks": {"a": {"seeds": [[1, 1]]}, "b": {"grid": {"rate": [0.5]}, "seeds": [[1, 1]]}}}
    with pytest.raises(ReproseError, match="seed 1 of 'rate=0.5' is given twice .first as 'single'"):
        expand(configuration(plain=twice), "real")


def test_seeds_that_run_backwards_are_an_error():
    with pytest.raises(ReproseError, match=r"\[4, 2\] runs backwards"):
        expand(configuration(plain=variant([(4, 2)])), "real")


@pytest.mark.parametrize(
    ("seeds", "grid"), [([(42, 20261125)], {}), ([(1, 2)], {"rate": [*range(400)], "width": [*range(400)]})]
)
def test_a_batch_that_no_machine_holds_is_an_error(seeds, grid):
    with pytest.raises(ReproseError, match=rf"blocks.main: .*,... runs, of .* with the seeds {seeds[0][0]} to"):
        expand(configuration(plain=variant(seeds, grid)), "real")


def test_a_view_that_is_not_configured_is_an_error_that_lists_the_views():
    with pytest.raises(ReproseError, match="view is 'none'. Allowed: all"):
        expand(configuration(plain={**variant(), "view": "none"}), "real")


def test_a_view_may_be_made_of_another():
    table = configuration()
    table["views"]["more"] = {**table["views"]["all"], "of": "all"}
    assert [view.name for view in expand(table, "real").origins("more")] == ["all", "more"]


def test_a_view_made_of_itself_is_an_error():
    table = configuration()
    table["views"]["all"]["of"] = "all"
    with pytest.raises(ReproseError, match="the view all is made of itself"):
        expand(table, "real")


def test_a_view_made_of_nothing_known_is_an_error():
    table = configuration()
    table["views"]["all"]["of"] = "gone"
    with pytest.raises(ReproseError, match="views.all.of is 'gone'. Allowed: all"):
        expand(table, "real")


def test_a_value_taken_from_a_winner_stands_as_a_reference():
    made = expand(configuration(plain=variant(), heir=variant(uses={"rate": "toy/plain/rate"})), "real")
    heir = made.variant("toy", "heir")
    assert heir.batches["main_1_1"][0].values["rate"] == {"from": "toy/plain/rate"}
    assert heir.used == [("toy", "plain")]
    assert made.depth(heir) == 1


def test_a_reference_to_nothing_is_an_error():
    with pytest.raises(ReproseError, match="uses is 'toy/gone'"):
        expand(configuration(heir=variant(uses={"rate": "toy/gone/rate"})), "real")


def test_winners_that_need_each_other_are_an_error():
    left, right = variant(uses={"rate": "toy/right/rate"}), variant(uses={"rate": "toy/left/rate"})
    with pytest.raises(ReproseError, match="needs itself"):
        expand(configuration(left=left, right=right), "real")


def test_names_of_result_folders_are_refused():
    with pytest.raises(ReproseError, match="folder of results"):
        expand(configuration(figures=variant()), "real")


@pytest.mark.parametrize(
    "block, told",
    [
        ({}, "datasets.line: neither `file`, a file of the project, nor `sample`"),
        ({"file": "gone.csv"}, "datasets.line.file is 'gone.csv'. Allowed: an existing file of the project"),
        ({"file": "/etc/hostname"}, "datasets.line.file is '/etc/hostname'. Allowed"),
        ({"file": "../there.csv"}, "datasets.line.file is '../there.csv'. Allowed"),
        ({"file": "there.csv", "sample": {"seed": 1}}, "datasets.line.sample: found seed; of a file, allowed: first"),
    ],
)
def test_a_data_set_is_a_file_of_the_project_or_says_how_its_sample_is_made(tmp_path, monkeypatch, block, told):
    (tmp_path / "project").mkdir()
    for folder in (tmp_path, tmp_path / "project"):
        (folder / "there.csv").write_text("x\n1\n")
    monkeypatch.chdir(tmp_path / "project")
    config = configuration()
    config["datasets"]["line"] = {"file": "there.csv", "sample": {"first": 1}}
    assert expand(config, "sample").datasets["line"]["file"] == "there.csv"
    config["datasets"]["line"] = block
    with pytest.raises(ReproseError, match=re.escape(told)):
        expand(config, "sample")
