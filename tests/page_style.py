"""The folder of style files that a handout of this project is typeset with."""

import shutil
from pathlib import Path

from reprose.base.package import ENGINE

OWN = Path(__file__).resolve().parents[1] / "report/style"


def gather_styles(folder: Path) -> Path:
    """Copy the engine's style files and this project's references into `folder`, and return it."""
    shutil.copytree(ENGINE / "document/style", folder)
    shutil.copy(OWN / "references.bib", folder)
    return folder
