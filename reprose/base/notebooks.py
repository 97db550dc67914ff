"""Notebooks that stand for modules: figures and numbers may be made by a `.ipynb`, whose exported cells are the text.

A cell is exported if its first line is `#| export`, as nbdev has it. The others, and what the notebook shows, are for
who tries things in it; nothing depends on them.
"""

import json
import re
from pathlib import Path

from reprose.base.errors import ReproseError

SUFFIX = ".ipynb"
STAGES = ("figures", "summary")  # modules of a problem that may be notebooks
EXPORT = re.compile(r"\s*#\|\s*export\s*(?:\n|$)")


def module_file(place: Path) -> Path | None:
    """Return the file of a module, whose path is given without its end; None where there is none."""
    found = [path for path in (Path(f"{place}.py"), Path(f"{place}{SUFFIX}"), place / "__init__.py") if is_module(path)]
    return found[0] if found else None


def is_module(path: Path) -> bool:
    """Return whether a file is a module: one of Python, or a notebook that stands for one, alone, with such cells."""
    if path.suffix != SUFFIX:
        return path.suffix == ".py" and path.is_file()
    if path.stem not in STAGES or not path.is_file() or not module_text(path):
        return False
    if (other := path.with_suffix(".py")).is_file():
        raise ReproseError(f"{path}: {other.name} is there, too, and only one can be the module. Delete one of them.")
    return True


def module_text(path: Path) -> bytes:
    """Return the text of the module that a file holds."""
    content = path.read_bytes()
    if path.suffix != SUFFIX:
        return content
    try:
        cells = [cell for cell in json.loads(content)["cells"] if cell["cell_type"] == "code"]
        texts = ["".join(cell["source"]) for cell in cells]
    except (ValueError, TypeError, KeyError) as error:
        raise ReproseError(f"{path}: not readable as a notebook ({type(error).__name__}: {error}).") from error
    return "\n\n".join(text.rstrip("\n") + "\n" for text in texts if EXPORT.match(text)).encode()
