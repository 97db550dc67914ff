import ast
import inspect
import subprocess
import sys

import pytest

import reprose
from reprose.base.package import ENGINE
from reprose.code.fingerprint import fingerprint
from toy_code import write

BLOCK = next(node for node in ast.parse(inspect.getsource(reprose)).body if isinstance(node, ast.If))


def python(code):
    """Return what `code` prints in a fresh Python."""
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=ENGINE.parent, capture_output=True, text=True, check=True).stdout.strip()


def test_the_fingerprint_and_python_find_each_name_in_the_same_home():
    assert {line.names[0].name: line.module for line in BLOCK.body} == reprose.HOMES
    assert all(len(line.names) == 1 and line.names[0].asname == line.names[0].name for line in BLOCK.body)


@pytest.mark.parametrize("name", reprose.HOMES)
def test_each_name_is_found(name):
    assert getattr(reprose, name) is not None
    assert name in dir(reprose)


def test_an_unknown_name_is_an_error_that_lists_what_there_is():
    with pytest.raises(AttributeError, match=r"no 'Runn'\. There are: Archive, .*, trials\."):
        reprose.Runn  # noqa: B018


def test_importing_the_engine_imports_no_other_module_of_it_and_no_library():
    code = "import sys, reprose; print([name for name in sys.modules if name.partition('.')[0] in {found})])"
    found = "('reprose', 'numpy', 'torch', 'pydantic', 'scipy'"
    assert python(code.replace("{found}", found)) == "['reprose']"


def test_a_name_imports_no_more_than_its_home_needs():
    assert python("import sys; from reprose import ReproseError, Source; print('torch' in sys.modules)") == "False"


def reached(tmp_path, text):
    roots = (("scripts", write(tmp_path, {"m.py": text})), ("reprose", ENGINE))
    return fingerprint(["scripts.m:main"], roots)


@pytest.mark.parametrize(
    "text",
    [
        "from reprose import Number\ndef main(): return Number\n",
        "import reprose\ndef main(): return reprose.Number\n",
        "import reprose as r\ndef main(): return r.Number\n",
        "def main():\n    from reprose import Number\n    return Number\n",
    ],
)
def test_a_step_depends_on_the_true_definition_and_not_on_other_exported_names(tmp_path, text):
    found = reached(tmp_path, text)
    assert "reprose.numbers.registry:Number" in found.definitions
    assert [name for name in found.definitions if name.startswith("reprose:")] == ["reprose:Number"]
    assert "reprose.training.contract" not in found.files
    assert {"reprose", "reprose.numbers", "reprose.numbers.registry"} <= found.files.keys()


@pytest.mark.parametrize(
    "first", ["from reprose import Number, Trainee\n", "import json\nfrom reprose import Trainee\n"]
)
def test_importing_a_name_executes_its_home_even_if_the_name_is_not_used(tmp_path, first):
    found = reached(tmp_path, f"{first}def main(): return 1\n")
    assert "reprose.training.contract" in found.files
    assert "reprose.training.contract:Trainee" not in found.definitions


def test_a_step_names_the_files_of_all_modules_that_an_exported_name_imports(tmp_path):
    imports = "from reprose import Results, Source, measured"
    found = reached(tmp_path, f"{imports}\ndef main(): return Results, Source, measured\n")
    listed = python(f"import sys; {imports}; print([*sys.modules])")
    imported = {name for name in ast.literal_eval(listed) if name.partition(".")[0] == "reprose"}
    assert imported <= found.files.keys()
