"""What the templates under report/ ask for: the sections of a handout, the code that a section lists."""

import re
from collections.abc import Collection, Iterable
from pathlib import Path

from reprose.base.errors import ReproseError
from reprose.config.loading import NAME

HANDOUTS = Path("report/handouts")
SECTIONS = Path("report/problems")
SUFFIX = ".tex.j2"
REPORT = Path("report")  # what templates include, and what LaTeX reads as it is, lies in here
INCLUDED = re.compile(
    r"""(?:\\BLOCK\{|^[ \t]*%%)[-+]?[ \t]*(?:include|import|from|extends)\s+["']([^"'\n]+)["']""", flags=re.MULTILINE
)
READ = re.compile(
    r"\\(input|include|includegraphics|lstinputlisting|verbatiminput|VerbatimInput)\*?\s*(?:\[[^\]]*\]\s*)*\{([^{}\\]+)\}"
)
SUFFIXES = {"includegraphics": ("", ".pdf", ".png", ".jpg", ".jpeg"), "lstinputlisting": ("",)}


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
    path = SECTIONS / f"{problem}{SUFFIX}"
    if not (root / path).exists():
        raise ReproseError(f"{root / path}: missing. A problem that a handout lists needs a section template.")
    text = "\n".join(_text(root / file) for file in (path, *parts(root, path)))
    return sorted(set(re.findall(r"""\bcode\(\s*["']([\w.]+:[\w.]+)["']""", text)))


def figures_of_others(root: Path, problem: str) -> list[str]:
    """Return the other problems whose figures the section of `problem` prints, as it names them, sorted."""
    path = SECTIONS / f"{problem}{SUFFIX}"
    files = [path, *parts(root, path)] if (root / path).is_file() else []
    text = "\n".join(_text(root / file) for file in files)
    return sorted(set(re.findall(r"""\bfigure\(\s*["'](\w+)/\w+["']""", text)))


def parts(root: Path, template: Path) -> list[Path]:
    """Return the files that a template includes by Jinja, by their paths in the project, also by way of others."""
    found: dict[Path, None] = {}
    waiting = [template]
    while waiting:
        for name in INCLUDED.findall(_text(root / waiting.pop())):
            path = REPORT / name
            if ".." in path.parts or not (root / path).is_file():
                raise ReproseError(f"{template}: includes '{name}', but there is no file {path}.")
            if path not in found:
                found[path] = None
                waiting.append(path)
    return sorted(found)


def static(root: Path, templates: Iterable[Path]) -> list[Path]:
    """Return the files under report/ that LaTeX reads for templates as they are: pictures, texts, what these read."""
    found: dict[Path, None] = {}
    waiting = list(templates)
    while waiting:
        for command, name in READ.findall(_text(root / waiting.pop())):
            paths = [REPORT / f"{name}{suffix}" for suffix in SUFFIXES.get(command, ("", ".tex"))]
            path = next((path for path in paths if ".." not in path.parts and (root / path).is_file()), None)
            if path and path not in found:
                found[path] = None
                waiting += [path] if path.suffix == ".tex" else []
    return sorted(found)


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
