import time

import pytest

from reprose.code.names import program
from reprose.jobs import fingerprints as module
from reprose.jobs.fingerprints import Fingerprints
from toy_code import write

ENTRY = ("m:f",)
CODE = {"m.py": "import numpy\nfrom n import g\ndef f(): return g(numpy)\n", "n.py": "def g(x): return x\n"}


@pytest.fixture
def taken(tmp_path):
    """A function that takes the fingerprint of a small program, as one start of a build does, and leaves it."""

    def take(files=CODE):
        write(tmp_path / "code", files)
        found = Fingerprints(program((("", tmp_path / "code"),)), tmp_path / "kept/fingerprints.json")
        code = found.of(ENTRY)
        found.save()
        return code

    return take


@pytest.fixture
def no_more(monkeypatch):
    """A function after which no fingerprint can be taken."""

    def refuse():
        def take(program, entries):
            raise AssertionError("a fingerprint is taken")

        monkeypatch.setattr(module, "fingerprint_in", take)

    return refuse


def test_a_later_start_takes_no_fingerprint(taken, no_more):
    first = taken()
    no_more()
    assert taken() == first
    assert first.sources["n"].content == b"def g(x): return x\n"
    assert first.fingerprint.packages == ("numpy",)


@pytest.mark.parametrize(
    "edit",
    [
        {"n.py": "def g(x): return -x\n"},
        {"unrelated.py": "a = 1\n"},  # which names mean what may depend on any module
        {"n/__init__.py": "def g(x): return 2 * x\n"},
    ],
)
def test_an_edit_of_any_module_takes_them_anew(taken, no_more, edit):
    taken()
    no_more()
    with pytest.raises(AssertionError, match="is taken"):
        taken({**CODE, **edit})


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"state": 1}', '{"state": "x", "fingerprints": [[["m:f"], {}]]}'])
def test_what_cannot_be_read_counts_for_nothing(tmp_path, taken, damage):
    first = taken()
    (tmp_path / "kept/fingerprints.json").write_text(damage)
    assert taken() == first


def test_nothing_is_left_by_a_process_that_may_have_imported_the_code_before_its_last_edit(tmp_path, monkeypatch):
    write(tmp_path / "code", {"reprose/code/a.py": "def f(): ...\n"})
    roots = (("reprose", tmp_path / "code/reprose"),)
    found = Fingerprints(program(roots), tmp_path / "kept.json")
    found.of(("reprose.code.a:f",))
    found.save()
    assert not found.kept.exists()
    monkeypatch.setattr(module, "YOUNG", 0)
    time.sleep(0.01)
    found.save()
    assert found.kept.exists()
