import pytest

from reprose.code.import_effects import has_effects
from reprose.code.names import program
from toy_code import at, write

OWN = """
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import NamedTuple
from pydantic import BaseModel
import logging, re, random, torch

def f(x=1): return x
def g(*a, **k): return a

@dataclass(frozen=True)
class Record:
    a: int
    b: tuple = ()
    c: dict = field(default_factory=dict)

@dataclass
class Checked:
    a: int
    def __post_init__(self): print(self)

@dataclass
class Made:
    a: object = field(default_factory=f)

class Hooked:
    def __init_subclass__(cls): print(cls)

class Plain:
    def __add__(self, other): print(other)

class Heir(Hooked): pass
SIZE = 3
THING = Plain()
RECORD = Record(1)
"""
QUIET = [
    "x = 1",
    "x: int = SIZE * 2 + (1 if SIZE else 2)",
    "x = [1, {'a': SIZE}, f, -SIZE]",
    "x = y = RECORD",
    "x = Record(1, b=(Record(2),))",
    "x = {'a': Record(1)}",
    "x = re.compile('a' + 'b')",
    "x = tuple(n + 1 for n in range(SIZE))",
    "x = {n: n for n in 'a b'.split()}",
    "x = lambda a=SIZE: f(a)",
    "x = f.__name__ if SIZE else torch.float64",
    "def h(a: 'int' = SIZE, *, b: dict[str, Record | None] = None) -> int: ...",
    "@torch.no_grad()\ndef h(): print(1)",
    "class C(torch.nn.Module):\n    'Doc.'\n    a = 1\n    def m(self): print(1)\n    @property\n    def p(self): ...",
    "class C(Plain):\n    @property\n    def p(self): ...\n    @p.setter\n    def p(self, v): ...",
    "class C(NamedTuple):\n    a: int = 1",
    "class C(ValueError): ...",
    "'text'",
    "import random",
    "class C(Enum):\n    A = 1\n    B = auto()\n    def m(self): print(1)\n    @property\n    def p(self): ...",
    "x = logging.getLogger(__name__)",
    "if __name__ == '__main__':\n    print(1)",
    "class C(BaseModel):\n    a: int = 1",
]
EFFECTS = [
    "print(1)",
    "x = f()",
    "x = Checked(1)",
    "x = Made()",
    "x = Plain()",
    "x = THING + 1",
    "x = SIZE + (THING + 1)",
    "x = RECORD.a",
    "x = {RECORD: 1}",
    "x = sorted([1], key=f)",
    "x = max([1], key=lambda a: print(a))",
    "x = random.random()",
    "x = [f() for n in range(3)]",
    "x = re.compile(f())",
    "x = f'{THING}'",
    "x.y = 1",
    "SIZE += 1",
    "x[0] = 1",
    "if SIZE: x = 1",
    "for x in range(3): pass",
    "try: x = 1\nfinally: pass",
    "with open('a') as x: pass",
    "assert SIZE",
    "del SIZE",
    "def h(a=f()): ...",
    "def h(a: f()): ...",
    "@g\ndef h(): ...",
    "@g(1)\nclass C: ...",
    "class C(Hooked): ...",
    "class C(Heir): ...",
    "class C(Enum):\n    A = f()",
    "class C(Enum):\n    A = 1\n    def __init__(self, a): print(a)",
    "class C(Enum):\n    def _generate_next_value_(*a): print(a)\n    A = auto()",
    "class C(Enum):\n    A = 1\n    @g\n    def m(self): ...",
    "class D(Enum):\n    def __new__(cls, a): print(a)\nclass C(D):\n    A = 1",
    "x = logging.getLogger(f())",
    "x = missing.compile('a')",
    "logging.getLogger(__name__).setLevel(1)",
    "class C(BaseModel):\n    a: int = f()",
    "class C(metaclass=Plain): ...",
    "class C:\n    a = f()",
    "class C:\n    import random",
    "class C:\n    a = Record(1)\n    b = a + 1",
    "class C:\n    @g\n    def m(self): ...",
    "class C(g(1)): ...",
    "class C(C): ...",
]


def effects_of(tmp_path, text):
    known = program(at(write(tmp_path, {"m.py": OWN + text + "\n"})))
    return has_effects(known, "m", known.module("m").units[-1])


@pytest.mark.parametrize("text", QUIET)
def test_giving_a_value_to_a_name_is_no_effect(tmp_path, text):
    assert not effects_of(tmp_path, text)


@pytest.mark.parametrize("text", EFFECTS)
def test_whatever_may_do_more_is_an_effect(tmp_path, text):
    assert effects_of(tmp_path, text)


def test_values_and_classes_are_looked_up_in_the_modules_that_define_them(tmp_path):
    user = "import m\nfrom m import Record as R, Checked\n"
    lines = ["a = m.Record(m.SIZE)", "b = m.Checked(1)", "c = m.unknown * 2", "d = R(1)"]
    known = program(at(write(tmp_path, {"m.py": OWN, "user.py": user + "\n".join(lines)})))
    assert [has_effects(known, "user", unit) for unit in known.module("user").units[2:]] == [False, True, True, True]


def test_a_builtin_name_may_come_from_a_star_import(tmp_path):
    files = {"m.py": OWN + "def max(*a): print(a)\n", "user.py": "from m import *\nx = max(1, 2)\n"}
    known = program(at(write(tmp_path, files)))
    assert has_effects(known, "user", known.module("user").units[1])


@pytest.mark.parametrize(
    "text", ["x = LATER", "def h(a=LATER): ...", "import logging as LATE\nx = LATE.getLogger(LATER)"]
)
def test_reading_a_name_before_it_has_a_value_fails_which_is_an_effect(tmp_path, text):
    found = {}
    for order in (f"{text}\nLATER = 1\n", f"LATER = 1\n{text}\n"):
        known = program(at(write(tmp_path, {"m.py": order})))
        unit = known.module("m").bindings["h" if "def" in text else "x"][0]
        found[order] = has_effects(known, "m", unit)
    assert list(found.values()) == [True, False]
