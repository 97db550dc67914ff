"""What a result depends on beside Python: the versions of TeX and pandoc, and the font files of figures."""

import shutil
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

from reprose.base.canonical import file_digest

COMMANDS: Mapping[str, Sequence[str]] = {
    "tex": ("pdflatex", "--version"),
    "pandoc": ("pandoc", "--version"),
    "poppler": ("pdftocairo", "-v"),
}
FONTS = (  # where the Debian package fonts-texgyre and TeX Live put them
    Path("/usr/share/texmf/fonts/opentype/public/tex-gyre"),
    Path("/usr/share/fonts/opentype/tex-gyre"),
    Path("/usr/share/texlive/texmf-dist/fonts/opentype/public/tex-gyre"),
    Path("/usr/share/fonts"),
)
STEM = "texgyrepagella-"
ABSENT = "absent"


def program_versions(names: Iterable[str]) -> dict[str, str]:
    """Return what each of some programs says of its version."""
    return {name: _version(COMMANDS[name]) for name in names}


@cache
def _version(command: Sequence[str]) -> str:
    if not shutil.which(command[0]):
        return ABSENT
    done = subprocess.run(list(command), capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    return ((done.stdout or done.stderr).splitlines() or [ABSENT])[0].strip()


def pagella(folders: tuple[Path, ...] = FONTS) -> list[Path]:
    """Return the files of TeX Gyre Pagella in the first of `folders` that holds them, sorted; empty where none does."""
    for folder in folders:
        files = sorted(folder.rglob(f"{STEM}*.otf")) if folder.is_dir() else []
        if files:
            return files
    return []


@cache
def font_digests() -> dict[str, str]:
    """Return the SHA-256 of each font file that figures are drawn with; empty where the font is not installed."""
    return {path.name: file_digest(path) for path in pagella()}
