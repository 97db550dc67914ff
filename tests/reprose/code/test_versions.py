import os
import sys
from importlib import metadata
from types import SimpleNamespace

import numpy as np
import pytest
import yaml

from reprose.base.canonical import file_digest
from reprose.base.errors import ReproseError
from reprose.code import versions as module
from reprose.code.versions import versions
from toy_code import write


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Return a function that installs a package "own" 1.0 in a folder that Python searches, and gives that folder."""
    site = tmp_path / "site-packages"
    site.mkdir()
    monkeypatch.syspath_prepend(site)
    for found in (module._distributions, module._installed_distributions, module._installed):
        found.cache_clear()

    def install(files, name="own"):
        folder = site / f"{name.replace('-', '_')}-1.0.dist-info"
        return write(folder, {"METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", **files})

    yield install
    for found in (module._distributions, module._installed_distributions, module._installed):
        found.cache_clear()


def test_versions_are_those_installed():
    python = f"{sys.version_info[0]}.{sys.version_info[1]}"
    expected = {"python": python, "numpy": np.__version__, "yaml": yaml.__version__}
    assert expected.items() <= versions(["numpy", "yaml"]).items()


@pytest.mark.parametrize(
    "package, distribution",
    [("dateutil", "python-dateutil"), ("attr", "attrs"), ("PIL", "pillow"), ("sklearn", "scikit-learn")],
)
def test_a_package_is_found_by_the_name_that_it_is_imported_by(package, distribution):
    try:
        expected = metadata.version(distribution)
    except metadata.PackageNotFoundError:
        pytest.skip(f"{distribution} is not installed")
    assert versions([package])[package] == expected


def test_a_package_that_is_not_installed_is_an_error():
    with pytest.raises(ReproseError, match="the package 'no_such_package' is imported .* but not installed"):
        versions(["no_such_package"])


def test_an_optional_package_may_be_absent():
    assert versions(["no_such_package"], optional=["no_such_package"])["no_such_package"] == "absent"


def test_a_package_that_several_distributions_share_has_the_versions_of_all(installed):
    for name in ("shared-a", "shared-b"):
        installed({"top_level.txt": "shared\n"}, name)
    assert versions(["shared"])["shared"] == "shared-a 1.0, shared-b 1.0"


def test_a_distribution_that_has_only_the_name_of_a_package_does_not_hide_the_one_that_gives_it(installed):
    installed({"RECORD": "stub-1.0.dist-info/METADATA,,\nstubborn/a.py,,\n"}, "stub")
    installed({"top_level.txt": "stub\n", "RECORD": "stub/__init__.py,,\n"}, "true-stub")
    assert versions(["stub"])["stub"] == "stub 1.0, true-stub 1.0"


def editable(folder):
    return {"direct_url.json": f'{{"url": "{folder.as_uri()}", "dir_info": {{"editable": true}}}}'}


@pytest.mark.parametrize("file", ["loose.py", "loose/__init__.py", "loose/inner/a.py"])
def test_a_library_that_one_can_edit_may_have_another_name_than_its_package(tmp_path, installed, monkeypatch, file):
    library = write(tmp_path / "library", {file: "a = 1\n", "other.py": "a = 1\n"})
    installed(editable(library), "another-name")
    with pytest.raises(ReproseError, match="'loose' is imported .* but not installed"):
        versions(["loose"])
    module._distributions.cache_clear()
    monkeypatch.syspath_prepend(library)  # as its .pth file in site-packages does
    before = versions(["loose"])["loose"]
    assert before.startswith("1.0+")
    write(library, {"other.py": "a = 22\n"})
    assert versions(["loose"])["loose"] != before


def test_an_edit_of_an_editable_library_changes_its_version(tmp_path, installed):
    other = dict.fromkeys(["venv/site-packages/x.py", "notes.txt"], "")
    library = write(tmp_path / "library", {"own/__init__.py": "a = 1\n", **other})
    installed(editable(library))
    before = versions(["own"])["own"]
    assert before.startswith("1.0+")
    assert versions(["own"])["own"] == before
    write(library, {"notes.txt": "changed", "venv/site-packages/x.py": "changed", ".hidden/x.py": "", "._x.py": ""})
    (library / ".#own.py").symlink_to("user@host.1:2")
    (library / "gone.py").symlink_to("nowhere")
    assert versions(["own"])["own"] == before
    write(library, {"own/__init__.py": "a = 2\n"})
    os.utime(library / "own/__init__.py", ns=(1, 1))
    assert versions(["own"])["own"] != before


def test_a_library_installed_anew_from_a_folder_has_another_version(installed):
    folder = '{"url": "file:///library", "dir_info": {}}'
    found = []
    for digest in ("sha256=a", "sha256=b"):
        installed({"direct_url.json": folder, "RECORD": f"own/__init__.py,{digest},1\nown/__pycache__/a.pyc,,\n"})
        module._installed.cache_clear()
        found.append(versions(["own"])["own"])
    assert found[0] != found[1]


def test_a_module_that_changes_python_at_its_start_is_among_the_versions(tmp_path, monkeypatch):
    monkeypatch.delitem(sys.modules, "sitecustomize", raising=False)
    monkeypatch.delitem(sys.modules, "usercustomize", raising=False)
    assert "sitecustomize" not in versions([])
    file = write(tmp_path, {"sitecustomize.py": "import sys\n"}) / "sitecustomize.py"
    monkeypatch.setitem(sys.modules, "sitecustomize", SimpleNamespace(__file__=str(file)))
    assert versions([])["sitecustomize"] == file_digest(file)
