"""The loader that gives a step the code it was keyed with, and the ear that notes what it opens."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from reprose.code.witness import UnkeyedError, Witness, compiled_name, flush_files

STORE = ".reprose/sources"
ROOT = Path(__file__).resolve().parents[3]
FILES = {
    "scripts/__init__.py": "",
    "scripts/model.py": "from scripts.parts.helper import SCALE\nVALUE = 2 * SCALE\n",
    "scripts/parts/helper.py": "SCALE = 3\n",  # in a folder without __init__.py
}
MODULES = {"scripts": "scripts/__init__.py", "scripts.model": "scripts/model.py"}
MODULES["scripts.parts.helper"] = "scripts/parts/helper.py"
PROGRAM = """
import sys
sys.path[:0] = ["", {root!r}]
from reprose.code.witness import Witness
{before}
witness = Witness('toy/choose', {sources!r}, {{}}, {store!r})
witness.install()
{work}
"""


@pytest.fixture
def sources(tmp_path, monkeypatch):
    """A project whose sources are kept; returns what its key would name."""
    monkeypatch.chdir(tmp_path)
    Path(STORE).mkdir(parents=True)
    for name, text in FILES.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text)
        Path(STORE, digest_of(text)).write_text(text)
    return {module: [str(tmp_path / file), digest_of(FILES[file])] for module, file in MODULES.items()}


def digest_of(text):
    return hashlib.sha256(text.encode()).hexdigest()


def run(sources, work, before="", check=True):
    """Run `work` in a process with a witness, `before` in front of it, and return what it says."""
    program = PROGRAM.format(root=str(ROOT), sources=sources, store=STORE, before=before, work=work)
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False)
    assert not check or done.returncode == 0, done.stderr
    return (done.stdout if check else done.stderr).strip()


def loader_of(sources, name="scripts.model"):
    return Witness("toy/choose", sources, {}, STORE).find_spec(name).loader


def test_the_kept_bytes_are_compiled_even_when_the_file_was_edited(sources):
    Path("scripts/model.py").write_text("VALUE = 'edited'\n")
    assert run(sources, "from scripts.model import VALUE; print(VALUE)") == "6"


def test_a_module_that_the_process_had_imported_before_is_imported_anew_from_the_kept_bytes(sources):
    Path("scripts/model.py").write_text("VALUE = 'edited'\n")
    work = "from scripts.model import VALUE; print(early.VALUE, VALUE)"
    assert run(sources, work, before="import scripts.model as early") == "edited 6"


def test_a_module_that_no_key_names_is_refused(sources):
    Path("scripts/other.py").write_text("")
    said = run(sources, "import importlib; importlib.import_module('scripts.other')", check=False)
    assert "UnkeyedError: the module 'scripts.other' is imported, but the key of this job does not name it" in said


def test_a_folder_without_init_is_a_package_and_its_unkeyed_neighbours_are_refused(sources):
    Path("scripts/parts/neighbour.py").write_text("")
    work = "import scripts.parts.helper as helper; print(helper.SCALE)\n"
    assert run(sources, work) == "3"
    said = run(sources, work + "import scripts.parts.neighbour", check=False)
    assert "UnkeyedError: the module 'scripts.parts.neighbour' is imported" in said


def test_a_module_that_does_not_exist_is_missing_as_usual(sources):
    said = run(sources, "import scripts.nothing", check=False)
    assert said.endswith("ModuleNotFoundError: No module named 'scripts.nothing'")


def test_code_is_compiled_once_for_each_text_and_place(sources, monkeypatch):
    code = loader_of(sources).get_code("scripts.model")
    monkeypatch.setattr("builtins.compile", None)
    again = loader_of(sources).get_code("scripts.model")
    assert (again.co_code, again.co_filename) == (code.co_code, sources["scripts.model"][0])


@pytest.mark.parametrize("damage", [lambda data: data[:-1], lambda data: data + b"0", lambda _: b"", lambda _: b"\n"])
def test_damaged_compiled_code_is_compiled_again(sources, damage):
    file, digest = sources["scripts.model"]
    code = loader_of(sources).get_code("scripts.model")
    compiled = Path(STORE, compiled_name(digest, file))
    whole = compiled.read_bytes()
    compiled.write_bytes(damage(whole))
    assert loader_of(sources).get_code("scripts.model") == code
    assert compiled.read_bytes() == whole


def test_compiled_code_of_another_text_place_or_optimization_is_not_taken(sources):
    file, digest = sources["scripts.model"]
    names = {compiled_name(digest, file), compiled_name(digest, "elsewhere.py"), compiled_name("0" * 64, file)}
    program = f"from reprose.code.witness import compiled_name; print(compiled_name({digest!r}, {file!r}))"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    optimized = subprocess.run([sys.executable, "-O", "-c", program], env=environment, capture_output=True, text=True)
    assert len(names | {optimized.stdout.strip()}) == 4


def test_a_source_that_the_store_has_lost_comes_from_its_file_if_that_still_holds_it(sources):
    _, digest = sources["scripts.model"]
    Path(STORE, digest).unlink()
    assert run(sources, "from scripts.model import VALUE; print(VALUE)") == "6"


@pytest.mark.parametrize("kept", [None, "VALUE = 'damaged'\n"])
def test_a_source_that_is_lost_or_damaged_and_was_edited_is_refused(sources, kept):
    file, digest = sources["scripts.model"]
    Path(STORE, digest).write_text(kept) if kept else Path(STORE, digest).unlink()
    Path(file).write_text("VALUE = 'edited'\n")
    with pytest.raises(UnkeyedError, match=r"model.py: the text that this job was planned with is gone. Run the same"):
        loader_of(sources).get_code("scripts.model")


def test_a_disk_on_which_nothing_can_be_kept_is_no_fault(sources, monkeypatch):
    def refuse(*_):
        raise OSError("read-only")

    monkeypatch.setattr("os.replace", refuse)
    assert loader_of(sources).get_code("scripts.model").co_names


READS = {
    "open('x')": True,
    "open('x', 'rb')": True,
    "open('x', 'r+')": True,
    "open('x', 'w+')": True,
    "open('x', 'a')": False,
    "open('x', 'w')": False,
    "open(b'x')": True,
    "os.open('x', os.O_RDONLY)": True,
    "os.open('x', os.O_RDWR)": True,
    "os.open('x', os.O_WRONLY)": False,
    "pathlib.Path('x').read_text()": True,
    "pathlib.Path('x').write_text('')": False,
    "numpy.fromfile('x')": True,
    "shutil.copyfile('x', 'y')": True,
    "os.stat('x')": False,
}


def test_every_file_that_is_opened_for_reading_is_noted_and_no_other(sources):
    Path("x").touch()
    work = "import numpy, os, pathlib, shutil\n"
    for call in READS:
        work += f"witness.opened.clear(); {call}; print(os.path.abspath('x') in witness.opened)\n"
    found = dict(zip(READS, run(sources, work).split(), strict=True))
    assert found == {call: str(reads) for call, reads in READS.items()}


def test_files_of_ours_that_were_imported_before_are_known(sources):
    work = "print(sorted(witness.first))"
    said = run(sources, work, before="import scripts.parts.helper")
    assert str(ROOT / "reprose/code/witness.py") in said
    assert os.path.abspath("scripts/parts/helper.py") in said


def test_what_open_files_hold_back_is_written(tmp_path):
    with open(tmp_path / "text", "w") as text, open(tmp_path / "raw", "w+b") as raw:
        text.write("held back")
        raw.write(b"held back")
        assert (tmp_path / "text").read_text() == ""
        flush_files()
        assert (tmp_path / "text").read_text() == (tmp_path / "raw").read_text() == "held back"
