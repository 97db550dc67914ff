"""Pictures of the PDF for the places of a handout that pandoc cannot read, such as drawings of TikZ."""

import re
import subprocess
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from reprose.document.verbatim import put_back, set_apart
from reprose.document.web.aux_file import argument

DRAWN = ("tikzpicture", "tikzcd", "circuitikz", "forest", "picture", "pgfpicture", "algorithm", "algorithmic")
NAME = "pictures/{}.svg"
KINDS = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".svg": "image/svg+xml"}
PREAMBLE = r"""
\makeatletter
\RemoveFromHook{shipout/background}[*]
\newbox\rp@picture
\newcommand\rp@ship{\pdfpagewidth\wd\rp@picture\pdfpageheight\dimexpr\ht\rp@picture+\dp\rp@picture\relax
  \hoffset-1in\voffset-1in\shipout\box\rp@picture}
\begin{document}
\ifdefined\pvsilenttrue \csname pvsilenttrue\endcsname\fi
"""
PAGE = r"\setbox\rp@picture\hbox{{{}}}\rp@ship" + "\n"  # as wide as it is
BLOCK = r"\setbox\rp@picture\vbox{{\hsize\linewidth\@parboxrestore {}\par}}\rp@ship" + "\n"  # as wide as the text
TIMEOUT = 60  # seconds
MOST = 200  # pictures

Draw = Callable[[str], Path | None]  # a document whose pages are the pictures -> its PDF, or nothing where LaTeX fails


@dataclass
class Pictures:
    """The places that are shown as pictures: environments and commands by name, and what each of them holds."""

    names: set[str] = field(default_factory=lambda: set(DRAWN))
    taken: list[str] = field(default_factory=list)  # LaTeX of each place

    def apart(self, text: str, kept: list[str]) -> str:
        """Return `text` in which each of the places is a picture; `kept` is what was set apart of it before."""
        self.taken.clear()
        pattern = "|".join(map(re.escape, sorted(self.names, key=len, reverse=True)))
        found = re.compile(
            rf"\\begin\{{(?P<environment>{pattern})(?P<star>\*?)\}}|\\(?P<command>{pattern})(?![A-Za-z@])"
        )
        parts, start = [], 0
        for place in found.finditer(text):
            if place.start() < start:
                continue
            end = self._end(text, place)
            self.taken.append(put_back(text[place.start() : end], kept))
            parts += [text[start : place.start()], rf"\includegraphics{{{NAME.format(len(self.taken))}}}"]
            start = end
        return "".join([*parts, text[start:]])

    def _end(self, text: str, place: re.Match[str]) -> int:
        if place["environment"]:
            close = rf"\end{{{place['environment']}{place['star']}}}"
            at = text.find(close, place.end())
            return at + len(close) if at >= 0 else place.end()
        end = place.end()
        while behind := re.compile(r"[ \t]*(?:(\[[^\[\]]*\])|(?=\{))").match(text, end):
            if behind[1]:
                end = behind.end()
            elif text[behind.end() : behind.end() + 1] == "{":
                end = argument(text, behind.end())[1]
            else:
                break
        return end

    def document(self, head: str) -> str:
        """Return the LaTeX of a document of which each page is one picture; `head` is what the handout begins with."""
        shapes = [PAGE if _is_inline(place) else BLOCK for place in self.taken[:MOST]]
        pages = [shape.format(place) for shape, place in zip(shapes, self.taken, strict=False)]
        return head + PREAMBLE + "".join(pages) + "\\end{document}\n"


def vector(pdf: Path, page: int = 1) -> bytes | None:
    """Return a page of a PDF as SVG, or nothing where that fails."""
    command = ["pdftocairo", "-svg", "-f", str(page), "-l", str(page), str(pdf), "-"]
    try:
        return subprocess.run(command, capture_output=True, check=True, timeout=TIMEOUT).stdout
    except (OSError, subprocess.SubprocessError):
        return None


def definitions(text: str, styles: Mapping[str, str]) -> str:
    """Return the definitions of commands and environments in the head of a handout and in style files of its own."""
    found = []
    for source in (*styles.values(), text):
        plain = set_apart(source, [])
        for place in DEFINING.finditer(plain):
            end = place.end()
            while plain[end : end + 1] in ("{", "["):
                end = argument(plain, end)[1] if plain[end] == "{" else plain.index("]", end) + 1
            found.append(plain[place.start() : end])
    return "\n".join([*found, ""])


DEFINING = re.compile(
    r"\\(?:(?:re|provide)?newcommand|providecommand|renewcommand|(?:re)?newenvironment|DeclareMathOperator|newtheorem)\*?\s*"
    r"(?:\\[A-Za-z@]+\s*)?(?=[{\[])"
)


def users(text: str, names: Collection[str]) -> set[str]:
    """Return the commands that definitions in `text` make of those of `names`."""
    found = set()
    for line in text.split("\n"):
        defined = re.match(r"\\\w+\*?\s*\{?\\?([A-Za-z@]+)", line)
        if defined and any(
            re.search(rf"(?:\\|\{{){re.escape(name)}(?![A-Za-z@])", line[defined.end() :]) for name in names
        ):
            found.add(defined[1])
    return found


def _is_inline(place: str) -> bool:
    return "\n\n" not in place and not re.match(r"\\begin\{(?:algorithm|algorithmic|figure|table)", place)
