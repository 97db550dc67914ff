"""What a figure shows comes out as values; what does not is named."""

import csv
import datetime
import io

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.transforms import Affine2D, ScaledTranslation

from reprose.document.figure_values import UNTOLD, untold, values

TENTH = np.float32(0.1)


def rows(draw, kind=None):
    """Return the rows that a drawing leaves, or those of a kind."""
    figure = Figure()
    draw(figure.subplots())
    figure.savefig(io.BytesIO())
    told = list(csv.DictReader(io.StringIO(values(figure))))
    return [row for row in told if kind in (None, row["kind"])]


def places(draw, kind):
    return [(row["x"], row["y"]) for row in rows(draw, kind)]


def test_lines_and_points_have_all_their_digits_label_and_colour():
    (first, _) = rows(lambda axes: axes.plot([0, 1], [1 / 3, np.nan], label="error", color="red"), "line")
    assert float(first["y"]) == 1 / 3
    assert (first["panel"], first["series"], first["label"], first["colour"]) == ("1", "1", "error", "#ff0000")
    drawn = rows(lambda axes: axes.scatter([1, 2], [3, 4], c=[0.5, 0.25]), "point")
    assert [(row["x"], row["y"], row["value"]) for row in drawn] == [("1.0", "3.0", "0.5"), ("2.0", "4.0", "0.25")]


def test_bars_lie_at_their_middle_and_tell_their_length():
    upright = rows(lambda axes: axes.bar(["a", "b"], [3, 4], bottom=1))
    assert [row["label"] for row in upright if row["kind"] == "x tick"] == ["a", "b"]
    bars = [(row["x"], row["y"], row["value"]) for row in upright if row["kind"] == "bar"]
    assert bars == [("0.0", "4.0", "3"), ("1.0", "5.0", "4")]
    lying = rows(lambda axes: axes.barh([0, 1], [3, 4], label="n"), "bar")
    assert [(row["x"], row["y"], row["value"], row["label"]) for row in lying][1] == ("4.0", "1.0", "4", "n")
    counted = rows(lambda axes: axes.hist([1, 2, 2, 3], bins=2, range=(1, 3)), "bar")
    assert [(row["x"], row["value"]) for row in counted] == [("1.5", "1.0"), ("2.5", "3.0")]


def test_images_meshes_and_contours_tell_their_values():
    image = rows(lambda axes: axes.imshow(np.arange(4).reshape(2, 2), extent=(0, 2, 0, 4)), "cell")
    assert [(row["x"], row["y"], row["value"]) for row in image][1:3] == [("1.5", "3.0", "1"), ("0.5", "1.0", "2")]
    grey = np.full((1, 1, 3), 128, np.uint8)
    assert [row["colour"] for row in rows(lambda axes: axes.imshow(grey), "pixel")] == ["#808080"]
    mesh = rows(lambda axes: axes.pcolormesh([0, 2, 4], [0, 1], [[TENTH, 7]]), "cell")
    assert [(row["x"], row["y"], row["value"]) for row in mesh][1] == ("3.0", "0.5", "7.0")
    lines = rows(lambda axes: axes.contour(np.arange(9.0).reshape(3, 3), levels=[4]), "line")
    assert {row["value"] for row in lines} == {"4.0"}
    hexagons = rows(lambda axes: axes.hexbin([1, 2], [1, 2], gridsize=2), "point")
    assert sum(float(row["value"]) for row in hexagons) == 2


def test_areas_and_segments_are_told_piece_by_piece():
    band = places(lambda axes: axes.fill_between([0, 1], [2, 3], [4, 5]), "area")
    assert {("0.0", "2.0"), ("1.0", "3.0"), ("0.0", "4.0"), ("1.0", "5.0")} == set(band)
    segments = rows(lambda axes: axes.hlines([1, 2], 0, [3, 4]), "line")
    assert [(row["part"], row["x"]) for row in segments] == [("1", "0.0"), ("1", "3.0"), ("2", "0.0"), ("2", "4.0")]


def test_what_keeps_to_the_frame_has_no_place_on_the_axes():
    assert places(lambda axes: axes.axhline(0.5), "line") == [("", "0.5")] * 2
    assert places(lambda axes: axes.set_title("all"), "text") == [("", "")]
    assert places(lambda axes: axes.annotate("top", (1, 2), xytext=(3, 3), textcoords="offset points"), "text") == [
        ("1", "2")
    ]


def test_what_is_moved_is_told_where_it_stands_on_the_axes():
    turned = Affine2D().scale(2, 3)
    assert places(lambda axes: axes.plot([1, 1], [1, 2], transform=turned + axes.transData), "line") == [
        ("2.0", "3.0"),
        ("2.0", "6.0"),
    ]

    def dodged(axes):
        axes.plot([1, 2], [3, 4], transform=axes.transData + ScaledTranslation(0.1, 0, axes.figure.dpi_scale_trans))

    assert [row["label"] for row in rows(dodged, UNTOLD)] == ["Line2D"]


def test_dates_are_dates():
    days = [datetime.date(2020, 1, 1), datetime.date(2020, 1, 2)]
    assert places(lambda axes: axes.plot(days, [1, 2]), "line")[1] == ("2020-01-02T00:00:00+00:00", "2.0")


def test_words_stand_in_rows_of_their_own():
    def draw(axes):
        axes.legend(handles=[Line2D([], [], color="blue", label="both")])
        axes.set(xlabel="epoch", ylabel="error")
        axes.figure.suptitle("over all")

    told = {(row["kind"], row["label"], row["colour"]) for row in rows(draw)}
    assert {("x label", "epoch", ""), ("y label", "error", ""), ("legend", "both", "#0000ff")} <= told
    assert ("text", "over all", "") in told


@pytest.mark.parametrize(
    ("draw", "named"),
    [
        (lambda axes: axes.quiver([0], [0], [1], [1]), "Quiver in panel 1"),
        (lambda axes: axes.add_patch(plt.Circle((0, 0), 1)), "Circle in panel 1"),
        (lambda axes: axes.scatter([0, 1], [0, 1], s=[1, 9]), "the sizes of PathCollection in panel 1"),
        (lambda axes: axes.axline((0, 0), slope=1), "AxLine in panel 1"),
        (lambda axes: axes.table([["0.5"]]), "Table in panel 1"),
        (lambda axes: axes.figure.add_subplot(projection="3d").plot([1], [2], [3]), "axes of the kind '3d' in panel 2"),
        (lambda axes: axes.figure.add_artist(Line2D([0, 1], [0, 1])), "Line2D"),
        (lambda axes: axes.figure.subfigures().add_artist(Line2D([0, 1], [0, 1])), "Line2D"),
        (lambda axes: axes.figure.figimage(np.zeros((2, 2))), "FigureImage"),
    ],
)
def test_what_cannot_be_told_is_named(draw, named):
    figure = Figure()
    draw(figure.subplots())
    assert untold(values(figure)) == [named]


def test_what_is_not_seen_is_not_told():
    assert rows(lambda axes: axes.plot([0, 1], [2, 3], visible=False)) == []
    assert rows(lambda axes: axes.plot([0, 1], [2, 3]) and axes.set_visible(False)) == []


def test_a_panel_within_another_is_told():
    assert places(lambda axes: axes.inset_axes([0.5, 0.5, 0.4, 0.4]).plot([1], [2]), "line") == [("1.0", "2.0")]


def test_of_a_colour_bar_only_its_words_are_told():
    def draw(axes):
        axes.figure.colorbar(axes.imshow([[1, 2]]), label="count")

    told = rows(draw)
    assert [row["kind"] for row in told if row["panel"] == "2"] == ["y label"]


def test_more_than_a_reader_can_use_is_named_with_its_count():
    told = rows(lambda axes: axes.imshow(np.zeros((500, 500))), UNTOLD)
    assert [row["label"] for row in told] == ["the 250,000 values of AxesImage"]


def test_an_artist_that_cannot_be_asked_is_named():
    class Own(Line2D):
        def get_xydata(self):
            raise RuntimeError("not so")

    told = rows(lambda axes: axes.add_line(Own([0, 1], [0, 1])), UNTOLD)
    assert [row["label"] for row in told] == ["Own"]
