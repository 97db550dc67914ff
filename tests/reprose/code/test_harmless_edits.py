"""Edits that can change no result move no fingerprint, and each of them moves it where it can."""

import sys

import pytest

from toy_code import taken

MAIN = "import m\ndef main(): return m.f(2), m.LIMIT\n"
MODULE = "LIMIT = 3\ndef f(x):\n    y = x + LIMIT\n    return y\n"
TYPED = (
    "from dataclasses import dataclass, fields\n@dataclass\nclass LIMIT:\n    a: int\ndef f(x): return fields(LIMIT)\n"
)
CHECKED = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import json, numpy\n    from n import LIMIT\n"
SINCE_312 = pytest.mark.skipif(sys.version_info < (3, 12), reason="type parameters are new in Python 3.12")
MIXED = "from enum import Enum\nclass A:\n    def __init_subclass__(cls): f.a = 1\n"
ENUM = "import enum\nclass LIMIT(enum.Enum):\n    A = 1\ndef f(x): ...\n"


def moves(folder, before, after, main=MAIN):
    """Return whether an edit of the module m moves the fingerprint of main."""
    one, other = (taken(folder, {"main.py": main, "m.py": text}) for text in (before, after))
    return one.digest != other.digest


@pytest.mark.parametrize(
    "after",
    [
        f"import json\nfrom os import path as where\n{MODULE}",
        f"{CHECKED}{MODULE}",
        f"from __future__ import annotations\n{MODULE}",
        MODULE.replace("y = x", "y: 'int' = x"),
        MODULE.replace("    y = x", "    y: unknown[1] = x"),
        f"import logging\nLOG = logging.getLogger(__name__)\n{MODULE}",
        f"{MODULE}if __name__ == '__main__':\n    print(f(1))\n",
        f"from enum import Enum, auto\nclass Colour(Enum):\n    RED = 1\n    BLUE = auto()\n{MODULE}",
        f"import enum\nclass Colour(str, enum.Enum):\n    RED = 'red'\n{MODULE}",
        pytest.param(f"type Pair[T] = tuple[T, f]\n{MODULE}", marks=SINCE_312),
        pytest.param(f"def first[T](x: list[T]) -> T:\n    return x[0]\n{MODULE}", marks=SINCE_312),
    ],
)
def test_an_edit_that_changes_no_result_moves_nothing(tmp_path, after):
    assert not moves(tmp_path, MODULE, after)


@pytest.mark.parametrize(
    "before, after",
    [
        (MODULE, f"import seaborn\n{MODULE}"),
        (f"import json\n{MODULE}json\n", f"import math as json\n{MODULE}json.x\n"),
        (MODULE, f"{MODULE}from math import *\n"),
        (f"{MODULE}TYPE_CHECKING = 1\n", f"TYPE_CHECKING = 1\nif TYPE_CHECKING:\n    LIMIT = 4\n{MODULE}"),
        (TYPED, f"from __future__ import annotations\n{TYPED}"),
        (MODULE.replace("(x)", "(x: int)"), f"from __future__ import annotations\n{MODULE.replace('(x)', '(x: int)')}"),
        (TYPED, TYPED.replace("a: int", "a: float")),
        (MODULE.replace("x + LIMIT", "0"), MODULE.replace("y = x + LIMIT", "y: int")),
        (MODULE, f"import logging\nLOG = logging.getLogger('matplotlib').setLevel(1)\n{MODULE}"),
        (MODULE, f"{MODULE}if __name__ == 'm':\n    LIMIT = 4\n"),
        (MODULE, f"{MODULE}if __name__ == '__main__':\n    pass\nelse:\n    LIMIT = 4\n"),
        (MODULE, f"__name__ = '__main__'\n{MODULE}if __name__ == '__main__':\n    print(1)\n"),
        (ENUM, ENUM.replace("A = 1", "A = 2")),
        (MODULE, f"{MIXED}class C(A, Enum): ...\n{MODULE}"),
        (MODULE, MODULE.replace("y", "z")),  # some libraries look a text's names up in the frame of their caller
        (MODULE, f"from enum import Enum\nclass C(Enum):\n    A = 1\n    def __init__(self, a): f.a = a\n{MODULE}"),
    ],
)
def test_an_edit_of_the_same_kind_that_can_change_a_result_moves_the_fingerprint(tmp_path, before, after):
    assert moves(tmp_path, before, after)


def test_what_a_script_runs_moves_its_fingerprint(tmp_path):
    texts = [f"def main(): ...\nif __name__ == '__main__':\n    print({number})\n" for number in (1, 2)]
    one, other = (taken(tmp_path, {"main.py": text}) for text in texts)
    assert one.digest != other.digest
