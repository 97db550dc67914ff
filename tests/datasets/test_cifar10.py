"""The reader, the splits and the sample maker of CIFAR-10, and the reader of pickles that runs nothing."""

import os
import pickle
import tarfile
import warnings
from pathlib import Path

import numpy as np
import pytest

from reprose.base.errors import ReproseError
from reprose.data.archives import extract
from scripts.datasets import cifar10
from scripts.datasets.pickles import load, pickled

SIZE = 40
FILES = (*cifar10.TRAINING, cifar10.TEST, "batches.meta")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    cifar10.make_sample(folder, seed=3, size=SIZE)
    return folder


@pytest.fixture
def folder(made, tmp_path):
    for name in FILES:
        (tmp_path / name).write_bytes((made / name).read_bytes())
    return tmp_path


@pytest.fixture(scope="module")
def table(made):
    return cifar10.read(made)


def plain_load(path):
    """Return what Python's own unpickler and NumPy make of a file."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # NumPy has moved what the old pickles name
        return pickle.loads(path.read_bytes(), encoding="bytes")


def identities(part):
    return {image.tobytes() for image in part["images"]}


def change(path, **entries):
    """Replace entries of a pickled dictionary."""
    path.write_bytes(pickled({**load(path), **{key.encode(): value for key, value in entries.items()}}))


def test_the_sample_has_the_sizes_and_types_asked_for(table):
    assert table["images"].shape == (6 * SIZE, 3, 32, 32) and table["images"].dtype == np.uint8
    assert table["labels"].dtype == np.int64
    assert np.bincount(table["labels"]).tolist() == [6 * SIZE // 10] * 10
    assert table["tested"].tolist() == [False] * 5 * SIZE + [True] * SIZE
    assert len(set(table["names"])) == 10


def test_pythons_own_unpickler_reads_the_sample_alike(made):
    for name in FILES:
        ours, reference = load(made / name), plain_load(made / name)
        assert ours.keys() == reference.keys() and all(type(key) is bytes for key in reference)
        for key in ours:
            assert np.array_equal(ours[key], reference[key])
    assert plain_load(made / "test_batch")[b"data"].dtype == np.uint8


def test_the_sample_is_pickled_as_python_2_did(made):
    data = (made / "data_batch_1").read_bytes()
    assert data.startswith(b"\x80\x02}(U\x0bbatch_label")
    assert b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\n" in data


def test_an_image_is_read_channel_by_channel_and_row_by_row(folder):
    data = np.arange(SIZE * 3072).astype(np.uint8).reshape(SIZE, 3072)
    change(folder / "data_batch_1", data=data)
    image = cifar10.read(folder)["images"][1]
    for channel, row, column in ((0, 0, 1), (1, 2, 3), (2, 31, 31)):
        assert image[channel, row, column] == data[1, channel * 1024 + row * 32 + column]


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(made, tmp_path):
    for seed in (3, 4):
        (tmp_path / str(seed)).mkdir()
        cifar10.make_sample(tmp_path / str(seed), seed=seed, size=SIZE)
    assert all((tmp_path / "3" / name).read_bytes() == (made / name).read_bytes() for name in FILES)
    assert (tmp_path / "4" / "test_batch").read_bytes() != (made / "test_batch").read_bytes()


@pytest.mark.parametrize("size", [19, 10_001])
def test_a_sample_of_impossible_size_is_an_error(tmp_path, size):
    with pytest.raises(ReproseError, match=f"size is {size}, expected 20 to 10000 images a batch"):
        cifar10.make_sample(tmp_path, seed=1, size=size)


class Hostile:
    """Creates a file when it is unpickled by whoever lets it."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (os.mkdir, (self.path,))


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_hostile_pickle_is_an_error_and_runs_nothing(folder, protocol):
    batch = {b"labels": [0] * SIZE, b"data": Hostile(str(folder / "owned"))}
    (folder / "data_batch_2").write_bytes(pickle.dumps(batch, protocol))
    with pytest.raises(ReproseError, match=r"data_batch_2: asks for '\w+.(mkdir|encode)'; allowed: arrays"):
        cifar10.read(folder)
    assert not (folder / "owned").exists()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"cbuiltins\neval\n.", "asks for 'builtins.eval'"),
        (b"cnumpy\nload\n.", "asks for 'numpy.load'"),
        (b"cnumpy\nndarray\n.", "holds a type"),
        (b"cnumpy\nndarray\n)R.", "holds a _Array"),
        (b"cnumpy\nndarray\n}U\x01aK\x01sb.", "cut short or damaged"),
        (b"\x8f.", "holds a set"),
        (b"cbuiltins\n__import__\n(S'os'\ntR.", "asks for 'builtins.__import__'"),
        (b"\x80\x02}q", "cut short or damaged"),
        (b"", "cut short or damaged, not readable as a pickle .EOFError"),
        (b"<html>not found</html>", "cut short or damaged"),
    ],
)
def test_a_pickle_of_other_things_is_an_error(tmp_path, data, message):
    (tmp_path / "file").write_bytes(data)
    with pytest.raises(ReproseError, match=message):
        load(tmp_path / "file")


def test_an_array_of_objects_is_an_error(folder):
    path = folder / "test_batch"
    path.write_bytes(path.read_bytes().replace(b"U\x02u1K", b"U\x01OK"))
    with pytest.raises(ReproseError, match="test_batch: holds an array of other things than bytes; allowed: uint8"):
        cifar10.read(folder)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.999])
def test_a_truncated_batch_is_an_error(folder, share):
    path = folder / "data_batch_3"
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    with pytest.raises(ReproseError, match="data_batch_3: cut short or damaged.* Delete the file and fetch"):
        cifar10.read(folder)


def test_a_truncated_archive_is_an_error(folder, tmp_path_factory):
    archive = tmp_path_factory.mktemp("archive") / "cifar-10-python.tar.gz"
    with tarfile.open(archive, "w:gz", compresslevel=1) as tar:
        tar.add(folder, "cifar-10-batches-py")
    archive.write_bytes(archive.read_bytes()[:-2000])
    with pytest.raises(ReproseError, match="cifar-10-python.tar.gz: the archive is damaged or cut short"):
        extract(archive, cifar10.SOURCE.wanted(list(cifar10.SOURCE.files)), archive.parent)


@pytest.mark.parametrize(
    ("file", "entries", "message"),
    [
        ("data_batch_1", {"labels": [10] + [0] * (SIZE - 1)}, "data_batch_1: row 0: the label is 10, expected 0 to 9"),
        ("test_batch", {"labels": [0] * (SIZE - 1) + [-1]}, f"test_batch: row {SIZE - 1}: the label is -1"),
        ("test_batch", {"labels": [b"1"] + [0] * (SIZE - 1)}, "test_batch: row 0: the label is b'1'"),
        ("data_batch_1", {"labels": [0] * 7}, f"data_batch_1: 7 labels, expected {SIZE}"),
        ("data_batch_1", {"labels": b"0"}, "data_batch_1: 'labels' is bytes, expected list"),
        ("data_batch_1", {"data": [1]}, "data_batch_1: 'data' is list, expected ndarray"),
        ("data_batch_1", {"data": np.zeros((SIZE, 3071))}, f"data has the shape .{SIZE}, 3071., expected .{SIZE}, 307"),
        ("batches.meta", {"num_cases_per_batch": SIZE + 1}, f"data has the shape .{SIZE}, 3072., expected .{SIZE + 1}"),
        ("batches.meta", {"num_cases_per_batch": 0}, "num_cases_per_batch is 0, expected at least 1"),
        ("batches.meta", {"label_names": [b"cat"] * 10}, "expected 10 different ASCII words"),
        ("batches.meta", {"label_names": [b"cat", b"dog"]}, "expected 10 different ASCII words"),
    ],
)
def test_a_wrong_entry_is_an_error_that_names_it(folder, file, entries, message):
    change(folder / file, **entries)
    with pytest.raises(ReproseError, match=message):
        cifar10.read(folder)


def test_a_pickle_without_a_dictionary_or_a_file_is_an_error(folder):
    (folder / "data_batch_5").write_bytes(pickled([1, 2]))
    with pytest.raises(ReproseError, match="'data' is a list around it, expected ndarray in a dictionary"):
        cifar10.read(folder)
    (folder / "data_batch_5").unlink()
    with pytest.raises(ReproseError, match="data_batch_5: no such file"):
        cifar10.read(folder)


def test_the_parts_are_disjoint_and_hold_every_image(table):
    parts = cifar10.tuning_split(table, seed=1, held_out=0.1)
    seen = [identities(part) for part in parts.values()]
    assert [len(part["labels"]) for part in parts.values()] == [180, 20, SIZE]
    assert sum(map(len, seen)) == len(set.union(*seen)) == 6 * SIZE
    assert np.array_equal(parts["test"]["images"], table["images"][-SIZE:])


def test_a_search_sees_the_same_parts_but_no_test(table):
    tuning, search = (split(table, seed=1, held_out=0.1) for split in (cifar10.tuning_split, cifar10.search_split))
    for part in ("train", "validation"):
        assert all(np.array_equal(tuning[part][name], search[part][name]) for name in tuning[part])
    assert all(len(array) == 0 for array in search["test"].values())


def test_a_balanced_split_keeps_so_many_images_of_each_class(table):
    whole = cifar10.tuning_split(table, seed=1, held_out=0.3)
    parts = cifar10.balanced_split(table, seed=1, held_out=0.3, train=8, validation=2, test=0)
    assert np.bincount(parts["train"]["labels"]).tolist() == [8] * 10
    assert np.bincount(parts["validation"]["labels"]).tolist() == [2] * 10
    assert all(len(array) == 0 for array in parts["test"].values())
    assert all(identities(parts[part]) <= identities(whole[part]) for part in parts)


@pytest.mark.parametrize("wanted", [-1, 41])
def test_more_images_than_there_are_is_an_error(table, wanted):
    with pytest.raises(ReproseError, match=rf"views: test is {wanted} images of each class, expected 0 to 4"):
        cifar10.balanced_split(table, seed=1, held_out=0.3, train=1, validation=1, test=wanted)


@pytest.mark.parametrize("share", [0, 0.5, -0.1])
def test_a_share_that_leaves_no_training_part_is_an_error(table, share):
    with pytest.raises(ReproseError, match=f"held_out is {share}, expected a share between 0 and 0.5"):
        cifar10.tuning_split(table, seed=1, held_out=share)


@pytest.mark.real
def test_the_published_data_are_what_the_authors_say(tmp_path):
    if "REPROSE_MIRROR" not in os.environ:
        pytest.skip("REPROSE_MIRROR is not set")
    archive = Path(os.environ["REPROSE_MIRROR"], "cifar10", "cifar-10-batches-py.tar.xz")
    found = extract(archive, cifar10.SOURCE.wanted(list(cifar10.SOURCE.files)), tmp_path)
    assert found == cifar10.SOURCE.files
    table = cifar10.read(tmp_path)
    assert np.bincount(table["labels"]).tolist() == [6000] * 10
    assert table["names"][:4].tolist() == ["airplane", "automobile", "bird", "cat"]
    reference = plain_load(tmp_path / "test_batch")
    assert np.array_equal(table["images"][-10_000:], reference[b"data"].reshape(-1, 3, 32, 32))
    assert table["labels"][-10_000:].tolist() == reference[b"labels"]
