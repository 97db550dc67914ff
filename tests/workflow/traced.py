"""Stands before every step of a traced build: runs it under the tracer, in the environment in which steps start."""

import os
import sys
from pathlib import Path

TRACER = os.environ["REPROSE_TEST_TRACER"]
# The tracer has no file, or a library that reads the source of whatever calls it (as torch does) would open one.
BEGIN = f"""
import sys
sys.argv[0], sys.path[0] = {TRACER!r}, {str(Path(TRACER).parent)!r}
exec(compile(open({TRACER!r}).read(), "<tracer>", "exec"))
"""
# Without these a step starts itself anew, untraced, or is handed to a server.
START = {"PYTHONHASHSEED": "0", "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1", "REPROSE_FORKSERVER": ""}

out = Path("traces", Path(sys.argv[2]).name)
out.parent.mkdir(exist_ok=True)
kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
command = [sys.executable, "-c", BEGIN, str(out), os.getcwd(), "reprose.steps", *sys.argv[1:]]
os.execve(sys.executable, command, {**kept, **START})
