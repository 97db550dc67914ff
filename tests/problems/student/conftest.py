"""Made-up answers for the tests of the student problem."""

import pytest

from scripts.datasets import eedi


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("eedi")
    eedi.make_sample(folder, seed=5, students=90, questions=60, answers=3000)
    return eedi.starter_split(eedi.read(folder))
