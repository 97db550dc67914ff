import json
import subprocess
import sys
from pathlib import Path

import pytest

from reprose.code.fingerprint import fingerprint
from toy_code import at, write

TRACER = Path(__file__).with_name("trace_step.py")
FILES = {
    "pkg/tools.py": """\
def used(x): return x
def inner(x): return [used(y) for y in x]
class Base:
    def method(self): return inner([1])
class Heir(Base):
    def other(self): ...
""",
    "main.py": """\
import sys, threading
from pkg.tools import used, Heir
CALL = lambda x: used(x)
EARLY = tuple(x for x in range(3))
class Unused:
    table = [[y for y in range(x)] for x in range(3)]
    def method(self): ...
def main():
    worker = threading.Thread(target=work)
    worker.start()
    worker.join()
    Heir().method()
    sys.exit(CALL(int(sys.argv[1])))
def work(): return [f() for f in [lambda: 1]]
def never(): ...
if __name__ == "__main__":
    def late(): main()
    late()
""",
}


@pytest.fixture
def traced(tmp_path):
    """Return the root of the toy, what its script executed, and its exit status."""
    root = write(tmp_path, FILES)
    run = subprocess.run([sys.executable, TRACER, tmp_path / "out.json", root, root / "main.py", "3"], check=False)
    return root, json.loads((tmp_path / "out.json").read_text())["definitions"], run.returncode


def test_a_trace_lists_what_was_called_in_every_thread(traced):
    _, executed, status = traced
    expected = [
        "main:CALL",
        "main:late",
        "main:main",
        "main:work",
        "pkg.tools:Base",
        "pkg.tools:inner",
        "pkg.tools:used",
    ]
    assert executed == expected
    assert status == 3


def test_everything_executed_is_in_the_fingerprint(traced):
    root, executed, _ = traced
    assert set(executed) <= fingerprint(["main:main"], at(root)).definitions.keys()


def test_a_trace_lists_what_was_opened_and_listed(tmp_path):
    for name in ("read", "changed", "written", "added"):
        (tmp_path / name).write_text(name)
    opens = ["os.close(os.open('read', os.O_RDONLY))", "open('changed', 'r+')", "open('written', 'w')"]
    opens += ["open('added', 'a')", "os.listdir('folder')"]
    (tmp_path / "program.py").write_text("\n".join(["import os", *opens]))
    (tmp_path / "folder").mkdir()
    command = [sys.executable, TRACER, tmp_path / "out.json", tmp_path, tmp_path / "program.py"]
    subprocess.run(command, cwd=tmp_path, check=True)
    found = json.loads((tmp_path / "out.json").read_text())
    named = {name for name in ("read", "changed", "written", "added") if str(tmp_path / name) in found["opened"]}
    assert named == {"read", "changed"}
    assert str(tmp_path / "folder") in found["listed"]
