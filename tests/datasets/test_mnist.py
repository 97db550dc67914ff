"""The reader, the splits and the sample maker of MNIST."""

import gzip
import os
from pathlib import Path

import numpy as np
import pytest

from reprose.base.errors import ReproseError
from reprose.data.source import check
from scripts.datasets import mnist

SIZES = {"train": 60, "test": 20}
IMAGES, LABELS = "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"


@pytest.fixture
def folder(tmp_path):
    mnist.make_sample(tmp_path, seed=3, **SIZES)
    return tmp_path


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    folder = tmp_path_factory.mktemp("drawn")
    mnist.make_sample(folder, seed=4, train=1000, test=10)
    return mnist.read(folder)


def change(path, edit):
    """Replace the unpacked bytes of `path` by `edit` of them."""
    path.write_bytes(gzip.compress(edit(gzip.decompress(path.read_bytes())), mtime=0))


def test_the_source_states_every_file_and_an_official_address_for_it():
    check(mnist.SOURCE)
    assert sorted(mnist.SOURCE.urls) == sorted(mnist.SOURCE.files)


def test_the_sample_has_the_files_and_the_sizes_asked_for(folder):
    table = mnist.read(folder)
    assert sorted(path.name for path in folder.iterdir()) == sorted(mnist.SOURCE.files)
    assert table["train_images"].shape == (60, 28, 28)
    assert np.bincount(table["test_labels"]).tolist() == [2] * 10
    assert all(array.dtype == np.uint8 for array in table.values())


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(folder, tmp_path_factory):
    written = {}
    for seed in (3, 4):
        other = tmp_path_factory.mktemp("other")
        mnist.make_sample(other, seed=seed, **SIZES)
        written[seed] = [(other / name).read_bytes() for name in sorted(mnist.SOURCE.files)]
    assert written[3] == [(folder / name).read_bytes() for name in sorted(mnist.SOURCE.files)]
    assert written[3] != written[4]


def test_a_made_up_image_is_mostly_paper_with_some_ink_away_from_the_border(drawn):
    ink = (drawn["train_images"] > 127).mean(axis=(1, 2))
    assert ink.min() > 0.02 and ink.max() < 0.3
    assert (drawn["train_images"][:, 0].max(), drawn["train_images"].max()) == (0, 255)


def test_a_few_dozen_dimensions_hold_most_of_a_made_up_image_but_not_all(drawn):
    pixels = drawn["train_images"].reshape(1000, -1) / 255
    variances = np.linalg.svd(pixels - pixels.mean(axis=0), compute_uv=False) ** 2
    left = 1 - np.cumsum(variances) / variances.sum()
    assert left[31] < 0.3
    assert left[63] < 0.7 * left[31]
    assert left[127] < 0.7 * left[63]


def test_made_up_digits_can_be_told_apart(drawn):
    pixels, labels = drawn["train_images"].reshape(1000, -1) / 255, drawn["train_labels"]
    means = np.stack([pixels[:500][labels[:500] == digit].mean(axis=0) for digit in range(10)])
    guessed = np.square(pixels[500:, None] - means).sum(axis=2).argmin(axis=1)
    assert np.mean(guessed == labels[500:]) > 0.8


def test_a_sample_without_all_digits_is_an_error(tmp_path):
    with pytest.raises(ReproseError, match="train 60, test 9. Allowed: at least 10 of each"):
        mnist.make_sample(tmp_path, seed=3, train=60, test=9)


@pytest.mark.parametrize(
    ("name", "edit", "message"),
    [
        (
            IMAGES,
            lambda data: b"\0\0\x08\x01" + data[4:],
            "begins with 0x00000801, expected the magic 0x00000803",
        ),
        (
            LABELS,
            lambda data: b"\0\0\x0d\x01" + data[4:],
            "begins with 0x00000d01, expected the magic 0x00000801",
        ),
        (IMAGES, lambda data: data[:-1], "states 60 x 28 x 28 = 47040 values, but holds 47039"),
        (IMAGES, lambda data: data + b"\0", "states 60 x 28 x 28 = 47040 values, but holds 47041"),
        (
            IMAGES,
            lambda data: data[:11] + b"\x1b" + data[12:],
            "states 60 x 27 x 28 values, expected at least 1 x 28",
        ),
        (LABELS, lambda data: data[:4] + bytes(4), "states 0 values, expected at least 1"),
        (IMAGES, lambda data: data[:15], "holds 15 bytes, expected a header of 16"),
        (LABELS, lambda data: b"", "holds 0 bytes, expected a header of 8"),
        (LABELS, lambda data: data[:10] + b"\x0a" + data[11:], "label 3 is 10, expected 0 to 9"),
        (LABELS, lambda data: data[:7] + b"\x3b" + data[8:-1], "59 labels, expected 60, one for each image"),
    ],
)
def test_a_bad_file_is_an_error_that_names_it(folder, name, edit, message):
    change(folder / name, edit)
    with pytest.raises(ReproseError, match=f"{name}: {message}.*Delete the file"):
        mnist.read(folder)


@pytest.mark.parametrize("damage", [lambda data: data[:-9], lambda data: data[:40], lambda data: b"PK" + data[2:]])
def test_a_file_that_gzip_cannot_unpack_is_an_error(folder, damage):
    path = folder / IMAGES
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(ReproseError, match=f"{IMAGES}: not a whole gzip file"):
        mnist.read(folder)


def test_a_flipped_bit_is_an_error(folder):
    path = folder / IMAGES
    data = bytearray(path.read_bytes())
    data[-6] ^= 1  # of the checksum that ends the file
    path.write_bytes(data)
    with pytest.raises(ReproseError, match=f"{IMAGES}: not a whole gzip file"):
        mnist.read(folder)


def test_the_search_holds_out_the_end_of_the_training_set_and_has_no_test_part(folder):
    table = mnist.read(folder)
    parts = mnist.search_split(table, validation=15)
    for name in ("images", "labels"):
        assert np.array_equal(parts["train"][name], table[f"train_{name}"][:45])
        assert np.array_equal(parts["validation"][name], table[f"train_{name}"][45:])
        assert len(parts["test"][name]) == 0


def test_the_whole_training_set_goes_with_the_official_test_set(folder):
    table = mnist.read(folder)
    parts = mnist.whole_split(table, validation=15)
    for name in ("images", "labels"):
        assert np.array_equal(parts["train"][name], table[f"train_{name}"])
        assert np.array_equal(parts["validation"][name], table[f"train_{name}"][45:])
        assert np.array_equal(parts["test"][name], table[f"test_{name}"])


@pytest.mark.parametrize("split", [mnist.search_split, mnist.whole_split])
@pytest.mark.parametrize("count", [0, 60])
def test_a_validation_part_of_nothing_or_all_is_an_error(folder, split, count):
    with pytest.raises(ReproseError, match=f"validation is {count}, expected 1 to 59"):
        split(mnist.read(folder), validation=count)


@pytest.mark.real
def test_the_published_data_are_what_the_protocol_says():
    if "REPROSE_MIRROR" not in os.environ:
        pytest.skip("REPROSE_MIRROR is not set")
    table = mnist.read(Path(os.environ["REPROSE_MIRROR"], "mnist"))
    assert {name: len(array) for name, array in table.items()} == {
        **dict.fromkeys(("train_images", "train_labels"), 60_000),
        **dict.fromkeys(("test_images", "test_labels"), 10_000),
    }
    assert table["train_labels"][:5].tolist() == [5, 0, 4, 1, 9]
    assert table["train_images"].mean() / 255 == pytest.approx(0.1307, abs=1e-4)
