import ast
import os

import pytest

from reprose.base.errors import ReproseError
from reprose.code.syntax import Module, normal_form, parse, sources
from toy_code import at, write

FUNCTION = "def f(x, *, y=1):\n    return x + y\n"


def form(text, docstrings=False):
    return normal_form(ast.parse(text), docstrings)


def module(tmp_path, text) -> Module:
    return parse(sources(at(write(tmp_path, {"m.py": text})))["m"])


@pytest.mark.parametrize(
    "same",
    [
        "def f(x, *,\n      y=1):  # a comment\n\n    return (x + y)\n",
        'def f(x, *, y=1):\n    """Say what f does."""\n    return x + y\n',
        "def f(x,*,y=0x1,):return x+y",
    ],
)
def test_layout_comments_and_docstrings_do_not_count(same):
    assert form(same) == form(FUNCTION)


@pytest.mark.parametrize(
    "other",
    [
        "def f(x, *, y=2):\n    return x + y\n",
        "def f(x, *, y=True):\n    return x + y\n",
        "def f(x, *, y=1.0):\n    return x + y\n",
        "def f(x, *, y='1'):\n    return x + y\n",
        "def f(x, y=1):\n    return x + y\n",
        "def f(x, *, y=1):\n    return x - y\n",
        "def f(x, *, y=1):\n    x + y\n",
        "async def f(x, *, y=1):\n    return x + y\n",
        "def f(x, *, y=1) -> int:\n    return x + y\n",
    ],
)
def test_everything_else_counts(other):
    assert form(other) != form(FUNCTION)


def test_docstrings_count_where_they_are_asked_for():
    one, other = 'def f():\n    "a"\n', 'def f():\n    "b"\n'
    assert form(one) == form(other)
    assert form(one, docstrings=True) != form(other, docstrings=True)


def test_a_string_in_the_middle_of_a_function_is_kept():
    assert form("def f():\n    g()\n    return 'a'\n") != form("def f():\n    g()\n    return 'b'\n")


def test_the_normal_form_tells_apart_what_the_tree_tells_apart():
    texts = [
        "f(a, b)",
        "f(a)(b)",
        "f([a, b])",
        "f('a,b')",
        "f(a='b')",
        "f(*a, b)",
        "[a, b]",
        "{a: b}",
        "{a, b}",
        "f'{a}b'",
    ]
    assert len({form(text) for text in texts}) == len(texts)


def test_modules_and_packages_are_found_by_their_dotted_names(tmp_path):
    files = ["train.py", "a/__init__.py", "a/b.py", "bare/c.py", "empty/notes.txt", "__pycache__/x.py", "not-a-name.py"]
    found = sources(at(write(tmp_path, dict.fromkeys(files, ""))))
    assert set(found) == {"train", "a", "a.b", "bare", "bare.c"}
    assert found["a"].path == str(tmp_path / "a/__init__.py")


def test_files_that_no_import_finds_are_no_modules(tmp_path):
    write(tmp_path, dict.fromkeys(["a/b.py", "a/._b.py", "a/half-written.py", "a/folder.py/notes.txt"], ""))
    (tmp_path / "a/gone.py").symlink_to("nowhere")
    (tmp_path / "a/.#b.py").symlink_to("user@host.1:2")
    (tmp_path / "a/up").symlink_to("..")
    (tmp_path / "linked").symlink_to("a")
    assert set(sources(at(tmp_path))) == {"a", "a.b", "linked", "linked.b"}


def test_a_package_hides_a_module_which_hides_a_bare_folder(tmp_path):
    found = sources(at(write(tmp_path, dict.fromkeys(["a.py", "a/__init__.py", "b.py", "b/c.py"], ""))))
    assert found["a"].path.endswith("a/__init__.py")
    assert found["b"].path.endswith("b.py")


def test_a_missing_folder_is_an_error(tmp_path):
    with pytest.raises(ReproseError, match="nowhere: no such folder"):
        sources(at(tmp_path / "nowhere"))


def test_a_file_is_parsed_once_until_it_changes(tmp_path):
    first = module(tmp_path, "a = 1\n")
    assert parse(sources(at(tmp_path))["m"]) is first
    os.utime(tmp_path / "m.py", ns=(1, 1))
    assert parse(sources(at(tmp_path))["m"]) is not first


def test_a_syntax_error_names_file_and_line(tmp_path):
    with pytest.raises(ReproseError, match=r"m\.py:2: not valid Python"):
        module(tmp_path, "a = 1\ndef f(:\n").tree  # noqa: B018


@pytest.mark.parametrize(
    "text, names",
    [
        ("def f(a):\n    b = 1\n", {"f"}),
        ("class C:\n    x = 1\n    def m(self): ...\n", {"C"}),
        ("a, (b, *c) = 1, (2, 3)\n", {"a", "b", "c"}),
        ("x.y = z[0] = 1\n", set()),
        ("import a.b, c as d\n", {"a", "d"}),
        ("from a import b as c, e\n", {"c", "e"}),
        ("if (n := 1):\n    m = 2\nelse:\n    def g(): q = 1\n", {"n", "m", "g"}),
        ("try:\n    import a\nexcept E as error:\n    a = None\n", {"a", "error"}),
        ("for i in x:\n    pass\nwith y as z:\n    pass\n", {"i", "z"}),
        ("match x:\n    case [a, *b] | {'k': c, **d}: pass\n", {"a", "b", "c", "d"}),
        ("del x\n", {"x"}),
        ("x = [a := b for b in c if (d := b)]\n", {"x", "a", "d"}),
    ],
)
def test_each_statement_knows_the_names_that_it_binds(tmp_path, text, names):
    assert set(module(tmp_path, text).bindings) == names


def test_two_imports_of_one_package_are_one_meaning(tmp_path):
    found = module(tmp_path, "import a.b\nimport a.c\nfrom x import n\nfrom y import n\nk = 1\nk = 2\n")
    assert [name for name in found.bindings if found.rebinds(name)] == ["n", "k"]
