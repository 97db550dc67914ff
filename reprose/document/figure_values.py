"""What a figure shows, as values: one row for each point, bar, corner of an area, cell of an image or text.

All is taken from what was drawn, so it is what the figure shows. What cannot be told as values is named in a row of its
own, so that nothing is left out in silence.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.collections import Collection, PathCollection, PolyCollection, QuadMesh
from matplotlib.colors import to_hex, to_rgba_array
from matplotlib.container import BarContainer
from matplotlib.contour import ContourSet
from matplotlib.dates import num2date
from matplotlib.figure import Figure, FigureBase
from matplotlib.image import AxesImage
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from matplotlib.path import Path
from matplotlib.quiver import Barbs, Quiver
from matplotlib.spines import Spine
from matplotlib.text import Annotation, Text
from matplotlib.transforms import AffineDeltaTransform, Transform

COLUMNS = ("panel", "kind", "series", "part", "label", "colour", "x", "y", "value")
UNTOLD = "not told"  # the kind of a row that names what the values leave out
COLOURBAR = "<colorbar>"  # how matplotlib labels the axes of one
MOST = 200_000  # values of what is drawn by one call; more are a picture, and would fill memory and archive
STRAIGHT = {Path.MOVETO, Path.LINETO, Path.CLOSEPOLY}
Row = dict[str, Any]


def values(figure: Figure) -> str:
    """Return what a figure shows as CSV, with the columns `COLUMNS`.

    `panel` counts the axes, `series` what is drawn in each and `part` its pieces, from 1 on. `x` and `y` are in the
    units of the axes, and empty where a line or text keeps to the frame; `value` is that of a cell or of a coloured
    point, a level, the length of a bar. Rows of the kinds "x label", "x tick", "text" and "legend" hold words.
    """
    rows = [row for panel, axes in enumerate(figure.axes, 1) for row in _panel(panel, axes)]
    rows += _beside(figure)
    file = io.StringIO()
    writer = csv.DictWriter(file, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


def untold(content: str) -> list[str]:
    """Return what values leave out of their figure, by the CSV that `values` made."""
    rows = [row for row in csv.DictReader(io.StringIO(content)) if row["kind"] == UNTOLD]
    return [f"{row['label']} in panel {row['panel']}" if row["panel"] else row["label"] for row in rows]


def _panel(panel: int, axes: Axes) -> Iterator[Row]:
    """Yield the rows of one pair of axes; those inside others belong to the same panel."""
    if axes.get_visible():
        for row in _axes(axes):
            yield {"panel": panel, **row}


def _axes(axes: Axes) -> Iterator[Row]:
    yield from _words("x", axes.xaxis)
    yield from _words("y", axes.yaxis)
    if axes.get_label() == COLOURBAR:
        return
    if axes.name not in ("rectilinear", "polar"):
        yield {"kind": UNTOLD, "label": f"axes of the kind '{axes.name}'"}
        return
    bars = {bar: each for each in axes.containers if isinstance(each, BarContainer) for bar in each}
    frame = {axes.patch, axes.xaxis, axes.yaxis, *axes.spines.values()}
    for series, artist in enumerate((each for each in _seen(axes) if each not in frame), 1):
        try:
            rows = list(_bar(artist, bars[artist]) if artist in bars else _told(artist))
        except Exception:  # of an artist of the project's own, which is drawn all the same
            rows = [_untold(artist)]
        for row in rows:
            yield {"series": series, **row}


def _beside(figure: FigureBase) -> Iterator[Row]:
    """Yield the rows of what a figure shows outside of its axes."""
    for artist in _seen(figure):
        if isinstance(artist, FigureBase):
            yield from _beside(artist)
        elif isinstance(artist, Text):
            yield {"kind": "text", "label": artist.get_text()}
        elif isinstance(artist, Legend):
            yield from _legend(artist)
        elif not isinstance(artist, Axes) and artist is not figure.patch:
            yield _untold(artist)


def _words(name: str, axis: Axis) -> Iterator[Row]:
    """Yield what an axis says in words: its label, and ticks that are texts of their own."""
    if label := axis.get_label_text():
        yield {"kind": f"{name} label", "label": label}
    formatter = axis.get_major_formatter()
    if type(formatter).__name__ in ("FixedFormatter", "FuncFormatter", "StrCategoryFormatter"):
        places = axis.get_major_locator()()
        for place, text in zip(places, formatter.format_ticks(places), strict=True):
            if text:
                yield {"kind": f"{name} tick", "label": text, name: _plain(place)}


def _told(artist: Artist) -> Iterable[Row]:
    """Return the rows of what is drawn by one call, or one that says what is not told."""
    return next((told for kind, told in KINDS.items() if isinstance(artist, kind)), _nothing)(artist)


def _nothing(artist: Artist) -> Iterable[Row]:
    return [_untold(artist)]


def _untold(artist: Artist, what: str = "") -> Row:
    return {"kind": UNTOLD, "label": f"{what}{type(artist).__name__}"}


def _line(line: Line2D) -> Iterable[Row]:
    kind = "point" if line.get_linestyle() == "None" else "line"
    return _points(line, kind, line.get_xydata(), line.get_color(), line.get_transform())


def _text(text: Text) -> Iterable[Row]:
    """Return a text with the place that it is about; one that keeps to the frame has none."""
    place, transform = text.get_position(), text.get_transform()
    if isinstance(text, Annotation) and text.xycoords == "data":
        place, transform = text.xy, text.axes.transData
    row = {"kind": "text", "label": text.get_text(), "colour": to_hex(text.get_color())}
    placed = _points(text, "text", [place], text.get_color(), transform) if any(_in_data(text, transform)) else [{}]
    return [made | row for made in placed if text.get_text()]


def _legend(legend: Legend) -> Iterable[Row]:
    for text, handle in zip(legend.get_texts(), legend.legend_handles, strict=True):
        colour = getattr(handle, "get_color", getattr(handle, "get_facecolor", list))()
        yield {"kind": "legend", "label": text.get_text(), **_colour(to_rgba_array(colour), 0)}


def _bar(bar: Rectangle, container: BarContainer) -> Iterable[Row]:
    """Return where a bar ends, at its middle, and how long it is."""
    (left, low), width, height = bar.get_xy(), bar.get_width(), bar.get_height()
    lies = container.orientation == "horizontal"
    end = (left + width, low + height / 2) if lies else (left + width / 2, low + height)
    value = [width if lies else height]
    label = _label(container)
    made = _points(bar, "bar", [end], bar.get_facecolor(), bar.get_data_transform(), value)
    return [row | {"label": label or row.get("label", "")} for row in made]


def _patch(patch: Patch) -> Iterable[Row]:
    path = patch.get_patch_transform().transform_path(patch.get_path())
    colour = patch.get_facecolor() if patch.get_facecolor()[3] else patch.get_edgecolor()
    return _corners(patch, "area", [path], [colour], patch.get_data_transform())


def _collection(made: Collection) -> Iterable[Row]:
    """Return the points of a scatter, or the corners of what a collection draws."""
    is_filled, array = len(made.get_facecolor()) > 0, made.get_array()
    levels = None if array is None else np.ma.asarray(array).ravel()
    colours = [] if array is not None else made.get_facecolor() if is_filled else made.get_edgecolor()
    moves, places = made.get_offset_transform(), made.get_offsets()
    if not moves.contains_branch(made.axes.transData) and not np.any(np.asarray(places)):
        return _corners(made, "area" if is_filled else "line", made.get_paths(), colours, made.get_transform(), levels)
    if not isinstance(made, PathCollection | PolyCollection):
        return [_untold(made)]
    moves = made.axes.transData if isinstance(moves, AffineDeltaTransform) else moves  # of hexagons
    rows = _points(made, "point", places, colours, moves, levels)
    sizes = {float(size) for size in made.get_sizes()} if isinstance(made, PathCollection) else {}
    return [*rows, _untold(made, "the sizes of ")] if len(sizes) > 1 else rows


def _mesh(mesh: QuadMesh) -> Iterable[Row]:
    """Return the middle of each cell, or the corners where colours flow from one to the next, with their values."""
    corners, array = np.asarray(mesh.get_coordinates()), mesh.get_array()
    if array is None or array.ndim != 2:
        return [_untold(mesh)]
    middles = (corners[:-1, :-1] + corners[1:, :-1] + corners[:-1, 1:] + corners[1:, 1:]) / 4
    places = corners if array.shape == corners.shape[:2] else middles
    return _points(mesh, "cell", places.reshape(-1, 2), [], mesh.get_transform(), array.ravel())


def _image(image: AxesImage) -> Iterable[Row]:
    """Return the middle of each pixel with its value; that of a picture in colours is its colour."""
    if type(image) is not AxesImage:  # others place their pixels otherwise
        return [_untold(image)]
    array = np.ma.asarray(image.get_array())
    rows, columns = array.shape[:2]
    left, right, bottom, top = image.get_extent()
    first, last = (bottom, top) if image.origin == "lower" else (top, bottom)
    x = left + (np.arange(columns) + 0.5) * (right - left) / columns
    y = first + (np.arange(rows) + 0.5) * (last - first) / rows
    places = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    if array.ndim == 2:
        return _points(image, "cell", places, [], image.get_transform(), array.ravel())
    whole = array.filled(0) if array.dtype.kind == "f" else array.filled(0) / 255
    return _points(image, "pixel", places, np.clip(whole, 0, 1).reshape(rows * columns, -1), image.get_transform())


def _contours(made: ContourSet) -> Iterable[Row]:
    kind, levels = ("area", made.layers) if made.filled else ("line", made.levels)
    return _corners(made, kind, made.get_paths(), [], made.get_transform(), levels)


KINDS: dict[type[Artist], Callable[[Any], Iterable[Row]]] = {  # the first that fits
    Quiver: _nothing,
    Barbs: _nothing,
    ContourSet: _contours,
    QuadMesh: _mesh,
    Collection: _collection,
    AxesImage: _image,
    Line2D: _line,
    Text: _text,
    Spine: _nothing,
    Patch: _patch,
    Legend: _legend,
    Axes: _axes,
}


def _corners(
    artist: Artist,
    kind: str,
    paths: Iterable[Path],
    colours: Any,
    transform: Transform,
    levels: Sequence[Any] | None = None,
) -> list[Row]:
    """Return the corners of paths, piece by piece; what is curved is not told."""
    rows: list[Row] = []
    part = 0
    for number, path in enumerate(paths):
        codes = np.full(len(path.vertices), Path.LINETO) if path.codes is None else path.codes
        if not STRAIGHT.issuperset(codes.tolist()):
            return [_untold(artist)]
        colour = [colours[number % len(colours)]] if len(colours) else []
        level = None if levels is None else [levels[number % len(levels)]] * len(codes)
        parts = part + np.maximum(np.cumsum(codes == Path.MOVETO), 1)
        part = int(parts[-1]) if len(parts) else part
        made = _points(artist, kind, path.vertices, colour, transform, level)
        if made and made[0]["kind"] == UNTOLD:
            return made
        kept = zip(made, codes, parts, strict=True)
        rows += [row | {"part": int(each)} for row, code, each in kept if code != Path.CLOSEPOLY]
    return rows


def _points(
    artist: Artist, kind: str, places: Any, colours: Any, transform: Transform, levels: Sequence[Any] | None = None
) -> list[Row]:
    """Return one row for each place; a coordinate that is none of the axes' is left empty.

    `colours` is one for all, or one for each, again from the first after the last.
    """
    in_x, in_y = _in_data(artist, transform)
    if not (in_x or in_y):
        return [_untold(artist)]
    if len(places) > MOST:
        return [_untold(artist, f"the {len(places):,} values of ")]
    data = artist.axes.transData
    found = (transform - data).transform(places) if in_x and in_y and transform != data else places
    shades = to_rgba_array(colours)
    rows = []
    for number, (x, y) in enumerate(np.ma.asarray(found).tolist()):
        row: Row = {"kind": kind, "label": _label(artist), "x": _of(artist.axes.xaxis, x) if in_x else ""}
        row |= {"y": _of(artist.axes.yaxis, y) if in_y else ""}
        row |= _colour(shades, number)
        rows.append(row | ({} if levels is None else {"value": _plain(levels[number % len(levels)])}))
    return rows


def _in_data(artist: Artist, transform: Transform) -> tuple[bool, bool]:
    """Return whether what is drawn stands at an x, and at a y, of the axes."""
    in_x, in_y = transform.contains_branch_seperately(artist.axes.transData)
    return bool(in_x), bool(in_y)


def _of(axis: Axis, value: Any) -> Any:
    """Return a coordinate; on an axis of dates, the date."""
    is_date = type(axis.get_converter()).__module__ == "matplotlib.dates"
    return num2date(value).isoformat() if is_date and value is not None and np.isfinite(value) else _plain(value)


def _plain(value: Any) -> Any:
    """Return a number with all its digits; nothing for what is masked."""
    if value is None or np.ma.is_masked(value):
        return ""
    return value.item() if isinstance(value, np.generic) else value


def _colour(shades: Any, number: int) -> Row:
    """Return one of several colours, again from the first after the last."""
    return {"colour": to_hex(shades[number % len(shades)])} if len(shades) else {}


def _label(artist: Any) -> str:
    """Return the label that a legend would show."""
    label = artist.get_label()
    return "" if label is None or str(label).startswith("_") else str(label)


def _seen(parent: Artist) -> list[Artist]:
    return [artist for artist in parent.get_children() if artist.get_visible()]
