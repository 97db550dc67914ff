"""A copy of this project with a toy problem in place of its own, which tests edit and build."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOY = Path(__file__).parent / "toy"
HANGS = 1800  # seconds after which a build is taken to hang, on a machine as slow and as busy as may be
ENGINE = ("Snakefile", "environment.yml", "workflow", "profiles", "reprose")
WITHOUT = shutil.ignore_patterns("__pycache__")
MADE = ("data", "results")
APART = {".stale", "checkpoints", "drafts"}  # folders of what no build promises to make again


@dataclass
class Build:
    """What one build said and did."""

    code: int
    text: str
    ran: set[str]  # records of the jobs that ran, without results/{tier}/

    def rules(self) -> set[str]:
        """Return the kinds of job that ran, by the last folder of their record."""
        return {record.split("/")[-2] for record in self.ran}


class Project:
    """One copy of the project in a folder of its own, and the shell from which it is built: Python, variables."""

    def __init__(
        self, folder: Path, python: Path | str = sys.executable, variables: Mapping[str, str] | None = None
    ) -> None:
        self.folder = folder
        self.python = str(python)
        self.variables = dict(variables or {})

    def build(self, *options: str, tier: str = "sample", check: bool = True) -> Build:
        """Run the front door."""
        return self.run(self.reprose("build", "--tier", tier, "--", "--cores", "2", *options), check)

    def snakemake(self, *options: str, check: bool = True) -> Build:
        """Run bare Snakemake."""
        return self.run([self.python, "-m", "snakemake", "--cores", "2", *options], check)

    def reprose(self, *words: str) -> list[str]:
        """Return the words of a command of the engine."""
        return [self.python, "-m", "reprose", *words]

    def run(self, command: list[str], check: bool = True, **environment: str) -> Build:
        """Run a command in the project's folder and tell which jobs ran meanwhile."""
        before, begun = self.stamps(), time.time_ns()
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment(**environment), capture_output=True, text=True, timeout=HANGS
        )
        text = done.stdout + done.stderr
        assert not check or done.returncode == 0, text
        after = self.stamps()
        return Build(done.returncode, text, {name for name in after if begun < after[name] != before.get(name)})

    def start(self, *options: str) -> subprocess.Popen:
        """Start the front door and return without waiting, in a process group of its own."""
        return self._start(self.reprose("build", "--", "--cores", "2", *options))

    def start_snakemake(self, *options: str) -> subprocess.Popen:
        """Start bare Snakemake likewise."""
        return self._start([self.python, "-m", "snakemake", "--cores", "2", *options])

    def _start(self, command: list[str]) -> subprocess.Popen:
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        return subprocess.Popen(command, cwd=self.folder, env=self.environment(), start_new_session=True, **pipes)

    def environment(self, **more: str) -> dict[str, str]:
        """Return the environment of a shell in which the project's own environment is active."""
        path = f"{Path(self.python).parent}{os.pathsep}{os.environ['PATH']}"
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("REPROSE_", "PYTHON"))}
        return {**kept, "PATH": path, **self.variables, **more}

    def stamps(self) -> dict[str, int]:
        """Return when each job last ran: the time stamps of the run records."""
        found = [*self.folder.glob("results/**/*run.json"), *self.folder.glob("data/**/*run.json")]
        paths = [path for path in found if ".stale" not in path.parts]
        return {str(path.relative_to(self.folder)): path.stat().st_mtime_ns for path in paths}

    def edit(self, file: str, old: str, new: str) -> None:
        """Replace `old`, which must occur, in one of the project's files."""
        path = self.folder / file
        text = path.read_text()
        assert old in text, f"{old!r} is not in {file}"
        path.write_text(text.replace(old, new))

    def read(self, file: str) -> bytes:
        """Return the bytes of one of the project's files."""
        return (self.folder / file).read_bytes()

    def made(self) -> dict[str, bytes]:
        """Return all that a build made and promises to make again, byte for byte; leftovers are an error."""
        found = [path for name in MADE for path in self.folder.glob(f"{name}/**/*") if path.is_file()]
        kept = [path for path in found if not APART & {*path.parts} and not path.name.endswith("run.json")]
        assert not [path for path in kept if path.name.startswith(".new.") or path.name.endswith(".part")]
        return {str(path.relative_to(self.folder)): path.read_bytes() for path in kept}

    def copy(self, folder: Path) -> "Project":
        """Return a copy of this project, with all that was built."""
        shutil.copytree(self.folder, folder, symlinks=True)
        return Project(folder, self.python, self.variables)


def make_bare(folder: Path, files: Mapping[str, str]) -> Project:
    """Return a fresh project in `folder` that holds the engine and `files`, path -> text, only."""
    for name in ENGINE:
        source, target = ROOT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(source, target, ignore=WITHOUT) if source.is_dir() else shutil.copy(source, target)
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return Project(folder)


def make_toy(folder: Path) -> Project:
    """Return a fresh project in `folder` that holds the engine and the toy problem only."""
    project = make_bare(folder, {})
    for package in ("scripts", "scripts/datasets", "scripts/problems"):
        (folder / package).mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / package / "__init__.py", folder / package)
    shutil.copytree(TOY, folder, dirs_exist_ok=True, ignore=WITHOUT)
    return project


def make_copy(folder: Path) -> Project:
    """Return a fresh copy of the project itself, as a clone would be."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    return Project(folder)
