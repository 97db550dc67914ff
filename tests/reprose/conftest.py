"""Places of raw data, and a way to servers on this machine that no proxy stands in."""

import pytest


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "data" / "real" / "ml"


@pytest.fixture
def mirror(tmp_path):
    (tmp_path / "mirror" / "ml").mkdir(parents=True)
    return tmp_path / "mirror"
