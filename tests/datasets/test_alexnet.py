"""AlexNet's file of weights: made up in the official format, read with care; and the views that it makes of images."""

import collections
import os
import pickle
import random
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch

from reprose.base.errors import ReproseError
from reprose.data.obtain import check_available, obtain
from scripts.datasets import alexnet
from scripts.models.alexnet import shapes

WIDTH = 2


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("alexnet")
    alexnet.make_sample(folder, seed=3, width=WIDTH)
    return folder


@pytest.fixture
def folder(made, tmp_path):
    (tmp_path / alexnet.FILE).write_bytes((made / alexnet.FILE).read_bytes())
    return tmp_path


@pytest.fixture(scope="module")
def table(made):
    return alexnet.read(made)


@pytest.fixture(scope="module")
def parts():
    generator = np.random.default_rng(0)
    names = np.array(["cat", "dog"])
    return {
        part: {
            "images": generator.integers(0, 256, size=(count, 3, 32, 32), dtype=np.uint8),
            "labels": generator.integers(0, 2, size=count),
            "names": names,
        }
        for part, count in (("train", 12), ("validation", 5), ("test", 0))
    }


def rewrite(folder, change):
    """Let `change` alter the tensors in the file, and write them as PyTorch does."""
    path = folder / alexnet.FILE
    tensors = torch.load(path, weights_only=True)
    torch.save(change(tensors) or tensors, path)


def test_the_sample_has_the_official_names_and_the_shapes_of_its_width(table):
    assert {name: array.shape for name, array in table.items()} == shapes(WIDTH)
    assert {array.dtype for array in table.values()} == {np.dtype(np.float32)}


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(folder, tmp_path_factory):
    written = {}
    for seed in (3, 4):
        other = tmp_path_factory.mktemp("other")
        alexnet.make_sample(other, seed=seed, width=WIDTH)
        written[seed] = (other / alexnet.FILE).read_bytes()
    assert written[3] == (folder / alexnet.FILE).read_bytes() != written[4]


@pytest.mark.parametrize("width", [0, 65])
def test_a_width_beyond_the_published_is_an_error(tmp_path, width):
    with pytest.raises(ReproseError, match=f"width is {width}, expected 1 to 64"):
        alexnet.make_sample(tmp_path, seed=3, width=width)


def test_a_file_of_parameters_in_the_old_format_is_read_alike(folder, table):
    path = folder / alexnet.FILE
    tensors = torch.load(path, weights_only=True)
    old = collections.OrderedDict((name, torch.nn.Parameter(tensor)) for name, tensor in tensors.items())
    torch.save(old, path, _use_new_zipfile_serialization=False)
    read = alexnet.read(folder)
    assert all(np.array_equal(read[name], table[name]) for name in table)


def missing(tensors):
    del tensors["classifier.4.bias"]


def unknown(tensors):
    tensors["classifier.9.bias"] = torch.zeros(3)


def turned(tensors):
    tensors["classifier.1.weight"] = tensors["classifier.1.weight"].T.contiguous()


def infinite(tensors):
    tensors["features.3.weight"][1, 0, 2, 2] = float("nan")


def double(tensors):
    tensors["features.6.bias"] = tensors["features.6.bias"].double()


def sparse(tensors):
    tensors["features.6.bias"] = tensors["features.6.bias"].to_sparse()


def text(tensors):
    tensors["features.6.bias"] = "zeros"


def wide(tensors):
    tensors["features.0.bias"] = torch.zeros(65)


def headless(tensors):
    del tensors["features.0.bias"]


def listed(tensors):
    return list(tensors.values())


@pytest.mark.filterwarnings("ignore:Sparse")
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (missing, "'classifier.4.bias' is missing; expected the 16 tensors features.0.weight, "),
        (unknown, "'classifier.9.bias' is no weight of AlexNet; expected the 16"),
        (turned, r"'classifier.1.weight' has shape \[288, 128\], expected \[128, 288\]"),
        (infinite, r"'features.3.weight' holds nan at \[1, 0, 2, 2\], expected numbers"),
        (double, "'features.6.bias' is torch.strided torch.float64, expected a dense tensor of torch.float32"),
        (sparse, "'features.6.bias' is torch.sparse_coo torch.float32, expected a dense tensor"),
        (text, "'features.6.bias' is str, expected a dense tensor"),
        (wide, r"'features.0.bias' is \[65\], expected a tensor of shape \[64\]"),
        (headless, "'features.0.bias' is missing, expected a tensor"),
        (listed, "holds a list, expected tensors by name"),
    ],
)
def test_an_odd_file_is_an_error_that_says_what_is_odd(folder, change, message):
    rewrite(folder, change)
    with pytest.raises(ReproseError, match=f"{alexnet.FILE}: {message}.*Delete the file and fetch it again"):
        alexnet.read(folder)


class Hostile:
    """What a pickle can do: call a function of its writer's choice when it is read."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("zipped", [True, False])
def test_a_pickle_that_would_call_something_is_refused_and_calls_nothing(folder, zipped):
    trap = folder / "called"
    torch.save({"features.0.bias": Hostile(trap)}, folder / alexnet.FILE, _use_new_zipfile_serialization=zipped)
    with pytest.raises(ReproseError, match=r"file of weights \(it asks for \w+.mkdir\).*nothing that calls") as caught:
        alexnet.read(folder)
    assert not trap.exists()
    assert "weights_only" not in str(caught.value)


@pytest.mark.filterwarnings("ignore:Detected pickle protocol")
@pytest.mark.filterwarnings("ignore:.*TorchScript archive")
@pytest.mark.parametrize("kind", ["module", "pickle", "script"])
def test_the_advice_to_load_a_file_and_run_its_code_is_not_passed_on(folder, kind):
    path = folder / alexnet.FILE
    if kind == "module":
        torch.save(torch.nn.Linear(2, 2), path)
    elif kind == "pickle":
        path.write_bytes(pickle.dumps({"features.0.bias": {1}}))
    else:
        with zipfile.ZipFile(path, "w") as file:  # as torch.jit.save writes it
            file.writestr("archive/constants.pkl", b"\x80\x02}.")
            file.writestr("archive/version", b"3")
    with pytest.raises(ReproseError, match="not readable as a file of weights") as caught:
        alexnet.read(folder)
    assert not [word for word in ("weights_only", "Re-running", "options") if word in str(caught.value)]


@pytest.mark.parametrize("kept", [0, 1, 10, 1000, -1, -1000])
def test_a_file_cut_short_is_an_error_that_names_it(folder, kept):
    path = folder / alexnet.FILE
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(ReproseError, match=f"{alexnet.FILE}: not readable as a file of weights"):
        alexnet.read(folder)


@pytest.mark.filterwarnings("ignore:Detected pickle protocol")
def test_flipped_bytes_give_weights_or_an_error_of_ours(folder):
    path = folder / alexnet.FILE
    whole, draw = path.read_bytes(), random.Random(5)
    start = whole.index(b"data.pkl")
    for _ in range(100):  # in the description of the tensors, which stands first
        damaged = bytearray(whole)
        damaged[start + draw.randrange(2000)] ^= 1 << draw.randrange(8)
        path.write_bytes(damaged)
        try:
            assert alexnet.read(folder).keys() == shapes(WIDTH).keys()
        except ReproseError as error:
            assert alexnet.FILE in str(error)


def test_features_are_what_the_last_layer_reads_whatever_the_batches(table, parts):
    made = alexnet.features(table, parts, image_size=64, batch_size=5)
    network = alexnet.network_of(table)
    images = torch.from_numpy(parts["train"]["images"])
    with torch.inference_mode():
        expected = network(alexnet.enlarge(images, 64))
        last = network.classifier[6](torch.from_numpy(made["train"]["features"]).float())
    assert torch.allclose(last, expected, atol=2e-2, rtol=2e-3)  # 16 bits hold three figures
    assert made["train"]["features"].dtype == np.float16
    assert made["test"]["features"].shape == (0, 64 * WIDTH)
    assert np.array_equal(made["validation"]["labels"], parts["validation"]["labels"])
    assert made["train"]["names"].tolist() == ["cat", "dog"]
    assert "images" not in made["train"]


def test_features_tell_images_apart(table, parts):
    made = alexnet.features(table, parts, image_size=64, batch_size=12)["train"]["features"].astype(float)
    assert np.linalg.matrix_rank(made - made.mean(axis=0)) == len(made) - 1


def test_a_feature_beyond_16_bits_is_an_error(table, parts):
    loud = {**table, "classifier.4.bias": np.full_like(table["classifier.4.bias"], 1e6)}
    with pytest.raises(ReproseError, match="image 0: a feature is no number that 16 bits can hold"):
        alexnet.features(loud, parts, image_size=64, batch_size=5)


def test_the_weights_to_begin_with_are_all_but_the_last_layers(table, parts):
    made = alexnet.initial_weights(table, parts, image_size=64)
    given = {name.removeprefix("alexnet.") for name in made["train"] if name.startswith("alexnet.")}
    assert given == {name for name in table if not name.startswith("classifier.6")}
    assert np.array_equal(made["train"]["alexnet.features.0.weight"], table["features.0.weight"])
    for part, arrays in made.items():
        assert np.array_equal(arrays["images"], parts[part]["images"])
        assert arrays["image_size"] == 64
    assert not any(name.startswith("alexnet.") for name in (*made["validation"], *made["test"]))


def test_images_too_small_for_the_network_are_an_error(table, parts):
    for view in (
        lambda: alexnet.initial_weights(table, parts, image_size=62),
        lambda: alexnet.features(table, parts, image_size=62, batch_size=5),
    ):
        with pytest.raises(ReproseError, match="image_size is 62, expected at least 63 pixels"):
            view()


@pytest.mark.parametrize("batch_size", [0, -5])
def test_batches_without_images_are_an_error_and_not_features_that_nobody_computed(table, parts, batch_size):
    with pytest.raises(ReproseError, match=f"batch_size is {batch_size}, expected at least 1"):
        alexnet.features(table, parts, image_size=63, batch_size=batch_size)


def test_a_mirror_without_the_weights_is_told_what_to_fetch_and_where_to_put_it(tmp_path):
    source = alexnet.SOURCE
    unserved = type(source)(**{**vars(source), "urls": {}})
    message = check_available(unserved, "alexnet", str(tmp_path))
    assert f"fetch https://download.pytorch.org/models/{alexnet.FILE}" in message
    assert f"Put them into {tmp_path}/alexnet/ and set REPROSE_MIRROR={tmp_path}" in message


def test_a_file_with_another_digest_than_in_its_name_is_an_error(folder, tmp_path):
    mirror = tmp_path / "mirror"
    (mirror / "alexnet").mkdir(parents=True)
    (folder / alexnet.FILE).rename(mirror / "alexnet" / alexnet.FILE)
    with pytest.raises(ReproseError, match="the SHA-256 of its bytes is [0-9a-f]{64}, expected 7be5be79"):
        obtain(alexnet.SOURCE, "alexnet", tmp_path / "data" / "alexnet", str(mirror))


@pytest.mark.real
def test_the_published_weights_are_what_torchvision_documents():
    path = Path(os.environ.get("REPROSE_MIRROR", "/nowhere"), "alexnet", alexnet.FILE)
    if not path.exists():
        pytest.skip("REPROSE_MIRROR holds no weights of AlexNet")
    assert sum(array.size for array in alexnet.read(path.parent).values()) == 61_100_840
