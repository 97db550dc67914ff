import os
import subprocess
import sys
from pathlib import Path

import pytest

from reprose.base.package import ENGINE
from reprose.commands import cli


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A folder that counts as a project, with two handouts."""
    for name in ("config.yaml", "Snakefile", "report/handouts/first.tex.j2", "report/handouts/second.tex.j2"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def reprose(*words):
    """Run the command as a person would, outside of any screen."""
    environment = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    return subprocess.run(
        [sys.executable, "-m", "reprose", *words],
        env={**environment, "PYTHONPATH": str(ENGINE.parent)},
        capture_output=True,
        text=True,
    )


def test_what_follows_two_dashes_is_for_snakemake():
    arguments = cli.parsed(["build", "homework4", "--tier", "real", "--", "--cores", "2", "--", "file"])
    assert (arguments.tier, arguments.handouts) == ("real", ["homework4"])
    assert arguments.snakemake == ["--cores", "2", "--", "file"]


def test_handouts_may_stand_before_and_after_options():
    assert cli.parsed(["draft", "--tier", "real", "first", "second"]).handouts == ["first", "second"]
    assert cli.parsed(["build", "first", "--profile", "slurm"]).profile == "slurm"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["plan", "--", "--cores", "2"], "'plan' starts no Snakemake that could take -- --cores 2"),
        (["build", "--", "--configfile", "other.yaml"], "--configfile: numbers are made with what config.yaml says"),
        (["draft", "--", "--cores", "2", "-C", "compute={}"], "-C: numbers are made with what config.yaml says"),
        (["build", "--tier", "large"], "invalid choice: 'large' (choose from"),
        (["bild"], "invalid choice: 'bild' (choose from 'new', 'build'"),
        (["build", "--cores", "2"], "unrecognized arguments: --cores"),
    ],
)
def test_words_that_mean_nothing_are_told(words, told, capsys):
    with pytest.raises(SystemExit) as ended:
        cli.parsed(words)
    assert ended.value.code == 2
    assert told in capsys.readouterr().err


def test_the_command_works_from_a_folder_inside_the_project(project, monkeypatch):
    monkeypatch.chdir(project / "report/handouts")
    assert f"{project}/results/sample/handouts: no handout is built yet" in reprose("open").stderr


def test_outside_of_a_project_it_says_what_makes_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = reprose("build")
    assert done.returncode == 1
    assert f"{tmp_path}: no project here: neither this folder nor one above it has config.yaml and Snakefile" in (
        done.stderr
    )


def test_a_project_with_an_engine_of_its_own_is_built_by_that(project):
    own = project / "reprose"
    own.mkdir()
    (own / "__init__.py").touch()
    (own / "__main__.py").write_text("import sys\nprint('own engine', *sys.argv[1:])\n")
    outside = "import sys; from reprose.commands.cli import main; sys.argv[1:] = ['build', '--', '-n']; main()"
    done = subprocess.run(
        [sys.executable, "-P", "-c", outside],
        env={**os.environ, "PYTHONPATH": str(ENGINE.parent)},
        capture_output=True,
        text=True,
    )
    assert done.stdout == "own engine build -- -n\n", done.stderr


def test_opening_without_a_screen_prints_where_the_handouts_are(project):
    for name in ("first.pdf", "first.html"):
        path = project / "results/sample/handouts" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    assert reprose("open").stdout == "results/sample/handouts/first.pdf\n"
    assert reprose("open", "first", "--web").stdout == "results/sample/handouts/first.html\n"


def test_a_terminal_of_another_encoding_shows_what_it_lacks_as_codes(project):
    lines = [
        "import sys",
        "from reprose.commands import cli, open",
        "open.run = lambda arguments: print('\u4e2d \u2501')",
    ]
    command = [sys.executable, "-c", "; ".join([*lines, "sys.argv[1:] = ['open']", "cli.main()"])]
    variables = {**os.environ, "PYTHONPATH": str(ENGINE.parent), "PYTHONIOENCODING": "latin-1"}
    done = subprocess.run(command, env=variables, capture_output=True, text=True)
    assert done.stdout == "\\u4e2d \\u2501\n", done.stderr


def test_opening_calls_the_program_of_the_desktop(project, monkeypatch, capsys):
    from reprose.commands import open as opening

    path = project / "results/real/handouts/second.pdf"
    path.parent.mkdir(parents=True)
    path.touch()
    program = project / "xdg-open"
    program.write_text(f'#!/bin/sh\necho "$@" > {project}/opened\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(project), prepend=os.pathsep)
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(sys, "platform", "linux")
    assert opening.run(cli.parsed(["open", "--tier", "real"])) == 0
    assert (project / "opened").read_text() == "results/real/handouts/second.pdf\n"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["open", "third"], "no handout 'third'. There are: first, second."),
        (["open", "first"], "first is not built yet. Run 'reprose build --tier sample first'."),
        (["open", "--tier", "real"], "no handout is built yet. Run 'reprose build --tier real'."),
    ],
)
def test_what_cannot_be_opened_is_told(project, words, told):
    done = reprose(*words)
    assert done.returncode == 1
    assert told in done.stderr


def test_the_description_of_each_command_fits_a_line():
    for name, text in cli.COMMANDS.items():
        assert len(f"    {name:<10}{text}") <= 100
        assert Path(ENGINE, "commands", f"{name}.py").exists()
