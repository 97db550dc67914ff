"""The style files of pages and figures: the engine's, and those of a project, which has its own or replaces some."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from reprose.base.canonical import file_digest
from reprose.base.package import ENGINE

STYLE = Path("report/style")  # where a project keeps its own style files; one with an engine's name replaces that
ENGINE_STYLE = ENGINE / "document/style"
PAGE_STYLES = ("reprose.sty", "phrases.sty", "webpage.tex", "webpage.lua", "webpage.html", "webpage.css")
OWN_STYLES = (".sty", ".cls", ".bst", ".def", ".cfg")  # of a project, in the folder of its style files
BIBLIOGRAPHY = STYLE / "references.bib"
PUBLISHED = STYLE / "published.yaml"


class Styles(NamedTuple):
    """Style files as a job depends on them: the project's own as inputs, the engine's by their digests."""

    inputs: Mapping[str, list[Path]]
    settings: Mapping[str, Any]


def named(root: Path, names: Iterable[str]) -> Styles:
    """Return the style files of these names."""
    wanted = list(names)
    own = [name for name in wanted if (root / STYLE / name).exists()]
    engine = {name: file_digest(ENGINE_STYLE / name) for name in wanted if name not in own}
    return Styles({"style": [STYLE / name for name in own]}, {"engine_style": engine})


def of_figures(root: Path) -> Styles:
    """Return the style file of figures."""
    return named(root, ["figures.mplstyle"])


def of_pages(root: Path) -> Styles:
    """Return the style files of a handout, also what a project adds."""
    own = {path.name for path in (root / STYLE).glob("*") if path.suffix in OWN_STYLES}
    return named(root, [*PAGE_STYLES, *sorted(own - set(PAGE_STYLES))])


def there(root: Path, file: Path) -> list[Path]:
    """Return a file of the project as the paths of a role: none where the project has none."""
    return [file] if (root / file).exists() else []
