r"""LaTeX that is searched by its commands: without comments, and past what is printed letter by letter.

In \verb, in listings and in addresses, % begins no comment and \ no command.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

BRACED = r"\{(?:[^{}\\]|\\.|\{[^{}]*\})*\}"
TOKEN = re.compile(
    r"(?P<kept>\\begin\{(?P<name>(?:lstlisting|[vV]erbatim)\*?)\}.*?\\end\{(?P=name)\}"
    r"|\\(?:verb\*?|lstinline(?:\[[^\]]*\])?)(?P<sign>[^A-Za-z*\[{\s])[^\n]*?(?P=sign)"
    rf"|\\lstinline(?:\[[^\]]*\])?{BRACED}"
    rf"|\\(?:url|nolinkurl|path|href)\s*{BRACED})"
    r"|(?P<word>\\[A-Za-z@]+)?(?P<comment>%[^\n]*(?:\n[ \t]*)?)(?P<blank>\n)?"
    r"|\\(?:[A-Za-z@]+|.)",
    flags=re.DOTALL,
)
PLACE = "\ue000{}\ue001"  # stands for a kept piece; no text holds these characters, as LaTeX could not print them


@dataclass(frozen=True)
class Command:
    """One command of a text, with its first argument."""

    name: str
    argument: str
    line: int
    at: int = 0  # its place in the text


def commands(text: str, names: Collection[str]) -> Iterator[Command]:
    """Yield the commands of `text` that are among `names` and have an argument in braces, in order."""
    for found in TOKEN.finditer(text):
        name = found[0].removeprefix("\\")
        braces = re.compile(rf"\*?\s*(?:\[[^\]]*\]\s*)*({BRACED})").match(text, found.end())
        if name in names and braces:
            yield Command(name, braces[1][1:-1], text.count("\n", 0, found.start()) + 1, found.start())


def set_apart(text: str, kept: list[str]) -> str:
    """Return `text` without comments, with places for the pieces to be kept as they are, which are added to `kept`."""

    def shown(found: re.Match[str]) -> str:
        if found["kept"]:
            kept.append(found[0])
            return PLACE.format(len(kept) - 1)
        if not found["comment"]:
            return found[0]
        if found["blank"]:  # a blank line ends the paragraph, also behind a comment
            return f"{found['word'] or ''}\n\n"
        return f"{found['word']} " if found["word"] else ""

    return TOKEN.sub(shown, text)


def put_back(text: str, kept: list[str]) -> str:
    """Return `text` with the pieces that `set_apart` kept at their places."""
    return re.sub(PLACE.format(r"(\d+)"), lambda found: kept[int(found[1])], text)
