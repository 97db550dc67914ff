"""Where the engine's own files lie: packed beside its modules in a wheel, or in the repository that holds it."""

from pathlib import Path

VERSION = "0.1.0"
ENGINE = Path(__file__).resolve().parents[1]  # the folder of this package
STARTER = ENGINE / "starter"  # the project that `reprose new` writes


def engine_file(name: str) -> Path:
    """Return a file or folder of the engine beside its modules: "workflow/...", "profiles/...", "Snakefile"."""
    packed = ENGINE / name
    return packed if packed.exists() else ENGINE.parent / name


def rules(name: str) -> str:
    """Return the rules that the project's Snakefile includes: its own workflow/rules/`name`, or else the engine's."""
    own = Path("workflow/rules", name).absolute()
    return str(own if own.exists() else engine_file(f"workflow/rules/{name}"))
