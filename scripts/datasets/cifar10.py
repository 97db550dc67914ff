"""CIFAR-10: 60,000 colour photographs of 32 x 32 pixels in ten classes (Krizhevsky, 2009).

Five training batches and a test batch, each a dictionary that Python 2 pickled: `data` holds an image per row, bytes
from 0 to 255, red then green then blue, each row by row; `labels` the class of each image, from 0. `batches.meta` names
the classes and says how many images a batch has.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from reprose import Archive, ReproseError, Source
from scripts.datasets.drawings import KINDS, draw
from scripts.datasets.pickles import load, pickled

SOURCE = Source(
    title="CIFAR-10",
    homepage="https://www.cs.toronto.edu/~kriz/cifar.html",
    licence="No licence is stated; the authors ask to cite the technical report.",
    citation="krizhevsky2009cifar",
    files={
        "batches.meta": "f962466ef690d46b226450fb9aadc74ba4bc64a76aa526b5827fe4bc5c7125cb",
        "data_batch_1": "54636561a3ce25bd3e19253c6b0d8538147b0ae398331ac4a2d86c6d987368cd",
        "data_batch_2": "766b2cef9fbc745cf056b3152224f7cf77163b330ea9a15f9392beb8b89bc5a8",
        "data_batch_3": "0f00d98ebfb30b3ec0ad19f9756dc2630b89003e10525f5e148445e82aa6a1f9",
        "data_batch_4": "3f7bb240661948b8f4d53e36ec720d8306f5668bd0071dcb4e6c947f78e9682b",
        "data_batch_5": "d91802434d8376bbaeeadf58a737e3a1b12ac839077e931237e0dcd43adcb154",
        "test_batch": "f53d8d457504f7cff4ea9e021afcf0e0ad8e24a91f3fc42091b8adef61157831",
    },
    archives=(
        Archive(
            url="https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",
            md5="c58f30108f718f92721af3b95e74349a",
            members={
                "batches.meta": "cifar-10-batches-py/batches.meta",
                "data_batch_1": "cifar-10-batches-py/data_batch_1",
                "data_batch_2": "cifar-10-batches-py/data_batch_2",
                "data_batch_3": "cifar-10-batches-py/data_batch_3",
                "data_batch_4": "cifar-10-batches-py/data_batch_4",
                "data_batch_5": "cifar-10-batches-py/data_batch_5",
                "test_batch": "cifar-10-batches-py/test_batch",
            },
        ),
    ),
)

CLASSES = 10
SHAPE = (3, 32, 32)  # channels (red, green, blue), rows, columns
PIXELS = 3072  # bytes of an image
TRAINING = ("data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5")
TEST = "test_batch"
REMEDY = "Delete the file and fetch it again."

Table = dict[str, np.ndarray]


def read(folder: Path) -> Table:
    """Return `images` (n, 3, 32, 32) uint8, `labels` (n,) int64, `tested` (n,) bool and `names` (10,), in file order.

    `tested` marks the images of the test batch, which come last. Whatever is odd is an error.
    """
    names, size = _read_meta(folder / "batches.meta")
    batches = [_read_batch(folder / file, size) for file in (*TRAINING, TEST)]
    images, labels = (np.concatenate(arrays) for arrays in zip(*batches, strict=True))
    tested = np.arange(len(labels)) >= len(TRAINING) * size
    return {"images": images, "labels": labels, "tested": tested, "names": names}


def tuning_split(table: Mapping[str, np.ndarray], *, seed: int, held_out: float) -> dict[str, Table]:
    """Hold a random share `held_out` of the training images out for validation; the test part is the test batch."""
    order, cut = _shuffled(table, seed, held_out)
    return _parts(table, train=order[:cut], validation=order[cut:], test=np.flatnonzero(table["tested"]))


def search_split(table: Mapping[str, np.ndarray], *, seed: int, held_out: float) -> dict[str, Table]:
    """Split as `tuning_split` does, without the test part: for a search that must not see it."""
    parts = tuning_split(table, seed=seed, held_out=held_out)
    return {**parts, "test": _parts(table, test=np.arange(0))["test"]}


def balanced_split(
    table: Mapping[str, np.ndarray], *, seed: int, held_out: float, train: int, validation: int, test: int
) -> dict[str, Table]:
    """Split as `tuning_split` does, then keep so many images of each class in each part, the first of its order."""
    order, cut = _shuffled(table, seed, held_out)
    rows = {"train": order[:cut], "validation": order[cut:], "test": np.flatnonzero(table["tested"])}
    wanted = {"train": train, "validation": validation, "test": test}
    return _parts(table, **{part: _balanced(table, rows[part], part, wanted[part]) for part in rows})


def make_sample(folder: Path, seed: int, size: int) -> None:
    """Write made-up files of the same format, `size` images a batch: shapes and textures, anywhere, in any colour.

    The classes differ in what stands where relative to itself, not in what stands where in the image, so a network
    that looks for local patterns can tell them apart and a linear one hardly can.
    """
    if not 2 * CLASSES <= size <= 10_000:
        raise ReproseError(
            f"config.yaml: datasets.cifar10.sample: size is {size}, expected {2 * CLASSES} to 10000 images a batch."
        )
    generator = np.random.default_rng(seed)
    for number, file in enumerate((*TRAINING, TEST), 1):
        labels = generator.permutation(np.arange(size) % CLASSES)
        batch = {
            b"batch_label": f"made-up batch {number} of {len(TRAINING) + 1}".encode(),
            b"labels": labels.tolist(),
            b"data": draw(generator, labels).reshape(size, PIXELS),
            b"filenames": [f"{KINDS[label]}_{row:06d}.png".encode() for row, label in enumerate(labels)],
        }
        (folder / file).write_bytes(pickled(batch))
    names = [name.encode() for name in KINDS]
    meta = {b"num_cases_per_batch": size, b"label_names": names, b"num_vis": PIXELS}
    (folder / "batches.meta").write_bytes(pickled(meta))


def _read_meta(path: Path) -> tuple[np.ndarray, int]:
    meta = load(path)
    names = _entry(path, meta, b"label_names", list)
    size = _entry(path, meta, b"num_cases_per_batch", int)
    if len(names) != CLASSES or len(set(map(repr, names))) != CLASSES or not all(_is_word(name) for name in names):
        raise ReproseError(f"{path}: label_names is {names!r}, expected {CLASSES} different ASCII words. {REMEDY}")
    if size < 1:
        raise ReproseError(f"{path}: num_cases_per_batch is {size}, expected at least 1. {REMEDY}")
    return np.array([name.decode("ascii") for name in names]), size


def _read_batch(path: Path, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Return images (n, 3, 32, 32) and labels (n,) of a batch, which must have `size` of them."""
    batch = load(path)
    data, labels = _entry(path, batch, b"data", np.ndarray), _entry(path, batch, b"labels", list)
    if data.shape != (size, PIXELS):
        raise ReproseError(f"{path}: data has the shape {data.shape}, expected {(size, PIXELS)}. {REMEDY}")
    if len(labels) != size:
        raise ReproseError(f"{path}: {len(labels)} labels, expected {size}, one for each image. {REMEDY}")
    for row, label in enumerate(labels):
        if type(label) is not int or not 0 <= label < CLASSES:
            raise ReproseError(f"{path}: row {row}: the label is {label!r}, expected 0 to {CLASSES - 1}. {REMEDY}")
    return data.reshape(size, *SHAPE), np.array(labels, dtype=np.int64)


def _entry(path: Path, record: Any, key: bytes, kind: type) -> Any:
    """Return `record[key]`, which must be of the type `kind`."""
    if type(record) is not dict or type(record.get(key)) is not kind:
        found = type(record.get(key)).__name__ if type(record) is dict else f"a {type(record).__name__} around it"
        raise ReproseError(f"{path}: '{key.decode()}' is {found}, expected {kind.__name__} in a dictionary. {REMEDY}")
    return record[key]


def _is_word(name: Any) -> bool:
    return type(name) is bytes and name.isascii() and name.isalnum()


def _shuffled(table: Mapping[str, np.ndarray], seed: int, held_out: float) -> tuple[np.ndarray, int]:
    if not 0 < held_out < 0.5:
        raise ReproseError(f"config.yaml: views: held_out is {held_out}, expected a share between 0 and 0.5.")
    order = np.random.default_rng(seed).permutation(np.flatnonzero(~table["tested"]))
    return order, int((1 - held_out) * len(order))


def _balanced(table: Mapping[str, np.ndarray], rows: np.ndarray, part: str, wanted: int) -> np.ndarray:
    """Return the first `wanted` of `rows` of each class, in the order of `rows`."""
    classes = [np.flatnonzero(table["labels"][rows] == label) for label in range(CLASSES)]
    fewest = min(map(len, classes))
    if not 0 <= wanted <= fewest:
        raise ReproseError(
            f"config.yaml: views: {part} is {wanted} images of each class, expected 0 to {fewest}, all that there are."
        )
    return rows[np.sort(np.concatenate([places[:wanted] for places in classes]))]


def _parts(table: Mapping[str, np.ndarray], **rows: np.ndarray) -> dict[str, Table]:
    """Return the rows of each part with the names of the classes; a part without images has no names either."""
    return {
        part: {
            "images": table["images"][index],
            "labels": table["labels"][index],
            "names": table["names"] if len(index) else table["names"][:0],
        }
        for part, index in rows.items()
    }
