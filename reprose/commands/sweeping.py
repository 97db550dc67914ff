"""The leftovers of killed steps."""

import shutil
from collections.abc import Iterable
from pathlib import Path


def sweep_temporary(folders: Iterable[Path]) -> None:
    """Delete what killed steps left under temporary names."""
    for folder in folders:
        for path in list(folder.rglob(".new.*")):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
