"""The project that a command works on: the folder with config.yaml and Snakefile, at or above where it is called."""

from pathlib import Path

from reprose.base.errors import ReproseError

MARKS = ("config.yaml", "Snakefile")


def find_project(start: Path) -> Path:
    """Return the folder of the project that `start` lies in."""
    for folder in (start, *start.parents):
        if all((folder / name).is_file() for name in MARKS):
            return folder
    raise ReproseError(
        f"{start}: no project here: neither this folder nor one above it has {' and '.join(MARKS)}. Go to a project's"
        " folder, or begin one: reprose new my_report"
    )


def conda_environment(project: Path) -> str | None:
    """Return the project's file environment.yml, which Snakemake makes a conda environment of, where there is one.

    In its path, braces are doubled, for Snakemake to take them for themselves and not for wildcards.
    """
    file = project.absolute() / "environment.yml"
    return str(file).replace("{", "{{").replace("}", "}}") if file.exists() else None
