"""Typeset the sections and figures as one page: `typeset.py PAGE.pdf (SECTION.tex FIGURE.pdf)...`."""

import subprocess
import sys
from pathlib import Path

page, *parts = map(Path, sys.argv[1:])
lines = [r"\documentclass{article}", r"\usepackage{graphicx}", r"\begin{document}"]
for section, figure in zip(parts[::2], parts[1::2], strict=True):
    lines += [rf"\input{{{section}}}", rf"\includegraphics{{{figure}}}"]
page.with_suffix(".tex").write_text("\n".join([*lines, r"\end{document}", ""]))
command = ["pdflatex", "-interaction=batchmode", f"-output-directory={page.parent}", page.with_suffix(".tex")]
subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
