from types import SimpleNamespace

import pytest

from reprose.steps import train


@pytest.mark.parametrize(
    ("versions", "imported"), [({"torch": "2.6"}, True), ({"torch": "absent"}, False), ({}, False)]
)
def test_torch_is_imported_before_random_numbers_are_seeded_where_the_code_reaches_it(
    tmp_path, monkeypatch, versions, imported
):
    asked = []
    monkeypatch.setattr(train.loading, "measure", lambda key: None)
    witness = SimpleNamespace(package=lambda name, needed=False: asked.append((name, needed)), expected={})
    key = {"versions": versions, "may_diverge": False, "problem": "toy"}
    step = SimpleNamespace(key=key, witness=witness, checkpoint_folder=tmp_path)
    train.session(step, SimpleNamespace(record=None), SimpleNamespace(tell=None), {})
    assert (("torch", True) in asked) is imported
