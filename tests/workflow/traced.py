"""Stands before every step of a traced build: runs it under the tracer, in the environment in which steps start."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workflow.project import Project

TRACER = Path(__file__).resolve().parents[1] / "reprose/code/trace_step.py"
# The tracer has no file, or a library that reads the source of whatever calls it (as torch does) would open one.
BEGIN = f"""
import sys
sys.argv[0], sys.path[0] = {str(TRACER)!r}, {str(TRACER.parent)!r}
exec(compile(open({str(TRACER)!r}).read(), "<tracer>", "exec"))
"""
# Without these a step starts itself anew, untraced, or is handed to a server.
START = {"PYTHONHASHSEED": "0", "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1", "REPROSE_FORKSERVER": ""}
CALL = "python -m reprose.steps"


def trace_steps(project: "Project") -> dict[str, str]:
    """Let every step of a project be traced; return the variables that its build needs."""
    for rules in project.folder.glob("workflow/rules/*.smk"):
        rules.write_text(rules.read_text().replace(CALL, f"python {__file__}"))
    marked = project.folder.parent / "marked"
    marked.mkdir()
    return {"REPROSE_TEST_MARKED": str(marked)}


def main() -> None:
    """Become the step that the arguments name, traced."""
    out = Path("traces", Path(sys.argv[2]).name)
    out.parent.mkdir(exist_ok=True)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    command = [sys.executable, "-c", BEGIN, str(out), os.getcwd(), "reprose.steps", *sys.argv[1:]]
    os.execve(sys.executable, command, {**kept, **START})


if __name__ == "__main__":
    main()
