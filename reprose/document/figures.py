"""The look of all figures, and files whose bytes depend on the figure alone."""

import re
import warnings
from io import BytesIO
from pathlib import Path

import matplotlib
import pikepdf
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont, newTable
from matplotlib import font_manager, pyplot
from matplotlib.figure import Figure

from reprose.code.programs import FONTS, pagella

FAMILY = "TeX Gyre Pagella"
UNUSED = (  # by a font without instructions
    *("maxTwilightPoints", "maxStorage", "maxFunctionDefs", "maxInstructionDefs", "maxStackElements"),
    *("maxSizeOfInstructions", "maxComponentElements", "maxComponentDepth"),
    *("maxPoints", "maxContours", "maxCompositePoints", "maxCompositeContours"),
)


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
    path = Path(path)
    kind = path.suffix[1:]
    stamp = {"pdf": {"CreationDate": None}, "svg": {"Date": None}}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        figure.savefig(path, format=kind, metadata=stamp[kind])
    pyplot.close(figure)
    if kind == "pdf":
        path.write_bytes(with_true_fonts(path.read_bytes()))
    lacking = set()
    for told in caught:
        if found := re.match(r"Glyph (\d+) .*missing from", str(told.message)):
            lacking.add(f"U+{int(found[1]):04X}")
        else:
            warnings.warn_explicit(told.message, told.category, told.filename, told.lineno)
    return sorted(lacking)


def with_true_fonts(pdf: bytes) -> bytes:
    """Return `pdf` in which fonts are what they are called.

    Matplotlib embeds an OpenType font with PostScript outlines, such as Pagella, as if it were TrueType, which some
    viewers and printers refuse.
    """
    with pikepdf.open(BytesIO(pdf)) as document:
        for font in document.objects:
            if isinstance(font, pikepdf.Dictionary) and font.get("/Subtype") == "/CIDFontType2":
                program = font.FontDescriptor.FontFile2.read_bytes()
                if program.startswith(b"OTTO"):
                    font.FontDescriptor.FontFile2.write(truetype(program))
        buffer = BytesIO()
        document.save(buffer, deterministic_id=True)
        return buffer.getvalue()


def truetype(program: bytes) -> bytes:
    """Return an OpenType font with its outlines in the form of TrueType, to a thousandth of its size."""
    font = TTFont(BytesIO(program), recalcTimestamp=False)
    glyphs, made = font.getGlyphSet(), {}
    for name in font.getGlyphOrder():
        pen = TTGlyphPen(glyphs)
        glyphs[name].draw(Cu2QuPen(pen, max_err=font["head"].unitsPerEm / 1000, reverse_direction=True))
        made[name] = pen.glyph()
    del font["CFF "]
    font["loca"], font["glyf"] = newTable("loca"), newTable("glyf")
    font["glyf"].glyphOrder, font["glyf"].glyphs = font.getGlyphOrder(), made
    font["maxp"].tableVersion = 0x00010000
    vars(font["maxp"]).update(dict.fromkeys(UNUSED, 0), maxZones=1)
    font["post"].formatType = 3.0  # without the names of glyphs
    font.sfntVersion = "\0\1\0\0"
    buffer = BytesIO()
    font.save(buffer)
    return buffer.getvalue()


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
