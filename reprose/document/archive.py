"""The LaTeX of a handout as one archive, which compiles anywhere without this project: for a journal, or arXiv."""

import gzip
import io
import tarfile
from collections.abc import Mapping
from pathlib import Path

MAIN = "main"  # the name of the document, without suffix
KINDS = (
    ".tex",
    ".sty",
    ".bib",
    ".bst",
    ".cls",
    ".pdf",
    ".png",
    ".jpg",
    ".jpeg",
    ".eps",
)  # that LaTeX reads; not the page's
README = f"""The LaTeX of a handout, with every number, table and figure in place. Compile it by

    latexmk -pdf {MAIN}.tex

or by running pdflatex {MAIN}.tex three times: {MAIN}.bbl holds the references already. A TeX Live with its
recommended packages is all that is needed; nothing is read from elsewhere. provenance.json holds a record for each job
that the numbers come from: its key, inputs and outputs by SHA-256.
"""


def archive(texts: Mapping[str, str], files: Mapping[str, Path], bibliography: str, records: bytes) -> bytes:
    """Return a .tar.gz of texts and files by their names, whose bytes depend on these alone."""
    held = {name: path.read_bytes() for name, path in files.items() if path.suffix.lower() in KINDS}
    held |= {name: text.encode() for name, text in texts.items() if name != "handout.tex"}
    held |= {f"{MAIN}.tex": texts["handout.tex"].encode(), f"{MAIN}.bbl": bibliography.encode()}
    held |= {"README": README.encode(), "provenance.json": records}
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as made:
        for name, content in sorted(held.items()):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            made.addfile(member, io.BytesIO(content))
    return gzip.compress(packed.getvalue(), mtime=0)
