"""What a program reads about itself, or through names that only a run computes: it is tracked, or refused."""

import sys

import pytest

from reprose.base.errors import ReproseError
from reprose.code.fingerprint import fingerprint
from toy_code import at, digest_moves, taken, write


@pytest.mark.parametrize(
    "text",
    [
        "def main(t): return t.query('x < @LIMIT')\n",
        "def main(t): return t.eval('y = x + @LIMIT * 2')\n",
        "QUERY = 'x in @LIMIT'\ndef main(t): return t.query(QUERY)\n",
        "def main(t): return t.query('x < @m.LIMIT')\n",
        "def main(t, name): return t.query(f'x < @{name}')\n",
        "def main(t, name): return t.query('x < @' + name)\n",
        "import pandas as pd\ndef main(): return pd.eval('LIMIT * 2')\n",
        "from numexpr import evaluate\ndef main(): return evaluate('LIMIT * 2')\n",
        "import numpy as np\ndef main(): return np.bmat('LIMIT')\n",
        "from statsmodels.api import OLS\ndef main(t): return OLS.from_formula('y ~ LIMIT', t)\n",
    ],
)
def test_a_constant_that_a_text_names_counts(tmp_path, text):
    files = {"m.py": "LIMIT = 10\nOTHER = 20\n", "main.py": f"import m\nfrom m import LIMIT\n{text}"}
    assert digest_moves(tmp_path, files, "m.py", "LIMIT = 10", "LIMIT = 11")


def test_a_text_may_name_a_constant_of_the_module_that_uses_it(tmp_path):
    files = {
        "main.py": "import m\ndef main(t): return m.chosen(t, 'x < @LIMIT')\n",
        "m.py": "LIMIT = 10\nOTHER = 20\ndef chosen(t, query): return t.query(query)\n",
    }
    assert digest_moves(tmp_path, files, "m.py", "LIMIT = 10", "LIMIT = 11")
    assert not digest_moves(tmp_path, files, "m.py", "OTHER = 20", "OTHER = 21")


def test_an_address_in_a_text_names_nothing(tmp_path):
    files = {"main.py": "EXAMPLE = 1\ndef main(): return 'someone@example.org', '{@{}l@{}}'\n"}
    assert not digest_moves(tmp_path, files, "main.py", "EXAMPLE = 1", "EXAMPLE = 2")


HINTS = "from typing import get_type_hints\nfrom m import Kind\nimport m\ndef main(): return get_type_hints(f)\n"


@pytest.mark.parametrize(
    "text",
    [
        "def f(x: 'Kind'): ...\n",
        "def f() -> 'list[m.Kind | None]': ...\n",
        "def f(x: dict[str, 'Kind']): ...\n",
        "def f(*x: \"list['Kind']\"): ...\n",
        "class f:\n    x: 'Kind'\n",
    ],
)
@pytest.mark.parametrize("first", ["", "from __future__ import annotations\n"])
def test_an_annotation_that_is_a_string_counts(tmp_path, text, first):
    files = {"m.py": "class Kind:\n    size = 1\nclass Other:\n    size = 2\n", "main.py": first + HINTS + text}
    assert digest_moves(tmp_path, files, "m.py", "size = 1", "size = 3")
    assert not digest_moves(tmp_path, files, "m.py", "size = 2", "size = 3")


@pytest.mark.parametrize(
    "main",
    [
        "def main(): return [text for text in vars(K).values()]\n",
        "def main(): return [text for text in K.__dict__.values()]\n",
        "import inspect\ndef main(): return inspect.getmembers(K)\n",
        "def main(): return getattr(K, '__doc__')\n",
        "import functools\n@functools.wraps(K)\ndef g(): ...\ndef main(): return g.__doc__\n",
        "import functools\ndef main(): return functools.update_wrapper(lambda: 1, K).__doc__\n",
        "L = K\ndef main(): return L.__doc__\n",
        "def deco(f): return K\n@deco\ndef g(): ...\ndef main(): return g.__doc__\n",
        "import inspect\nclass L(K):\n    def f(self): ...\ndef main(): return inspect.getdoc(L.f)\n",
        "class L(K): ...\ndef main(): return L.f.__doc__\n",
    ],
)
def test_a_docstring_that_is_read_by_a_detour_counts(tmp_path, main):
    files = {
        "main.py": f"from m import K\n{main}",
        "m.py": 'class K:\n    "Of K."\n    def f(self):\n        "Of f."\n',
    }
    moved = {name for name in ("K", "f") if digest_moves(tmp_path, files, "m.py", f"Of {name}", "On")}
    assert moved == {"K", "f"}


@pytest.mark.parametrize(
    "read",
    [
        "inspect.getsource(f)",
        "inspect.getsourcelines(f)",
        "inspect.getcomments(f)",
        "linecache.getlines(f.__module__)",
        "torch.jit.script(f)",
    ],
)
def test_a_comment_counts_where_source_texts_are_read(tmp_path, read):
    head = "import inspect, linecache, torch\nfrom m import f\n"
    files = {"main.py": f"{head}def main(): return {read}\n", "m.py": "# One.\ndef f(): ...\n"}
    assert digest_moves(tmp_path, files, "m.py", "# One.", "# Two.")
    assert not digest_moves(tmp_path, files | {"main.py": f"{head}def main(): return f\n"}, "m.py", "# One.", "# Two.")


@pytest.mark.parametrize(
    "text",
    [
        "import inspect\ndef main(f): return inspect.getmodule(f).K\n",
        "import inspect\ndef main(): return inspect.stack()[1].frame\n",
        "import sys\ndef main(): return sys._getframe(1).f_locals\n",
        "import sys\ndef main(): return sys.modules['a'].K\n",
        "def main(f): return getattr(f, '__globals__')['K']\n",
        "def main(f): return getattr(f, '__glo' + 'bals__')\n",
        "def main(f, name): return getattr(f, f'__{name}__')\n",
        "NAME = '__globals__'\ndef main(f): return getattr(f, NAME)\n",
        "import operator\ndef main(f): return operator.attrgetter('__globals__')(f)\n",
        "from operator import attrgetter\ndef main(f, x): return attrgetter('__' + x)(f)\n",
        "def main(f): return type(f).__dict__['__globals__']\n",
        "import types\ndef main(f): return types.FunctionType(f, {})\n",
        "def main(f): return type(f)(f.__code__, {})\n",
        "import gc\ndef main(): return gc.get_objects()\n",
        "import sys\ndef main(): return getattr(sys, 'modules')['a']\n",
        "from sys import *\ndef main(): return modules['a']\n",
        "import m\ndef main(): return m.__loader__.get_data('b.py')\n",
    ],
)
def test_what_could_reach_any_code_is_refused(tmp_path, text):
    with pytest.raises(ReproseError, match=r"main\.py:[12]: .* can reach code that no name in the source tells"):
        taken(tmp_path, {"main.py": text, "m.py": ""})


@pytest.mark.parametrize(
    "main", ["import m\ndef main(name): return getattr(m, name)", "from m import *\ndef main(): ..."]
)
def test_a_module_that_is_used_as_a_value_may_not_hand_on_what_reaches_any_code(tmp_path, main):
    with pytest.raises(ReproseError, match=r"m\.py:1: 'sys.modules' can reach code"):
        taken(tmp_path, {"main.py": main, "m.py": "from sys import modules\n"})


@pytest.mark.parametrize(
    "text",
    [
        "def main(x, name): return getattr(x, name), getattr(x, 'size', None)\n",
        "import argparse\ndef main(): return vars(argparse.ArgumentParser().parse_args())\n",
        "import gc\ndef main(): gc.collect()\n",
        "from pathlib import Path\ndef main(): return Path(__file__).with_name('scale.txt').read_text()\n",
        "import m\nfrom importlib import resources\ndef main(): return m.__file__, resources.files('m')\n",
    ],
)
def test_what_reaches_no_code_passes_and_counts_no_docstring(tmp_path, text):
    files = {"main.py": text + "def other(): ...\n", "m.py": '"""One."""\n'}
    assert not digest_moves(tmp_path, files, "m.py", "One", "Two")


@pytest.mark.skipif(sys.version_info < (3, 12), reason="type parameters are new in Python 3.12")
@pytest.mark.parametrize(
    "text", ["def main[T: Kind](x: T): ...", "class main[T: (Kind, int)]: ...", "type main[T: Kind] = list[T]"]
)
def test_the_bound_of_a_type_parameter_counts(tmp_path, text):
    files = {"main.py": f"from m import Kind\n{text}\n", "m.py": "T = 5\nclass Kind:\n    size = 1\n"}
    assert digest_moves(tmp_path, files, "m.py", "size = 1", "size = 2")
    assert digest_moves(tmp_path, files, "main.py", "Kind\n", "Kind as Kind, T\n") is False


TYPING = "from typing import TYPE_CHECKING\nimport typing\n"


@pytest.mark.parametrize(
    "block",
    [
        "if TYPE_CHECKING:\n    from _typeshed import SupportsRead\n    from m import nothing\n    import no.such\n",
        "if typing.TYPE_CHECKING:\n    import m\n",
        "if TYPE_CHECKING:\n    import m as L\nelse:\n    L = 1\n",
    ],
)
def test_a_block_for_type_checkers_executes_nothing(tmp_path, block):
    main = "L = 1\ndef main(x: 'SupportsRead'): return L\n"
    made = taken(tmp_path, {"main.py": f"{TYPING}{block}{main}", "m.py": "print(1)\n"})
    assert made.packages == ()
    assert set(made.files) == {"main"}


@pytest.mark.parametrize(
    "block",
    [
        "TYPE_CHECKING = True\nif TYPE_CHECKING:\n    import m\n",
        "from n import TYPE_CHECKING\nif TYPE_CHECKING:\n    import m\n",
        "from typing import TYPE_CHECKING\nif not TYPE_CHECKING:\n    import m\n",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    pass\nelse:\n    import m\n",
        "import typing\ndef main():\n    if typing.TYPE_CHECKING:\n        pass\n    else:\n        import m\n",
    ],
)
def test_what_only_looks_like_such_a_block_is_executed(tmp_path, block):
    files = {"main.py": f"def main(): ...\n{block}", "m.py": "print(1)\n", "n.py": "TYPE_CHECKING = 1\n"}
    assert "m" in taken(tmp_path, files).files


@pytest.mark.parametrize(
    "text",
    [
        "try:\n    import numba\nexcept ImportError:\n    numba = None\ndef main(): return numba\n",
        "def main():\n    try:\n        import numba\n        numba.x\n    except (KeyError, ImportError): ...\n",
        "import contextlib as c\ndef main():\n    with c.suppress(KeyError, ImportError):\n        import numba.x\n",
    ],
)
def test_a_package_that_may_be_missing_is_optional(tmp_path, text):
    made = taken(tmp_path, {"main.py": text})
    assert (made.packages, made.optional) == (("numba",), ("numba",))


@pytest.mark.parametrize(
    "first", ["try:\n    import numba\nexcept KeyError: ...", "with suppress(KeyError):\n    import numba"]
)
def test_a_package_whose_failing_import_is_not_caught_is_needed(tmp_path, first):
    text = f"from contextlib import suppress\n{first}\ndef main(): return numba\n"
    assert taken(tmp_path, {"main.py": text}).optional == ()


@pytest.mark.parametrize(
    ("text", "packages"),
    [
        ("def main():\n    import seaborn, json\n", ("seaborn",)),
        ("def main():\n    from seaborn.utils import x, y\n    return y\n", ("seaborn",)),
        ("def main():\n    class C:\n        import seaborn\n    return C\n", ("seaborn",)),
        ("import m\nif m.X:\n    import seaborn\ndef main(): ...\n", ("seaborn",)),
        ("try:\n    import seaborn\nexcept ImportError: ...\ndef main(): ...\ndef other(): return seaborn\n", ()),
        ("def main(): ...\ndef other():\n    import seaborn\n", ()),
    ],
)
def test_a_package_that_is_imported_for_its_effect_counts(tmp_path, text, packages):
    assert taken(tmp_path, {"main.py": text, "m.py": "X = 1\n"}).packages == packages


def test_definitions_of_a_script_may_lie_in_the_block_that_runs_it(tmp_path):
    root = write(tmp_path, {"main.py": "def main(): ...\nif __name__ == '__main__':\n    LATE = 1\n    main()\n"})
    assert {"main:main", "main:LATE", "main:<main>"} <= fingerprint(["main:main"], at(root)).definitions.keys()
