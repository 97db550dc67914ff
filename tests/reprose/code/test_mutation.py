"""Change each part of a toy package in turn: where the result of its entry point changes, so does the fingerprint."""

import ast
import copy
import importlib
import sys
import tempfile
from pathlib import Path

import pytest

from reprose.base.errors import ReproseError
from reprose.code.fingerprint import fingerprint
from toy_code import at, write

TOY = {
    "main.py": '''\
"""The entry point of the toy."""
from dataclasses import fields
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shapes.late import power
    from tools import Unreached

import shapes.round as r
from registry import FOUND, lookup
from shapes import area, square as flat
from shapes.deco import doubled, tripled
from tools import CONSTANT, Mode, Settings, choose, counted, clip, outer
from tools import spread as widen

START, STOP = 2, 9
TABLE = {"low": lambda x: x - 1, "high": lambda x, by=4: x * by}
SUMS = [a + b for a in (1, 2) for b in (START, 3)]

def main():
    """Return all that the toy can compute."""
    import shapes.late as late

    values = [area(i) + flat(i) * START for i in range(START, STOP)]
    return (
        values, r.ring(3, inner=1), outer(4)(5), choose(-3), choose(6), widen([1, 2, 4]), SUMS, late.power(3),
        TABLE["low"](1) + TABLE["high"](2), [(f.name, f.type.__name__) for f in fields(Settings)], Settings().total(),
        step(7), tall(2), FOUND, Mode.SLOW.name, counted(4),
        lookup("third"), CONSTANT % 7, [clip(x) for x in (-5, 0.5, 9)],
    )

@doubled
def step(x): return x + 5

@tripled(times=3)
def tall(x, y=1.5): return x - y

def unreached_main(x=1): return main(), x * 2

if __name__ == "__main__":
    print(main(), "done")
''',
    "tools.py": """\
from dataclasses import dataclass
from enum import Enum
from math import exp, log1p as log
from statistics import mean, median

CONSTANT = 17
LIMITS = (0, CONSTANT // 4)
UNREACHED = [1, 2, 3 + 4]

class Base:
    factor = 3
    def total(self): return self.first() * self.factor
    def first(self): return 1

@dataclass(frozen=True)
class Settings(Base):
    rate: float = 0.5
    size: int = 4
    def first(self): return self.rate * self.size if self.size > 2 and not self.rate > 8 else -1

class Unreached(Base):
    factor = 5
    def first(self): return 7

def clip(x):
    low, high = LIMITS
    return max(low, min(x, high))

class Mode(Enum):
    FAST = 1
    SLOW = 2
    LAST = 3

class UnreachedMode(Enum):
    FAST = 4
    SLOW = 5

def counted(x: "Mode") -> "int":
    total: int = 0
    step: "Unreached"
    for step in range(x):
        total += step
    return total

def choose(x, low=0):
    if x < low:
        return round(exp(x), 3)
    elif x == 6:
        return round(log(x), 3)
    return x

def outer(a):
    count = 0
    def inner(b, c=10):
        nonlocal count
        count += 1
        return a * b - c + count
    inner(1)
    return inner

def spread(values):
    total = 0
    for i, value in enumerate(values):
        total += abs(value - mean(values)) ** 2
        if i >= 5:
            break
    return total / median(values)

def unreached_tool(x): return clip(x) + 11
""",
    "registry.py": """\
import logging
LOG = logging.getLogger(__name__)
FOUND = []
NAMES = {"first": 1}

def register(value, weight=2):
    FOUND.append(value * weight)
    return value

def lookup(name): return NAMES.get(name, -1)

def unreached_lookup(name): return NAMES[name] + 1

NAMES["second"] = register(21)
register(22)
if len(FOUND) > 1:
    NAMES["third"] = 3
else:
    NAMES["third"] = 33
SCALE = 1
SCALE += 4
NAMES["third"] *= SCALE
for _ in range(2):
    register(_, 6)
""",
    "shapes/__init__.py": """\
import registry
from shapes.flat import square, side as area
registry.register(30)
""",
    "shapes/flat.py": """\
def square(x): return x * x
def side(x): return x + 0.25
def unreached_flat(x): return x - 2
""",
    "shapes/round.py": """\
try:
    from shapes.missing import PI
except ImportError:
    PI = 3
def ring(radius, *, inner=0): return PI * (radius ** 2 - inner ** 2)
def unreached_round(x): return ring(x) + 12
""",
    "shapes/deco.py": """\
import functools

def doubled(f):
    @functools.wraps(f)
    def wrapper(*args):
        return 2 * f(*args)
    return wrapper

def tripled(times):
    def decorate(f):
        return lambda *args: times * f(*args) + 1
    return decorate

def unreached_deco(f): return 3
""",
    "shapes/late.py": """\
import registry
registry.register(40)
EXPONENT = 2
def power(x): return x ** EXPONENT
def unreached_late(x): return 13
""",
    "alone.py": "import registry\nregistry.register(99)\ndef unreached_alone(): return 14\n",
    "shapes/missing.py": "PI = 3.5\n",
}
# Another toy, which reads itself: its annotations, docstrings and comments, and constants that texts name.
READER = {
    "main.py": """\
import functools
import inspect
from typing import get_type_hints
import table
from notes import Quiet, Spoken, limit, spoken

LIMIT = 4
FACTOR = 2

@functools.wraps(spoken)
def wrapped(): return spoken()

def hinted(x: "Quiet", y: "list[Spoken]" = None) -> "int": return x

def main():
    hints = get_type_hints(hinted)
    return (
        wrapped.__doc__, vars(Quiet).get("__doc__"), Quiet().said(), {k: str(v) for k, v in hints.items()},
        hints["x"].size, table.chosen([1, 3, 5, 7], "@LIMIT"), table.chosen([1, 3, 5, 7], "@SMALL"),
        getattr(table, "TABLE")["a"], inspect.getcomments(limit), getattr(Spoken, "size"),
    )
""",
    "table.py": """\
import main
SMALL = 2
TABLE = {"a": 6}
PLACES = {"LIMIT": lambda: main.LIMIT, "SMALL": lambda: SMALL}
def chosen(rows, text): return [row for row in rows if row < PLACES[text[1:]]()]
""",
    "notes.py": """\
def spoken():
    "Say it."
    return 1

class Quiet:
    "Say nothing."
    size = 8
    def said(self):
        "Say what."
        return type(self).said.__doc__

class Spoken:
    size = 9

# A comment that counts.
def limit(): return 3
""",
}
SWAPS = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult, ast.Mod: ast.Add,
    ast.Pow: ast.Mult, ast.Lt: ast.GtE, ast.Gt: ast.LtE, ast.GtE: ast.Lt, ast.LtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.And: ast.Or, ast.Or: ast.And, ast.USub: ast.UAdd, ast.Not: ast.UAdd,
}  # fmt: skip


def changed_constant(value):
    """Return another value of the same type where there is one."""
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, int | float) else f"{value}x" if isinstance(value, str) else 1


def mutants_of(node):
    """Yield each way to change `node` itself, as a function that changes it in place."""
    if isinstance(node, ast.Constant):
        yield lambda n: setattr(n, "value", changed_constant(n.value))
    for name in ("op", "ops"):
        old = getattr(node, name, None)
        if old:
            yield lambda n, name=name: setattr(n, name, swapped(getattr(n, name)))
    for name in ("body", "orelse", "finalbody"):
        for i in range(len(statements(node, name))):
            yield lambda n, name=name, i=i: getattr(n, name).__setitem__(i, ast.Pass())
            if i:
                yield lambda n, name=name, i=i: exchange(getattr(n, name), i)
    if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.decorator_list:
        yield lambda n: n.decorator_list.clear()
    if isinstance(node, ast.ImportFrom) and len(node.names) > 1:
        yield lambda n: exchange_targets(n.names)
    if isinstance(node, ast.Name) and node.id in ("float", "exp", "mean", "max", "square", "FOUND", "area", "doubled"):
        yield lambda n: setattr(n, "id", "int")


def statements(node, name):
    found = getattr(node, name, [])
    return found if isinstance(found, list) else []


def swapped(operator):
    return [SWAPS[type(operator[0])]()] if isinstance(operator, list) else SWAPS[type(operator)]()


def exchange(body, i):
    body[i - 1], body[i] = body[i], body[i - 1]


def exchange_targets(aliases):
    """Let the first two imported names change places, so that each is bound to what the other was."""
    first, second = aliases[:2]
    first.asname, second.asname = second.asname or second.name, first.asname or first.name


def mutated_files(toy):
    """Yield (file, names of the top-level statements changed, text) for every mutant of the toy."""
    for name, text in toy.items():
        tree = ast.parse(text)
        owners = {id(node): top for top in tree.body for node in ast.walk(top)}
        for index, node in enumerate(ast.walk(tree)):
            for mutate in mutants_of(node):
                changed = copy.deepcopy(tree)
                mutate(list(ast.walk(changed))[index])
                yield name, getattr(owners.get(id(node)), "name", ""), ast.unparse(ast.fix_missing_locations(changed))


def executed(root):
    """Return what the toy under `root` computes, or its error, and the modules of its own that were loaded for it."""
    ours = {name.removesuffix(".py").split("/")[0] for name in [*TOY, *READER]}
    sys.path.insert(0, str(root))
    sys.dont_write_bytecode, previous = True, sys.dont_write_bytecode
    try:
        made = repr(importlib.import_module("main").main())
    except Exception as error:
        made = type(error).__name__
    finally:
        sys.path.remove(str(root))
        sys.dont_write_bytecode = previous
        imported = {name: sys.modules.pop(name).__file__ for name in [*sys.modules] if name.split(".")[0] in ours}
    return made, imported


def observed(folder, files):
    """Return the result and the digest of a package that exists only as long as that takes."""
    with tempfile.TemporaryDirectory(dir=folder) as name:
        root = write(Path(name), files)
        made, imported = executed(root)
        try:
            found = fingerprint(["main:main"], at(root))
        except ReproseError as error:
            return made, type(error).__name__
        assert imported.items() <= found.files.items()  # in every mutant
        return made, found.digest


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    """Return the outcomes of all mutants of the toy."""
    return outcomes_of(TOY, tmp_path_factory.mktemp("mutants"))


def outcomes_of(toy, folder):
    """Return (file, statement, text, whether the result changed, whether the digest changed) for every mutant."""
    expected, before = observed(folder, toy)
    assert "Error" not in expected + before
    found = []
    for name, statement, text in mutated_files(toy):
        made, digest = observed(folder, toy | {name: text})
        found.append((name, statement, text, made != expected, digest != before))
    return found


def test_whenever_the_result_changes_the_fingerprint_changes(outcomes):
    missed = [(name, text) for name, _, text, changed, moved in outcomes if changed and not moved]
    assert missed == []
    assert sum(changed for *_, changed, _ in outcomes) > 150  # or the test would prove little


def test_whenever_a_program_that_reads_itself_changes_its_result_the_fingerprint_changes(tmp_path):
    found = outcomes_of(READER, tmp_path)
    assert [(name, text) for name, _, text, changed, moved in found if changed and not moved] == []
    assert sum(changed for *_, changed, _ in found) > 30


def test_changes_of_unreachable_definitions_change_nothing(outcomes):
    unreached = [row for row in outcomes if row[1].lower().startswith("unreached") or row[0] == "alone.py"]
    assert [row[:3] for row in unreached if row[4]] == []
    assert len(unreached) > 20


def test_most_changes_of_the_fingerprint_are_changes_of_the_result(outcomes):
    moved = [changed for *_, changed, moved in outcomes if moved]
    assert sum(moved) / len(moved) > 0.7


def test_writing_the_toy_anew_in_another_layout_changes_nothing(tmp_path):
    again = {name: f"# A comment.\n{ast.unparse(ast.parse(text))}" for name, text in TOY.items()}
    assert observed(tmp_path, again) == observed(tmp_path, TOY)
