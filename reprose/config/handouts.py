"""What the templates under report/ ask for: the sections of a handout, the code that a section lists."""

import re
from collections.abc import Collection, Iterable
from pathlib import Path

from reprose.base.errors import ReproseError
from reprose.config.loading import NAME

HANDOUTS = Path("report/handouts")
SECTIONS = Path("report/problems")
SUFFIX = ".tex.j2"


def names(root: Path) -> list[str]:
    """Return the names of all handouts, in alphabetical order; hidden files, left by editors and systems, are none."""
    found = sorted(path for path in (root / HANDOUTS).glob(f"*{SUFFIX}") if path.name[0] != "." and not path.is_dir())
    for path in found:
        if not NAME.fullmatch(path.name.removesuffix(SUFFIX)):
            raise ReproseError(
                f"{path}: a handout's name begins with a-z and has only a-z, 0-9 and _, as in 'homework_4{SUFFIX}'."
                " Rename the file, or move it elsewhere."
            )
    return [path.name.removesuffix(SUFFIX) for path in found]


def check_known(wanted: Iterable[str], known: Iterable[str]) -> None:
    """Raise where one of the handouts `wanted` is not among those that there are."""
    there = list(known)
    for name in wanted:
        if name not in there:
            raise ReproseError(f"no handout '{name}'. There are: {', '.join(there) or f'none in {HANDOUTS}'}.")


def sections(root: Path, handout: str) -> list[str]:
    """Return the sections that `handout` prints, from its header `%# sections: first, second`; prose may have none."""
    path = root / HANDOUTS / f"{handout}{SUFFIX}"
    text = _text(path)
    header = re.search(r"^%# sections:(.*)$", text, flags=re.MULTILINE)
    if not header and re.search(r"\bsections\b", text):
        raise ReproseError(
            f"{path}: no sections. Begin the file with a line '%# sections: problem, another', or '%# sections:' alone"
            " where it has none."
        )
    return [word.strip() for word in header[1].split(",") if word.strip()] if header else []


def prose(root: Path, problems: Collection[str]) -> list[str]:
    """Return the names of section templates that belong to none of the `problems`: prose alone."""
    found = (path.name.removesuffix(SUFFIX) for path in sorted((root / SECTIONS).glob(f"*{SUFFIX}")))
    return [name for name in found if NAME.fullmatch(name) and name not in problems]


def listings(root: Path, problem: str) -> list[str]:
    """Return the definitions ("module:name") whose source the section of `problem` prints, sorted."""
    path = root / SECTIONS / f"{problem}{SUFFIX}"
    if not path.exists():
        raise ReproseError(f"{path}: missing. A problem that a handout lists needs a section template.")
    return sorted(set(re.findall(r"""\bcode\(\s*["']([\w.]+:[\w.]+)["']""", _text(path))))


def heading(root: Path, problem: str) -> str:
    """Return the LaTeX of the first heading of the section of `problem`, with its label."""
    path = root / SECTIONS / f"{problem}{SUFFIX}"
    text = _text(path) if path.exists() else ""
    own = r"(\\numberedas\[section\]\{[^{}]*\})?"  # the document's number
    found = re.search(rf"^{own}\\section\{{[^{{}}\\]*\}}(\\label\{{[^{{}}]*\}})?", text, flags=re.MULTILINE)
    return found[0] if found else rf"\section{{{problem.replace('_', ' ')}}}"


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ReproseError(f"{path}: not UTF-8 at byte {error.start}. Save the file in that encoding.") from error
