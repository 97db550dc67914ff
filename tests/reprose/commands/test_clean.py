import fcntl
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from reprose.base.errors import ReproseError
from reprose.commands import clean
from reprose.commands.comparison import earlier

MADE = ("data/sample/line/manifest.json", "data/real/set/raw.bin", "results/sample/views/thirds/train.npz")
MADE += ("logs/sample/snakemake.log", "logs/slurm/train/1.log", "benchmarks/real/train.tsv", ".snakemake/metadata/a")
MADE += (".reprose/jobs/b.json",)
OWN = ("config.yaml", "scripts/datasets/line.py", "data/notes.txt", "results/old.pdf")


ALL = SimpleNamespace(leftovers=False)


@pytest.fixture(autouse=True)
def project(tmp_path, monkeypatch):
    """A project with all that builds make, and files of a person's own among it."""
    monkeypatch.chdir(tmp_path)
    for name in MADE + OWN:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"1234567890" * 100)
    return tmp_path


def left(project):
    """Return the files of the project."""
    return {str(path.relative_to(project)) for path in project.rglob("*") if not path.is_dir()}


def test_what_builds_made_is_deleted_and_nothing_else(project, capsys):
    assert clean.run(ALL) == 0
    assert left(project) == set(OWN)
    assert not (project / "logs").exists()
    assert not (project / ".reprose").exists()
    said = capsys.readouterr().out.splitlines()
    assert "deleted data/real  1.0 kB" in said
    assert len(said) == 8
    assert clean.run(ALL) == 0
    assert capsys.readouterr().out == "nothing to delete\n"
    assert left(project) == set(OWN)


def test_nothing_is_deleted_while_a_build_runs(project):
    hold = "import sys; from reprose.jobs.locks import hold_build; hold_build(); print('held', flush=True); input()"
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", hold], env={"PYTHONPATH": ":".join(sys.path)}, **pipes) as build:
        assert build.stdout.readline() == "held\n"
        with pytest.raises(ReproseError, match=r"another build \(process \d+\) is running"):
            clean.run(ALL)
        assert left(project) >= {*MADE, *OWN}
        build.communicate("\n")


def test_nothing_is_deleted_while_a_comparison_builds_an_earlier_commit(project):
    with open(earlier.LOCK, "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(ReproseError, match="'reprose diff' builds a commit"):
            clean.run(ALL)
    assert left(project) >= {*MADE, *OWN}


def test_of_a_folder_on_another_disk_only_the_link_is_deleted(project, tmp_path_factory, capsys):
    other = tmp_path_factory.mktemp("disk")
    (other / "large.bin").write_bytes(b"12")
    (project / "results/real").symlink_to(other)
    clean.run(ALL)
    assert not (project / "results/real").is_symlink()
    assert (other / "large.bin").exists()


def test_of_leftovers_nothing_stays_but_what_a_person_put_there(project, monkeypatch, capsys):
    old = project / "results/sample/toy/old/weights.npz"
    old.parent.mkdir(parents=True)
    old.write_bytes(b"12")
    monkeypatch.setattr(clean.reading, "load", lambda path: {})
    monkeypatch.setattr(clean, "load_jobs", lambda config, root: {"sample": None})
    files = {"toy/old/choose": [old.relative_to(project)], "gone": [Path("results/old.pdf")]}
    monkeypatch.setattr(clean, "leftovers", lambda jobs: files)
    clean.run(SimpleNamespace(leftovers=True))
    assert left(project) >= {*MADE, *OWN} - {"results/old.pdf"}
    assert not (project / "results/sample/toy").exists()
    assert "deleted toy/old/choose (sample)  2 bytes\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("number", "told"), [(0, "0 bytes"), (999, "999 bytes"), (1000, "1.0 kB"), (2.5e9, "2.5 GB"), (4e15, "4000.0 TB")]
)
def test_sizes_are_told_in_units_of_a_thousand(number, told):
    assert clean.shown(number) == told
