"""Made-up files of MovieLens for the tests of the recommender."""

import pytest

from scripts.datasets import ml_100k


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ml_100k")
    ml_100k.make_sample(folder, seed=5, users=120, items=150, ratings=4800)
    return ml_100k.read(folder)


@pytest.fixture(scope="module")
def data(table):
    return ml_100k.tuning_split(table, seed=1, held_out=0.2, tuning=0.1)
