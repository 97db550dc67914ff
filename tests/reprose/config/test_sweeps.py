import pytest

from reprose.base.errors import ReproseError
from reprose.config.experiments import expand
from reprose.config.sweeps import points_of
from toy_config import configuration


def batches(**block):
    table = configuration(plain={"view": "all", "blocks": {"main": {"seeds": [[1, 2]], **block}}})
    return expand(table, "real").variant("toy", "plain").batches


def test_values_at_equal_ratios_are_a_grid():
    assert points_of({"grid": {"rate": {"log": [1.0e-4, 1.0e-1, 4]}}}, "") == [
        {"rate": 0.0001},
        {"rate": 0.001},
        {"rate": 0.01},
        {"rate": 0.1},
    ]
    widths = [point["width"] for point in points_of({"grid": {"width": {"log": [16, 128, 4]}}}, "")]
    assert widths == [16, 32, 64, 128] and all(type(width) is int for width in widths)
    assert [run.name for run in batches(grid={"rate": {"log": [0.1, 0.4, 3]}})["main_1_2"]][::2] == [
        "rate=0.1/1",
        "rate=0.2/1",
        "rate=0.4/1",
    ]


RANDOM = {"grid": {"rate": {"log": [1.0e-3, 1.0]}, "width": [4, 8]}, "random": {"trials": 20, "seed": 1}}


def test_random_trials_are_different_the_same_each_time_and_within_the_grid():
    points = points_of(RANDOM, "")
    assert points == points_of(RANDOM, "")
    assert len({(point["rate"], point["width"]) for point in points}) == 20
    assert all(0.001 <= point["rate"] <= 1 for point in points) and {point["width"] for point in points} == {4, 8}
    assert sum(point["rate"] < 0.0316 for point in points) in range(4, 17)  # half of them, about
    assert points_of({**RANDOM, "random": {"trials": 20, "seed": 2}}, "") != points
    more = points_of({**RANDOM, "random": {"trials": 25, "seed": 1}}, "")
    assert more[:20] == points
    assert points[0] == {"rate": 0.2398, "width": 4}  # with any version of Python


def test_trials_are_spread_over_jobs_and_each_trains_once():
    made = batches(grid={"rate": [0.1, 0.2, 0.3, 0.4, 0.5]}, split=2)
    assert list(made) == ["main_part1_1_2", "main_part2_1_2"]
    assert [run.trial for run in made["main_part1_1_2"]][::2] == ["rate=0.1", "rate=0.2"]
    assert {run.name for runs in made.values() for run in runs} == {
        run.name for run in batches(grid={"rate": [0.1, 0.2, 0.3, 0.4, 0.5]})["main_1_2"]
    }


@pytest.mark.parametrize(
    ("block", "told"),
    [
        ({"grid": {"rate": {"log": [0.0, 1.0, 3]}}}, "blocks.main.grid.rate.log is .0.0, 1.0, 3.. Allowed: 0 < first"),
        ({"grid": {"rate": {"log": [0.1, 1.0]}}}, "Allowed: first, last and how many values"),
        (
            {"grid": {"rate": [0.1, 0.2]}, "random": {"trials": 3, "seed": 1}},
            "random.trials is 3, but the grid has fewer",
        ),
        ({"grid": {"rate": [0.1, 0.2]}, "split": 3}, "blocks.main.split is 3, but there are 2 trials"),
    ],
)
def test_a_sweep_that_cannot_be_is_an_error(block, told):
    with pytest.raises(ReproseError, match=told):
        batches(**block)
