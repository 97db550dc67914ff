"""How names are resolved, seen through what moves the fingerprint."""

import pytest

from reprose.base.errors import ReproseError
from toy_code import digest_moves, taken

TOOLS = """\
import math

LIMIT = 10
OTHER = 20

def used(x, y=3):
    return x + inner(y)

def inner(y):
    return min(y, LIMIT)

def unused(x):
    return used(x) + OTHER * 7

class Base:
    def method(self):
        return 40

class Heir(Base):
    kind = 50
"""
# Ways in which main.py can come to tools.py, each with the name that it reaches there.
ROADS = {
    "from import": "from pkg.tools import used\ndef main(): return used(1)\n",
    "renamed": "from pkg.tools import used as u\ndef main(): return u(1)\n",
    "dotted": "import pkg.tools\ndef main(): return pkg.tools.used(1)\n",
    "alias": "import pkg.tools as t\ndef main(): return t.used(1)\n",
    "submodule": "from pkg import tools\ndef main(): return tools.used(1)\n",
    "re-export": "from pkg import again\ndef main(): return again(1)\n",
    "re-exported module": "import pkg\ndef main(): return pkg.t.used(1)\n",
    "local import": "def main():\n    from pkg.tools import used\n    return used(1)\n",
    "local module": "def main():\n    import pkg.tools as t\n    return [t.used(i) for i in range(3)]\n",
    "conditional": "try:\n    from pkg.tools import used\nexcept E:\n    used = None\ndef main(): return used(1)\n",
    "default": "from pkg.tools import used\ndef main(f=used): return f(1)\n",
    "decorator": "from pkg.tools import used\n@used\ndef main(): ...\n",
    "constant": "from pkg.tools import used\nTABLE = {'a': used}\ndef main(): return TABLE['a'](1)\n",
    "lambda": "from pkg.tools import used\ncall = lambda: used(1)\ndef main(): return call()\n",
    "nested": "from pkg.tools import used\ndef main():\n    def g(): return used(1)\n    return g()\n",
    "class": "from pkg.tools import used\nclass main:\n    def m(self): return used(1)\n",
    "attribute of a class": "from pkg.tools import used\nclass K:\n    f = used\ndef main(): return K.f(1)\n",
    "global": "from pkg.tools import used\ndef s():\n    global f\n    f = used\ndef main(): s(); return f(1)\n",
    "alias of a module": "import pkg.tools\nt = pkg.tools\ndef main(): return t.used(1)\n",
    "getattr": "from pkg import tools\ndef main(): return getattr(tools, 'us' + 'ed')(1)\n",
    "star": "from pkg.tools import *\ndef main(): return used(1)\n",
    "globals": "from pkg.tools import used\ndef main(): return globals()['used'](1)\n",
    "effect": "from pkg.tools import used\nused(1)\ndef main(): ...\n",
    "loop": "from pkg.tools import used\nfor i in range(3):\n    x = used(i)\ndef main(): ...\n",
}
PACKAGE = {"pkg/__init__.py": "import pkg.tools as t\nfrom pkg.tools import used as again\n", "pkg/tools.py": TOOLS}
WIDENED = ("alias of a module", "getattr", "star")


@pytest.mark.parametrize(
    "old, new", [("x + inner", "x - inner"), ("y=3", "y=4"), ("min(", "max("), ("T = 10", "T = 11")]
)
@pytest.mark.parametrize("road", ROADS)
def test_a_change_of_what_is_reached_moves_the_digest(tmp_path, road, old, new):
    assert digest_moves(tmp_path, PACKAGE | {"main.py": ROADS[road]}, "pkg/tools.py", old, new)


@pytest.mark.parametrize(
    "old, new", [("OTHER * 7", "OTHER * 8"), ("OTHER = 20", "OTHER = 21"), ("return 40", "return 41")]
)
@pytest.mark.parametrize("road", ROADS)
def test_a_change_of_what_is_not_reached_moves_nothing(tmp_path, road, old, new):
    moved = digest_moves(tmp_path, PACKAGE | {"main.py": ROADS[road]}, "pkg/tools.py", old, new)
    assert moved is (road in WIDENED)


@pytest.mark.parametrize(
    "main",
    [
        "from pkg.tools import Heir\ndef main(): return Heir().method()\n",
        "import pkg.tools as t\nclass main(t.Heir): ...\n",
        "import pkg.tools\ndef main(): return pkg.tools.Heir.method\n",
        "from pkg.tools import Heir\ndef main(x: Heir): ...\n",
    ],
)
def test_a_class_is_reached_whole_with_its_bases(tmp_path, main):
    files = PACKAGE | {"main.py": main}
    assert digest_moves(tmp_path, files, "pkg/tools.py", "return 40", "return 41")
    assert digest_moves(tmp_path, files, "pkg/tools.py", "kind = 50", "kind = 51")
    assert not digest_moves(tmp_path, files, "pkg/tools.py", "OTHER = 20", "OTHER = 21")


def test_the_types_of_a_dataclass_count(tmp_path):
    files = {"main.py": "from dataclasses import dataclass\n@dataclass\nclass main:\n    a: int\n    b: float\n"}
    assert digest_moves(tmp_path, files, "main.py", "a: int", "a: float")


EFFECTFUL = {
    "main.py": "import a.b\nimport other\ndef main(): ...\n",
    "a/__init__.py": "import base\nbase.add(1)\n",
    "a/b.py": "import base\nx = base.add(2)\ny = base.SIZE\ndef f(): return 5\n",
    "base.py": "FOUND = []\nSIZE = 6\ndef add(n): FOUND.append(n + 10)\ndef free(): return 7\n",
    "other.py": "z = 8\nimport base\nif base.SIZE:\n    base.FOUND[0] = 9\n",
    "alone.py": "print(11)\n",
}


@pytest.mark.parametrize(
    "name, old, new, expected",
    [
        ("a/__init__.py", "add(1)", "add(3)", True),
        ("a/b.py", "add(2)", "add(3)", True),
        ("base.py", "n + 10", "n + 11", True),
        ("base.py", "FOUND = []", "FOUND = [0]", True),
        ("other.py", "= 9", "= 10", True),
        ("main.py", "import a.b\nimport other\n", "import other\nimport a.b\n", True),
        ("base.py", "SIZE = 6", "SIZE = 7", True),
        ("base.py", "return 7", "return 8", False),
        ("a/b.py", "return 5", "return 6", False),
        ("other.py", "z = 8", "z = 9", False),
        ("alone.py", "11", "12", False),
    ],
)
def test_importing_a_module_executes_its_effects_and_those_of_its_imports(tmp_path, name, old, new, expected):
    assert digest_moves(tmp_path, EFFECTFUL, name, old, new) is expected


@pytest.mark.parametrize(
    "before, after",
    [
        ("x = 1\ny = x + 1\nx = 2", "x = 1\nx = 2\ny = x + 1"),
        ("x = []\nx.append(1)\ny = x[:]\nx.append(2)", "x = []\nx.append(1)\nx.append(2)\ny = x[:]"),
        ("from m import a as y\nfrom m import b as y", "from m import b as y\nfrom m import a as y"),
        ("from m import a as y, b as x", "from m import b as y, a as x"),
        ("from numpy import mean as y", "from numpy import median as y"),
        ("y = 1\nfrom m import y", "from m import y\ny = 1"),
        ("import m\nimport n\ny = 1", "import n\nimport m\ny = 1"),
        ("y: int = 1", "from __future__ import annotations\ny: int = 1"),
        ("y = 1", "import seaborn\ny = 1"),
        ("y = 1", "y = 1\ndel y"),
        ("def y(): return 1\nif y():\n    def y(): return 2", "def y(): return 1\nif y():\n    def y(): return 3"),
    ],
)
def test_what_names_mean_and_when_counts(tmp_path, before, after):
    rest = "\ndef main(): return x, y\n"
    files = {"m.py": "a = 1\nb = 2\ny = 3\nprint(1)\n", "n.py": "print(2)\n"}
    one, other = (taken(tmp_path, files | {"main.py": text + rest}) for text in (before, after))
    assert one.digest != other.digest


def test_the_order_of_definitions_and_of_harmless_imports_does_not_count(tmp_path):
    files = {"m.py": "a = 1\n", "n.py": "b = 2\n"}
    parts = ["import m", "from n import b", "def f(): return m.a", "K = 3", "def main(): return f() + b + K"]
    one, other = (taken(tmp_path, files | {"main.py": "\n".join(order) + "\n"}) for order in (parts, parts[::-1]))
    assert one.digest == other.digest


def test_an_import_for_an_unrelated_function_moves_nothing(tmp_path):
    files = {"main.py": "# here\ndef main(): ...\ndef other(): ...\n", "m.py": "a = 1\n"}
    assert not digest_moves(tmp_path, files, "main.py", "# here", "from m import a\nimport json\nx = json, a")


SHADOWED = (
    "def main(rows):\n    table = [rows for _ in rows]\n    return table\ndef table(): return 1\ndef rows(): return 2\n"
)


@pytest.mark.parametrize("old, new", [("return 1", "return 3"), ("return 2", "return 3")])
def test_local_names_hide_global_ones(tmp_path, old, new):
    assert not digest_moves(tmp_path, {"main.py": SHADOWED}, "main.py", old, new)


@pytest.mark.parametrize(
    "text",
    [
        "import importlib\ndef main(): importlib.import_module('a')\n",
        "from importlib import import_module as load\ndef main(): load('a')\n",
        "import helper\ndef main(): helper.importlib.import_module('a')\n",
        "def main(): exec('1')\n",
        "def main():\n    return [eval(x) for x in 'a']\n",
        "def main(): __import__('a')\n",
        "import sys\ndef main(): sys.modules['a'].f()\n",
        "import runpy\nrunpy.run_path('a')\ndef main(): ...\n",
        "class A: ...\ndef main(): A.__subclasses__()\n",
        "import torch\ndef main(): torch.nn.Module.__subclasses__()\n",
        "def main(f): f.__globals__\n",
    ],
)
def test_dynamic_imports_are_errors_with_file_and_line(tmp_path, text):
    with pytest.raises(ReproseError, match=r"main\.py:[123]: '.*' can reach code that no name in the source tells"):
        taken(tmp_path, {"main.py": text, "helper.py": "import importlib\n"})


@pytest.mark.parametrize(
    "text",
    [
        "from importlib import metadata\ndef main(): return metadata.version('numpy')\n",
        "def main(model): return model.eval()\n",
        "import importlib\ndef main(): ...\ndef other(): importlib.reload(1)\n",
        "def main(eval): return eval(1)\n",
        "from reprose.config import loading\ndef main(): return loading.load('a')\n",
    ],
)
def test_what_is_no_dynamic_import_passes(tmp_path, text):
    loading = "import importlib\ndef load(name): return importlib.import_module(name)\n"
    assert taken(tmp_path, {"main.py": text, "reprose/config/loading.py": loading}).digest


@pytest.mark.parametrize("text", ["from .other import g\ndef main(): ...", "def main():\n    from .other import g"])
def test_a_relative_import_is_an_error_with_file_and_line(tmp_path, text):
    with pytest.raises(ReproseError, match=r"main\.py:[12]: relative import of '\.other\.g'"):
        taken(tmp_path, {"main.py": text})


def test_an_import_of_a_module_of_ours_that_does_not_exist_is_an_error(tmp_path):
    with pytest.raises(ReproseError, match=r"main\.py:1: imports 'pkg\.tols', which does not exist"):
        taken(tmp_path, PACKAGE | {"main.py": "import pkg.tols\ndef main(): ...\n"})


@pytest.mark.parametrize("text", ["def half(", "x = '\0'", "x = 1\n  y"])
@pytest.mark.parametrize("read", ["K", "f.__globals__['K']"])
def test_a_module_that_nothing_reaches_may_be_no_valid_python(tmp_path, text, read):
    files = PACKAGE | {"main.py": f"from pkg.tools import LIMIT as K\ndef main(f=None): return {read}\n"}
    assert taken(tmp_path, files | {"pkg/half.py": text, "half.py": text}).digest == taken(tmp_path, files).digest
    with pytest.raises(ReproseError, match=r"half\.py:\d: not valid Python"):
        taken(tmp_path, files | {"half.py": text, "main.py": "import half\n" + files["main.py"]})


def test_imports_in_a_circle_are_followed_once(tmp_path):
    files = {"main.py": "import b\ndef main(): return b.g()\n", "b.py": "import main\nfrom main import main as g\n"}
    assert set(taken(tmp_path, files).definitions) == {"main:main", "main:b", "b:g"}
