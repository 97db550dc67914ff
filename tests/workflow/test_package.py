"""The wheel, installed into an environment of its own far from this repository, builds projects of one's own."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from dataclasses import dataclass
from pathlib import Path

import pytest

from reprose.commands.new import starter_files
from workflow.project import ROOT, TOY, Project

NAMES = {"toy": "slope", "Toy": "Slope", "thirds": "parts", "line.csv": "points.csv", "A line": "A slope"}


@dataclass
class Installed:
    """An environment with the engine in it, but for that only what the tests' own environment has."""

    folder: Path

    @property
    def engine(self) -> Path:
        (found,) = self.folder.glob("lib/python*/site-packages/reprose")
        return found

    def example(self, folder: Path) -> Project:
        """Return the toy project, copied to `folder` without an engine of its own."""
        shutil.copytree(TOY, folder, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "Snakefile", folder)
        return self.project(folder)

    def project(self, folder: Path) -> Project:
        """Return the project in `folder`, in a shell where this environment is active."""
        return Project(folder, self.folder / "bin/python", {"PYTHONPATH": "", "VIRTUAL_ENV": str(self.folder)})

    def command(self, *words: str) -> list[str]:
        return [str(self.folder / "bin/reprose"), *words]

    def edit(self, file: str, old: str, new: str) -> None:
        """Replace `old`, which must occur, in a file of the engine."""
        path = self.engine / file
        text = path.read_text()
        assert old in text, f"{old!r} is not in {file}"
        path.write_text(text.replace(old, new))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel of this working tree."""
    return wheel_of(ROOT, tmp_path_factory.mktemp("wheel"))


def wheel_of(root, folder):
    call(sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder), cwd=root)
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def pristine(wheel, tmp_path_factory):
    """The example, built by an installed engine that no test changes."""
    installed = install(wheel, tmp_path_factory.mktemp("pristine"))
    project = installed.example(tmp_path_factory.mktemp("own") / "project")
    project.run(installed.command("build", "--", "--cores", "2"))
    return installed, project


def install(wheel, folder):
    """Install the wheel as a person would, into an environment that finds all other packages where they are."""
    venv.create(folder / "env", with_pip=False, symlinks=True)
    python = folder / "env/bin/python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check", "--quiet", "install"]
    call(*pip, "--no-deps", "--no-index", str(wheel))
    installed = Installed(folder / "env")
    (installed.engine.parent / "others.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return installed


def call(*command, cwd=None):
    """Run a command that must succeed, without the variables that lead to this repository; return what it says."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, cwd=cwd, env=kept, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_an_installed_engine_makes_what_the_engine_in_a_project_makes(pristine, built):
    _, project = pristine
    made, expected = project.made(), built.made()
    assert "results/sample/handouts/toy.pdf" in made
    assert made.keys() == expected.keys()
    assert [path for path in made if made[path] != expected[path]] == []


def test_nothing_that_is_built_knows_where_the_engine_lies(pristine):
    installed, project = pristine
    places = [str(installed.folder).encode(), str(project.folder).encode(), str(ROOT).encode()]
    for path in [*project.folder.glob("results/**/*"), *project.folder.glob("data/**/*")]:
        if path.is_file():
            assert not [place for place in places if place in path.read_bytes()], path


def test_a_new_project_is_whole_and_builds_at_once_without_torch(wheel, tmp_path):
    installed = install(wheel, tmp_path)
    (installed.engine.parent / "torch.py").write_text("raise ImportError('torch is not installed here')\n")
    call(*installed.command("new", "demo"), cwd=tmp_path)
    project = installed.project(tmp_path / "demo")
    written = {path.relative_to(project.folder) for path in project.folder.rglob("*") if path.is_file()}
    assert written == {*starter_files(), Path("Snakefile")}
    assert "reprose==0" in project.read("requirements.txt").decode()
    assert project.run(["make", "test"]).text.count("1 passed") == 1
    assert "built: results/real/handouts/report.pdf" in project.run(["make", "report"]).text
    assert "nothing to do" in project.run(["make", "plan"]).text


def test_the_command_works_from_a_folder_inside_the_project(pristine):
    installed, project = pristine
    inside = project.folder / "scripts/problems"
    assert "nothing to do" in call(*installed.command("plan"), cwd=inside)
    assert "up to date: results/sample/handouts/toy.pdf" in call(*installed.command("build"), cwd=inside)


def test_an_upgrade_that_no_step_can_reach_reruns_nothing(wheel, pristine, tmp_path):
    _, project = pristine
    project = project.copy(tmp_path / "project")
    upgraded = install(wheel, tmp_path)
    upgraded.edit("commands/plan.py", "nothing to do", "nothing is left to do")
    upgraded.edit("numbers/intervals.py", '    """Return', '    """As before, return')
    upgraded.edit("training/loop.py", "\n\n\n", "\n\n\n# A comment.\n\n\n")
    project.python = str(upgraded.folder / "bin/python")
    assert "nothing is left to do" in project.run(upgraded.command("plan")).text
    assert project.run(upgraded.command("build")).ran == set()
    assert project.run([project.python, "-m", "snakemake", "--cores", "2"]).ran == set()


def test_an_upgrade_of_what_a_step_reads_reruns_that_step(wheel, pristine, tmp_path):
    _, project = pristine
    project = project.copy(tmp_path / "project")
    upgraded = install(wheel, tmp_path)
    upgraded.edit("document/style/figures.mplstyle", "lines.linewidth", "lines.markersize: 3\nlines.linewidth")
    project.python = str(upgraded.folder / "bin/python")
    said = project.run(upgraded.command("plan")).text
    assert "toy/plot" in said
    assert "train" not in said


def test_a_project_of_forty_commits_ago_is_built_by_the_engine_of_today(wheel, tmp_path):
    archive = subprocess.run(["git", "archive", "HEAD~40"], cwd=ROOT, capture_output=True)
    if archive.returncode:
        pytest.skip("the history of this repository does not reach back forty commits here")
    (tmp_path / "former").mkdir()
    subprocess.run(["tar", "-x", "-C", str(tmp_path / "former")], input=archive.stdout, check=True)
    former = install(wheel_of(tmp_path / "former", tmp_path), tmp_path / "former")
    call(*former.command("new", "demo"), cwd=tmp_path)
    project = former.project(tmp_path / "demo")
    project.run(former.command("build"))
    numbers = numbers_of(project)
    upgraded = install(wheel, tmp_path)
    project = upgraded.project(project.folder)
    assert "report.pdf" in project.run(upgraded.command("build")).text
    assert "nothing to do" in project.run(upgraded.command("plan")).text
    assert numbers_of(project) == numbers


def numbers_of(project):
    """Return the numbers of a project's problems by their keys."""
    files = [path for path in project.folder.glob("results/real/*/numbers/numbers.json") if ".stale" not in path.parts]
    assert files
    found = {path.parts[-3]: json.loads(path.read_text()) for path in files}
    return {(problem, key): item.get("value") for problem, items in found.items() for key, item in items.items()}


def test_a_project_with_names_and_rules_of_its_own_is_built_by_bare_snakemake(pristine, tmp_path):
    installed, _ = pristine
    project = installed.example(tmp_path / "project")
    rename(project.folder)
    with open(project.folder / "Snakefile", "a") as snakefile:
        snakefile.write(
            "\n\nrule count:\n"
            '    input:\n        "results/sample/slope/numbers/numbers.json",\n'
            '    output:\n        "count.txt",\n'
            '    shell:\n        "wc -l < {input} > {output}"\n'
        )
    project.snakemake("count.txt", "results/sample/handouts/slope.pdf")
    assert int(project.read("count.txt")) > 0
    assert b"toy" not in project.read("results/sample/slope/numbers/numbers.json")
    assert project.run(installed.command("build")).ran == set()


def rename(folder):
    """Give the problem, the handout and the view of the example other names."""
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_file() and path.suffix != ".pyc":
            text = path.read_text()
            for old, new in NAMES.items():
                text = text.replace(old, new)
            path.write_text(text)
        path.rename(path.with_name(path.name.replace("toy", "slope")))


def test_rules_and_profiles_of_a_project_win(pristine, tmp_path):
    installed, _ = pristine
    project = installed.example(tmp_path / "project")
    own = project.folder / "workflow/rules/data.smk"
    own.parent.mkdir(parents=True)
    text = (installed.engine / "workflow/rules/data.smk").read_text()
    own.write_text(text.replace("mem_mb=1000", "mem_mb=1234"))
    profile = project.folder / "profiles/default/profile.yaml"
    profile.parent.mkdir(parents=True)
    profile.write_text("cores: 1\nprintshellcmds: true\n")
    said = project.run([project.python, "-m", "snakemake", "-n", "results/sample/views/thirds/train.npz"]).text
    assert "mem_mb=1234" in said
    assert "python -m reprose.steps fetch" in said
