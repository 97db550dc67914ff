import json
import os
import subprocess
import sys
import time

import pytest

from reprose.base.errors import ReproseError
from reprose.base.package import ENGINE
from reprose.code.fingerprint import fingerprint
from toy_code import at, digest_moves, taken, write


@pytest.mark.parametrize(
    "main, docs",
    [
        ("def main(): return f.__doc__", "f"),
        ("import m\ndef main(): return m.f.__doc__", "f"),
        ("import m\ndef main(): return m.__doc__", "module"),
        ("def main(x=f): return x.__doc__", "f"),
        ("import inspect\ndef main(): return inspect.getdoc(f)", "f"),
        ("def main(): return f()", ""),
        ("import m\ndef main(): return m.f()", ""),
    ],
)
def test_docstrings_count_where_they_are_read(tmp_path, main, docs):
    files = {"m.py": '"""About module."""\ndef f():\n    """About f."""\n', "main.py": f"from m import f\n{main}\n"}
    moved = {name for name in ("module", "f") if digest_moves(tmp_path, files, "m.py", f"About {name}", "Of")}
    assert moved == ({docs} if docs else set())


def test_a_script_that_prints_its_own_docstring_keeps_it(tmp_path):
    files = {"main.py": '"""Usage."""\ndef main(): return __doc__\n'}
    assert digest_moves(tmp_path, files, "main.py", "Usage", "Use")


@pytest.mark.parametrize(
    "entry, message",
    [
        ("nowhere:main", r"entry point 'nowhere:main': no module 'nowhere' in .*/0\."),
        ("main:mian", r"main\.py: entry point 'main:mian': no 'mian' in module 'main'. There are: json, main\."),
        ("main", r"no '' in module 'main'"),
    ],
)
def test_an_unknown_entry_point_is_an_error_that_lists_what_exists(tmp_path, entry, message):
    with pytest.raises(ReproseError, match=message):
        taken(tmp_path, {"main.py": "import json\ndef main(): ...\n"}, entry)


NET = "from problems.x.model import net\n"
PROBLEM = {
    "train.py": "from engine import loss\ndef main(): return loss\n",
    "engine.py": "def loss(x): return x + 1\ndef plot(x): return x + 2\n",
    "problems/x/train.py": NET + "from engine import loss\ndef train(): return loss(net)\n",
    "problems/x/model.py": "def net(): return 3\ndef unused(): return 4\n",
    "problems/x/figures.py": NET + "from engine import plot\ndef draw(): return plot(net) + 5\n",
}


@pytest.mark.parametrize(
    "name, old, new, moved",
    [
        ("problems/x/figures.py", "+ 5", "+ 6", ["figures:draw"]),
        ("engine.py", "x + 2", "x - 2", ["figures:draw"]),
        ("engine.py", "x + 1", "x - 1", ["train:train"]),
        ("problems/x/model.py", "return 3", "return 4", ["train:train", "figures:draw"]),
        ("problems/x/model.py", "return 4", "return 5", []),
        ("problems/x/train.py", "def train", "# A comment.\n\n\ndef train", []),
    ],
)
def test_an_edit_moves_only_the_steps_that_reach_it(tmp_path, name, old, new, moved):
    entries = {stage: f"problems.x.{stage}" for stage in ("train:train", "figures:draw")}
    found = [stage for stage, entry in entries.items() if digest_moves(tmp_path, PROBLEM, name, old, new, entry)]
    assert found == moved


def test_a_fingerprint_tells_definitions_packages_and_files(tmp_path):
    text = "import json\nimport numpy as np\nimport torch.nn.functional as F\n"
    made = taken(tmp_path, {"main.py": text + "def main(): return np.sum(json)\ndef other(): return F.relu\n"})
    assert set(made.definitions) == {"main:main", "main:np", "main:json"}
    assert all(len(digits) == 12 for digits in made.definitions.values())
    assert made.packages == ("numpy",)
    assert made.files == {"main": str(tmp_path / "0/main.py")}


def test_files_are_those_of_all_modules_that_a_program_imports(tmp_path):
    files = {
        "main.py": "import a.b.c\nfrom d import e\nif e.X:\n    import f\ndef main():\n    from g import h\n",
        "a/__init__.py": "",
        "a/b/c.py": "# nothing\n",
        "d/e.py": "X = 1\n",
        "g.py": "h = 1\n",
        **dict.fromkeys(["d/__init__.py", "d/never.py", "f.py", "never.py"], ""),
    }
    made = taken(tmp_path, files)
    code = (
        "import json, sys, main; main.main();"
        " print(json.dumps({name: getattr(module, '__file__', None) for name, module in sys.modules.items()}))"
    )
    command = [sys.executable, "-B", "-c", code]
    run = subprocess.run(command, cwd=tmp_path / "0", capture_output=True, check=True, text=True)
    imported = {name: file for name, file in json.loads(run.stdout).items() if str(file).startswith(str(tmp_path))}
    assert made.files == imported
    assert set(imported) == {"main", "a", "a.b.c", "d", "d.e", "f", "g"}


def test_several_entries_are_taken_together_in_any_order(tmp_path):
    root = at(write(tmp_path, PROBLEM))
    entries = ["train:main", "problems.x.train:train", "problems.x.figures:draw"]
    made = fingerprint(entries, root)
    assert made == fingerprint(entries[::-1], root)
    assert {"train:main", "problems.x.figures:draw", "engine:loss", "engine:plot"} <= set(made.definitions)


def test_a_change_of_a_file_is_seen_by_the_same_process(tmp_path):
    before = fingerprint(["m:f"], at(write(tmp_path, {"m.py": "def f(): return 1\n"})))
    write(tmp_path, {"m.py": "def f(): return 2\n"})
    os.utime(tmp_path / "m.py", ns=(1, 1))
    assert fingerprint(["m:f"], at(tmp_path)).digest != before.digest


def test_the_digest_does_not_depend_on_the_folder_or_the_process(tmp_path):
    folder = write(tmp_path / "elsewhere", PROBLEM)
    code = (
        "import pathlib, sys; from reprose.code.fingerprint import fingerprint;"
        " print(fingerprint(sys.argv[2:], (('', pathlib.Path(sys.argv[1])),)).digest)"
    )
    command = [sys.executable, "-c", code, str(folder), "problems.x.train:train"]
    run = subprocess.run(command, env={"PYTHONPATH": str(ENGINE.parent)}, capture_output=True, check=True, text=True)
    assert run.stdout.strip() == taken(tmp_path, PROBLEM, "problems.x.train:train").digest


def test_sixty_fingerprints_of_fifty_files_take_well_under_a_second(tmp_path):
    function = "def f{0}(a, b=1):\n    c = [a + b for _ in range({0})]\n    return c[0] * f{1}(a)\n\n"
    body = "".join(function.format(i + 1, i) for i in range(37))
    head = "from m{} import f37 as f0\n"
    root = at(write(tmp_path, {f"m{n}.py": head.format(max(n - 1, 0)) + body for n in range(50)}))
    started = time.process_time()
    made = [fingerprint([f"m{n}:f37", "m0:f1"], root) for n in range(50)] + [
        fingerprint([f"m49:f{n}"], root) for n in range(10)
    ]
    assert time.process_time() - started < 3  # 0.3 s on an idle machine
    assert len(made[49].definitions) == 50 * 38 and len(made) == 60
