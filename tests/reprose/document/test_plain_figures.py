"""What is drawn for a problem that draws nothing itself."""

import numpy as np
import pytest

from reprose.document.plain_figures import draw
from reprose.training.contract import Parts, Results, VariantResults

SELECT = {"metric": "error", "better": "lower"}


def variant(**histories):
    return VariantResults(
        [], "best", {}, {}, {name.replace("_", "/"): {"error": h} for name, h in histories.items()}, {}, {}
    )


def test_the_curves_are_those_of_the_winners_as_far_as_all_seeds_went():
    long, short = np.array([4.0, 2.0, 1.0]), np.array([2.0, 0.0])
    variants = {"one": variant(best_1=long, best_2=short, other_1=long), "two": variant(best_1=long)}
    (axes,) = draw(Results("toy", "real", variants), SELECT)["curves"].axes
    assert [line.get_ydata().tolist() for line in axes.lines] == [[3.0, 1.0], [4.0, 2.0, 1.0]]
    assert [line.get_xdata().tolist() for line in axes.lines] == [[1, 2], [1, 2, 3]]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("epoch", "validation error")


def test_where_nothing_was_recorded_nothing_is_drawn():
    without = VariantResults([], "best", {}, {}, {"best/1": {}}, {}, {})
    for variants in ({}, {"one": without}, {"one": variant(best_1=np.array([1.0]))}):
        assert draw(Results("toy", "real", variants), SELECT) == {}


@pytest.mark.parametrize(("count", "shown"), [(1, 1), (5, 5), (30, 12)])
def test_each_column_of_numbers_of_a_view_is_a_histogram(count, shown):
    columns = {f"c{place}": np.arange(9) + place for place in range(count)}
    parts = Parts({"train": {**columns, "name": np.array(["a"] * 9)}, "validation": {}})
    made = draw(Results("look", "real", {}, {"all": parts, "empty": Parts({"train": {}, "validation": {}})}), {})
    assert set(made) == {"all_columns"}
    visible = [axes for axes in made["all_columns"].axes if axes.get_visible()]
    assert [axes.get_xlabel() for axes in visible] == list(columns)[:shown]
    assert all(sum(patch.get_height() for patch in axes.patches) == 9 for axes in visible)
