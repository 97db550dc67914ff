"""Points and matrices made from seeds: what their docstrings promise."""

import numpy as np
import pytest

from reprose.base.errors import ReproseError
from reprose.data.obtain import check_available, obtain
from scripts.datasets import generated

MATRICES = {"seeds": [3, 5], "rows": 12, "columns": 10}


def test_there_is_nothing_to_fetch_on_either_tier(tmp_path):
    folder = tmp_path / "data/real/generated"
    assert check_available(generated.SOURCE, "generated", None, folder) is None
    assert obtain(generated.SOURCE, "generated", folder, str(tmp_path)) == {}
    generated.make_sample(folder)
    assert list(folder.iterdir()) == []
    assert [path.name for path in folder.parent.iterdir()] == ["generated"]  # nothing temporary is left beside it
    assert generated.read(folder) == {}


def test_the_exclusive_or_has_four_points_and_no_test_part():
    parts = generated.exclusive_or({})
    found = {tuple(point): label for point, label in zip(*parts["train"].values(), strict=True)}
    assert found == {(0, 0): 0, (0, 1): 1, (1, 0): 1, (1, 1): 0}
    assert [len(parts[name]["points"]) for name in ("validation", "test")] == [0, 0]


def test_the_disc_lies_inside_the_ring_in_both_parts():
    parts = generated.rings({}, seed=1, points=100)
    for part in ("train", "test"):
        radius = np.linalg.norm(parts[part]["points"], axis=1)
        inside = parts[part]["labels"] == 1
        assert inside.sum() == 50
        assert radius[inside].max() <= 1 and radius[~inside].min() >= 1.5 and radius.max() <= 2.5
    assert not set(map(tuple, parts["train"]["points"])) & set(map(tuple, parts["test"]["points"]))


def test_without_noise_the_points_lie_on_the_spiral():
    points = generated.spiral({}, seed=1, points=100, noise=0.0)["train"]["points"]
    radius, angle = np.linalg.norm(points, axis=1), np.arctan2(points[:, 1], points[:, 0])
    turns = radius - 0.5 - angle / (2 * np.pi)
    assert turns == pytest.approx(np.rint(turns), abs=1e-9)


@pytest.mark.parametrize("spectrum", generated.SPECTRA)
def test_matrices_have_the_singular_values_that_are_given_with_them(spectrum):
    train = generated.matrices({}, **MATRICES, spectrum=spectrum)["train"]
    assert train["matrices"].shape == (3, 12, 10) and train["seeds"].tolist() == [3, 4, 5]
    for matrix, values in zip(train["matrices"], train["singular_values"], strict=True):
        assert np.sqrt(np.linalg.eigvalsh(matrix.T @ matrix)[::-1].clip(0)) == pytest.approx(values, abs=1e-6)
    gaps = -np.diff(train["singular_values"][0])
    assert (gaps >= 0).all()
    rank = np.linalg.matrix_rank(train["matrices"][0])
    assert {"distinct": (gaps > 0).all(), "tied": (gaps == 0).sum() == 8, "deficient": rank == 5}[spectrum]


def test_a_matrix_depends_on_its_own_seed_alone():
    few = generated.matrices({}, **MATRICES, spectrum="distinct")["train"]["matrices"]
    more = generated.matrices({}, **{**MATRICES, "seeds": [1, 5]}, spectrum="distinct")["train"]["matrices"]
    assert np.array_equal(few, more[2:])
    assert not np.array_equal(few[0], few[1])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: generated.rings({}, seed=1, points=7), "points is 7, expected an even number from 2"),
        (lambda: generated.spiral({}, seed=1, points=9, noise=-1), "noise is -1, expected at least 0"),
        (lambda: generated.matrices({}, **{**MATRICES, "rows": 9}, spectrum="tied"), "columns is 10, expected from 2"),
        (lambda: generated.matrices({}, **{**MATRICES, "seeds": [2, 1]}, spectrum="tied"), "seeds is .2, 1., expected"),
        (
            lambda: generated.matrices({}, **{**MATRICES, "seeds": [2]}, spectrum="tied"),
            "seeds is .2., expected the first",
        ),
        (lambda: generated.matrices({}, **MATRICES, spectrum="flat"), "spectrum is flat, expected one of distinct"),
    ],
)
def test_an_impossible_value_is_an_error_that_names_config(call, message):
    with pytest.raises(ReproseError, match=f"config.yaml: views: {message}"):
        call()
