"""Where the engine's own files lie: in an installed package, or in the repository that holds it."""

from pathlib import Path

ENGINE = Path(__file__).resolve().parents[1]  # the folder of this package


def engine_file(name: str) -> Path:
    """Return a file or folder of the engine beside its modules, such as "workflow/rules"."""
    packed = ENGINE / name
    return packed if packed.exists() else ENGINE.parent / name
