import ast

import pytest

from reprose.code.references import references
from reprose.code.trees import Target


def of(text):
    return references(ast.parse(text).body[0])


def chains(text):
    return {".".join(chain) for chain in of(text).chains}


@pytest.mark.parametrize(
    "text, names",
    [
        ("def f(a):\n    return a + b\n", {"b"}),
        ("def f():\n    b = 1\n    return b\n", set()),
        ("def f():\n    return b\n    b = 1\n", set()),
        ("def f(x=a, *y: b, **z: c) -> d: ...\n", {"a", "b", "c", "d"}),
        ("@a.b(c)\ndef f(): ...\n", {"a.b", "c"}),
        ("def f():\n    def g():\n        return a, b\n    a = 1\n    return g\n", {"b"}),
        ("def f():\n    global a\n    a = 1\n    return a\n", {"a"}),
        ("def f():\n    a = 1\n    def g():\n        nonlocal a\n        a = b\n    return g\n", {"b"}),
        ("class C(a):\n    b = c\n    def m(self):\n        return b\n", {"a", "c", "b"}),
        ("def f():\n    return [x + y for x in z if x]\n", {"y", "z"}),
        ("x = [x for x in x]\n", {"x"}),
        ("f = lambda a, b=c: a + d\n", {"c", "d"}),
        ("def f(m):\n    return a.b.c + m.d\n", {"a.b.c"}),
        ("def f():\n    a.b = 1\n    c[0] = 2\n", {"a.b", "c"}),
        ("def f():\n    try: ...\n    except E as e:\n        return e\n", {"E"}),
        ("def f(x):\n    match x:\n        case C(y) | {'k': y, **z}:\n            return y, z\n", {"C"}),
        ("def f():\n    return g(a)(b).c[d]\n", {"g", "a", "b", "d"}),
        ("def f():\n    return f'{a:{b}}'\n", {"a", "b"}),
        ("def f(x):\n    return vars(x)\n", set()),
        ("def f():\n    return vars()\n", {"vars"}),
    ],
)
def test_names_that_no_inner_scope_binds_are_global(text, names):
    assert chains(text) == names


def test_an_import_inside_a_function_is_followed_there():
    found = of("def f():\n    import a.b as m\n    from c import d\n    return [m.g(d.e) for _ in x]\n")
    assert set(found.imported) == {(Target("a.b"), ("g",)), (Target("c", "d"), ("e",))}
    assert set(found.imports) == {Target("a.b"), Target("c", "d")}
    assert set(found.chains) == {("x",)}


@pytest.mark.parametrize(
    "text",
    [
        "def f():\n    global m\n    import m\n",
        "def f():\n    m = 1\n    def g():\n        nonlocal m\n        import m\n    return g\n",
        "def f():\n    class C:\n        import m\n    return C\n",
    ],
)
def test_an_import_that_other_code_can_see_is_a_value(text):
    assert (Target("m"), ()) in of(text).imported


def test_docstrings_and_subclasses_of_values_are_noticed():
    found = of("def f(a):\n    return a.__doc__, g().__subclasses__()\n")
    assert found.watched == {"__doc__": 2, "__subclasses__": 2}


@pytest.mark.parametrize("text", ["a.f_globals['x']", "a.f_globals.get('x')", "a.__globals__['x']"])
def test_one_literal_name_may_be_looked_up_in_globals(text):
    found = of(f"def f(a):\n    return {text}\n")
    assert (found.global_names, found.watched) == ({"x"}, {})


def test_what_is_read_on_import_is_told_from_what_is_read_later():
    found = of("@a\nclass C(b):\n    x = [c for _ in d]\n    def m(self, y=e):\n        return f\n")
    assert found.early >= {"a", "b", "c", "d", "e"}
    assert "f" not in found.early
