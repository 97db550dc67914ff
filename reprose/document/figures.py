"""The look of all figures, and files whose bytes depend on the figure alone."""

import re
import warnings
from pathlib import Path

import matplotlib
from matplotlib import font_manager, pyplot
from matplotlib.figure import Figure

from reprose.code.programs import FONTS, pagella

FAMILY = "TeX Gyre Pagella"


def apply_style(style: Path, folders: tuple[Path, ...] = FONTS) -> str:
    """Apply the style file, with the handout's text font where it is installed; return the font's family."""
    matplotlib.use("Agg")
    pyplot.style.use(["default", Path(style)])
    files = pagella(folders)
    for path in files:
        font_manager.fontManager.addfont(path)
    if files:
        matplotlib.rcParams.update(_family(FAMILY))
        return FAMILY
    print("figures: TeX Gyre Pagella not found (Debian package fonts-texgyre); DejaVu Serif instead", flush=True)
    matplotlib.rcParams.update({"font.family": "DejaVu Serif", "mathtext.fontset": "dejavuserif"})
    return "DejaVu Serif"


def save(figure: Figure, path: Path) -> list[str]:
    """Write `figure` to a .pdf or .svg file without a time stamp, at its size in inches, and close it.

    Return the codes of the characters that its font lacks, which are drawn as boxes.
    """
    kind = Path(path).suffix[1:]
    stamp = {"pdf": {"CreationDate": None}, "svg": {"Date": None}}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        figure.savefig(path, format=kind, metadata=stamp[kind])
    pyplot.close(figure)
    lacking = set()
    for told in caught:
        if found := re.match(r"Glyph (\d+) .*missing from", str(told.message)):
            lacking.add(f"U+{int(found[1]):04X}")
        else:
            warnings.warn_explicit(told.message, told.category, told.filename, told.lineno)
    return sorted(lacking)


def _family(name: str) -> dict[str, str]:
    return {
        "font.family": name,
        "mathtext.fontset": "custom",
        "mathtext.rm": name,
        "mathtext.it": f"{name}:italic",
        "mathtext.bf": f"{name}:bold",
        "mathtext.cal": name,
        "mathtext.tt": "DejaVu Sans Mono",
        "mathtext.sf": "DejaVu Sans",
    }
