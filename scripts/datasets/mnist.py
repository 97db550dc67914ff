"""MNIST: handwritten digits, 60,000 to train and 10,000 to test, images of 28 x 28 pixels (LeCun and others, 1998).

The four files are in the idx format, each compressed by gzip: two zero bytes, 8 for unsigned bytes, the number of
dimensions, each dimension as a big-endian 32-bit number, then the values row by row. Images: 0 is paper, 255 ink.
Labels: the digit, 0 to 9.
"""

import gzip
import io
import math
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from reprose import ReproseError, Source

SERVER = "https://ossci-datasets.s3.amazonaws.com/mnist/"
DIGESTS = {
    "train-images-idx3-ubyte.gz": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    "train-labels-idx1-ubyte.gz": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    "t10k-images-idx3-ubyte.gz": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    "t10k-labels-idx1-ubyte.gz": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
}
SOURCE = Source(
    title="MNIST",
    homepage="https://yann.lecun.com/exdb/mnist/",
    licence="CC BY-SA 3.0 by common account, which we have not verified; not redistributed here.",
    citation="lecun1998gradient",
    files=DIGESTS,
    urls={
        "train-images-idx3-ubyte.gz": f"{SERVER}train-images-idx3-ubyte.gz",
        "train-labels-idx1-ubyte.gz": f"{SERVER}train-labels-idx1-ubyte.gz",
        "t10k-images-idx3-ubyte.gz": f"{SERVER}t10k-images-idx3-ubyte.gz",
        "t10k-labels-idx1-ubyte.gz": f"{SERVER}t10k-labels-idx1-ubyte.gz",
    },
)

SIDE = 28  # pixels
DIGITS = 10
BYTES = 8  # idx type of unsigned bytes
SETS = {"train": "train", "test": "t10k"}  # how the names of the files begin
REMEDY = "Delete the file and fetch it again."

STROKES = {  # corners of made-up digits in a box of side 1, from the top left; corners are then cut twice
    0: [(0.5, 0), (0.9, 0.2), (0.9, 0.8), (0.5, 1), (0.1, 0.8), (0.1, 0.2), (0.5, 0)],
    1: [(0.3, 0.2), (0.5, 0), (0.5, 0.5), (0.5, 1)],
    2: [(0.1, 0.25), (0.3, 0), (0.85, 0.05), (0.75, 0.45), (0.1, 1), (0.9, 1)],
    3: [(0.1, 0.1), (0.6, 0), (0.9, 0.25), (0.4, 0.48), (0.9, 0.7), (0.6, 1), (0.1, 0.9)],
    4: [(0.65, 1), (0.65, 0), (0.4, 0.3), (0.1, 0.65), (0.95, 0.65)],
    5: [(0.85, 0), (0.25, 0), (0.2, 0.45), (0.7, 0.4), (0.9, 0.7), (0.6, 1), (0.1, 0.92)],
    6: [(0.75, 0), (0.25, 0.35), (0.1, 0.75), (0.45, 1), (0.85, 0.8), (0.6, 0.5), (0.15, 0.7)],
    7: [(0.1, 0), (0.9, 0), (0.65, 0.45), (0.4, 1)],
    8: [(0.5, 0.48), (0.1, 0.25), (0.5, 0), (0.9, 0.25), (0.5, 0.48), (0.1, 0.75), (0.5, 1), (0.9, 0.75), (0.5, 0.48)],
    9: [(0.85, 0.3), (0.5, 0.55), (0.15, 0.25), (0.5, 0), (0.85, 0.2), (0.8, 0.6), (0.6, 1)],
}
CHUNK = 250  # made-up images that are drawn at once

Table = dict[str, np.ndarray]


def read(folder: Path) -> Table:
    """Return `train_images` and `test_images`, (images, 28, 28) uint8, and their labels, (images,) uint8."""
    table: Table = {}
    for part, start in SETS.items():
        images, labels = folder / f"{start}-images-idx3-ubyte.gz", folder / f"{start}-labels-idx1-ubyte.gz"
        table[f"{part}_images"] = _values(images, 3)
        table[f"{part}_labels"] = _values(labels, 1)
        _check_labels(labels, table[f"{part}_labels"], len(table[f"{part}_images"]))
    return table


def search_split(table: Mapping[str, np.ndarray], *, validation: int) -> dict[str, Table]:
    """Cut the last `validation` images off the training set; there is no test part."""
    cut = _cut(table, validation)
    parts = {"train": slice(0, cut), "validation": slice(cut, None), "test": slice(0, 0)}
    return {part: _rows(table, "train", rows) for part, rows in parts.items()}


def whole_split(table: Mapping[str, np.ndarray], *, validation: int) -> dict[str, Table]:
    """Train on the whole training set, test on the official test set.

    Nothing is left to choose here: the validation part repeats the last `validation` training images.
    """
    rows = {"train": slice(None), "validation": slice(_cut(table, validation), None)}
    parts = {part: _rows(table, "train", chosen) for part, chosen in rows.items()}
    return {**parts, "test": _rows(table, "test", slice(None))}


def make_sample(folder: Path, seed: int, train: int, test: int) -> None:
    """Write made-up files of the same format: digits drawn with a pen, each bent and placed in its own way.

    Two drawings of a digit differ in some twenty numbers, so a few dozen dimensions hold most of an image.
    """
    if min(train, test) < DIGITS:
        raise ReproseError(
            f"config.yaml: datasets.mnist.sample: train {train}, test {test}. Allowed: at least {DIGITS} of each, so"
            " that every digit is there."
        )
    generator = np.random.default_rng(seed)
    for start, count in zip(SETS.values(), (train, test), strict=True):
        labels = generator.permutation(np.arange(count) % DIGITS).astype(np.uint8)
        images = np.zeros((count, SIDE, SIDE), dtype=np.uint8)
        for digit in range(DIGITS):
            places = np.flatnonzero(labels == digit)
            for first in range(0, len(places), CHUNK):
                some = places[first : first + CHUNK]
                images[some] = _draw(generator, STROKES[digit], len(some))
        _write(folder / f"{start}-images-idx3-ubyte.gz", images)
        _write(folder / f"{start}-labels-idx1-ubyte.gz", labels)


def _values(path: Path, dimensions: int) -> np.ndarray:
    """Return the values of an idx file of unsigned bytes, checked against its header."""
    data = _unpacked(path)
    head = 4 + 4 * dimensions
    if len(data) < head:
        raise ReproseError(f"{path}: holds {len(data)} bytes, expected a header of {head}. {REMEDY}")
    magic, expected = data[:4], bytes((0, 0, BYTES, dimensions))
    if magic != expected:
        raise ReproseError(f"{path}: begins with 0x{magic.hex()}, expected the magic 0x{expected.hex()}. {REMEDY}")
    shape = tuple(np.frombuffer(data, dtype=">u4", count=dimensions, offset=4).tolist())
    if shape[0] == 0 or shape[1:] != (SIDE, SIDE)[: dimensions - 1]:
        wanted = " x ".join(["at least 1", *[str(SIDE)] * (dimensions - 1)])
        raise ReproseError(f"{path}: states {' x '.join(map(str, shape))} values, expected {wanted}. {REMEDY}")
    if len(data) - head != math.prod(shape):
        raise ReproseError(
            f"{path}: states {' x '.join(map(str, shape))} = {math.prod(shape)} values, but holds {len(data) - head}."
            f" {REMEDY}"
        )
    return np.frombuffer(data, dtype=np.uint8, offset=head).reshape(shape).copy()  # not a view of bytes: writable


def _unpacked(path: Path) -> bytes:
    try:
        return gzip.decompress(path.read_bytes())
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise ReproseError(f"{path}: not a whole gzip file ({error}). {REMEDY}") from error


def _check_labels(path: Path, labels: np.ndarray, images: int) -> None:
    if len(labels) != images:
        raise ReproseError(f"{path}: {len(labels)} labels, expected {images}, one for each image. {REMEDY}")
    wrong = np.flatnonzero(labels >= DIGITS)
    if wrong.size:
        raise ReproseError(f"{path}: label {wrong[0] + 1} is {labels[wrong[0]]}, expected 0 to {DIGITS - 1}. {REMEDY}")


def _cut(table: Mapping[str, np.ndarray], validation: int) -> int:
    count = len(table["train_images"])
    if not 0 < validation < count:
        raise ReproseError(f"config.yaml: views: validation is {validation}, expected 1 to {count - 1} of the images.")
    return count - validation


def _rows(table: Mapping[str, np.ndarray], part: str, rows: slice) -> Table:
    return {name: table[f"{part}_{name}"][rows] for name in ("images", "labels")}


def _draw(generator: np.random.Generator, corners: list[tuple[float, float]], count: int) -> np.ndarray:
    """Return `count` drawings of one digit, (count, 28, 28) uint8."""
    points = np.array(corners) - 0.5 + generator.uniform(-0.07, 0.07, size=(count, len(corners), 2))
    for _ in range(2):
        points = _cut_corners(points)
    size = generator.uniform(12.5, 17.5, size=(count, 2)) * [0.75, 1.0]  # pixels; digits are taller than wide
    slant, turn = generator.uniform((-0.3, -0.2), (0.3, 0.2), size=(count, 2)).T
    across = points[..., 0] * size[:, :1] - slant[:, None] * points[..., 1] * size[:, 1:]
    down = points[..., 1] * size[:, 1:] + turn[:, None] * across
    centre = (SIDE - 1) / 2 + generator.uniform(-1.2, 1.2, size=(count, 1, 2))
    pen = generator.uniform(0.8, 1.7, size=(count, 1))  # pixels, half the width of the stroke
    ink = np.clip(pen + 0.5 - _distances(np.stack([across, down], axis=2) + centre), 0, 1)
    return np.rint(255 * ink).astype(np.uint8).reshape(count, SIDE, SIDE)


def _cut_corners(points: np.ndarray) -> np.ndarray:
    """Return lines whose corners are replaced by two softer ones each, (lines, points, 2); the ends stay."""
    left, right = points[:, :-1], points[:, 1:]
    soft = np.stack([0.75 * left + 0.25 * right, 0.25 * left + 0.75 * right], axis=2)
    return np.concatenate([points[:, :1], soft.reshape(len(points), -1, 2), points[:, -1:]], axis=1)


def _distances(lines: np.ndarray) -> np.ndarray:
    """Return how far each pixel is from each of `lines`, (lines, points, 2) -> (lines, 784)."""
    down, across = np.divmod(np.arange(SIDE * SIDE), SIDE)
    pixels = np.stack([across, down], axis=1).astype(float)  # (784, 2)
    nearest = np.full((len(lines), len(pixels)), np.inf)
    for start, end in zip(lines.swapaxes(0, 1)[:-1], lines.swapaxes(0, 1)[1:], strict=True):  # (lines, 2) each
        along = end - start
        offset = pixels - start[:, None]  # (lines, 784, 2)
        share = (offset @ along[:, :, None])[..., 0] / (along**2).sum(axis=1, keepdims=True)
        gap = offset - np.clip(share, 0, 1)[..., None] * along[:, None]
        nearest = np.minimum(nearest, (gap**2).sum(axis=2))
    return np.sqrt(nearest)


def _write(path: Path, values: np.ndarray) -> None:
    """Write an idx file; the bytes depend on the values alone."""
    head = bytes((0, 0, BYTES, values.ndim)) + np.array(values.shape, dtype=">u4").tobytes()
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=buffer, mtime=0) as file:
        file.write(head + values.tobytes())
    path.write_bytes(buffer.getvalue())
