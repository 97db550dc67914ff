"""The source of a definition as LaTeX prints it."""

import re

from reprose.base.errors import ReproseError
from reprose.numbers.printing import Latex, breakable, codes

WHOLE = 10  # lines of a listing that stays on one page
BEYOND_ASCII = re.compile(r"[^\n\x20-\x7e]+")
WIDTH = 76  # characters of code that a line holds beside the margin; longer lines run into it
BEGINNING = 6  # lines of a longer listing that stand before a page break, at least


def listing(name: str, source: str) -> Latex:
    """Return the `source` of the definition "module:name", with the file that holds it."""
    text = BEYOND_ASCII.sub(codes, source.expandtabs(4))  # LaTeX's listings know no other characters
    if r"\end{lstlisting}" in text:
        raise ReproseError(f"listing '{name}' holds \\end{{lstlisting}}, which would end it. Write it in two strings.")
    path = breakable(f"{name.partition(':')[0].replace('.', '/')}.py")
    lines = len(text.splitlines())
    height = (lines if lines <= WHOLE else BEGINNING) + 2  # a longer listing would leave much of a page white
    place = rf"\needspace{{{height}\baselineskip}}\listingpath{{{path}}}"
    if max(map(len, text.splitlines())) <= WIDTH:
        return Latex(f"{place}\n\\begin{{lstlisting}}\n{text}\\end{{lstlisting}}")
    wide = f"\\begin{{lstlisting}}[linewidth=\\fullwidth]\n{text}\\end{{lstlisting}}"
    return Latex(f"\\begin{{intomargin}}\n{place}\n{wide}\n\\end{{intomargin}}")
