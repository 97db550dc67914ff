"""The LaTeX of a handout as one archive, which compiles anywhere without this project: for a journal, or arXiv."""

import gzip
import io
import tarfile
from collections.abc import Mapping
from pathlib import Path

MAIN = "main"  # the name of the document, without suffix
PICTURES = (".pdf", ".png", ".jpg", ".jpeg", ".eps")
PAGE = "webpage."  # begins the names of the style files of the web page, which LaTeX does not read
README = """The LaTeX of a handout, with every number, table and figure in place. Compile it by

    latexmk -pdf {main}.tex

or by running pdflatex {main}.tex three times: {main}.bbl holds the references already. A TeX Live with its
recommended packages is all that is needed; nothing is read from elsewhere. provenance.json holds a record for each job
that the numbers come from: its key, inputs and outputs by SHA-256.
"""


def archive(texts: Mapping[str, str], files: Mapping[str, Path], bibliography: str, records: bytes) -> bytes:
    """Return a .tar.gz of texts and files by their names, whose bytes depend on these alone."""
    held = {name: path.read_bytes() for name, path in files.items() if not name.startswith(PAGE)}
    held |= {name: text.encode() for name, text in texts.items() if name != "handout.tex"}
    main = MAIN if f"{MAIN}.tex" not in held else "handout"  # a name that the project's own files leave free
    held |= {f"{main}.tex": texts["handout.tex"].encode(), f"{main}.bbl": bibliography.encode()}
    held |= {"README": README.format(main=main).encode(), "provenance.json": records}
    return _packed(held)


def with_data(sources: bytes, files: Mapping[str, bytes], note: str) -> bytes:
    """Return an archive that `archive` made with more files in it, and a note on them at the end of its README."""
    with tarfile.open(fileobj=io.BytesIO(sources)) as packed:
        held = {member.name: _content(packed, member) for member in packed.getmembers()}
    return _packed({**held, **files, "README": held["README"] + note.encode()})


def _content(packed: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = packed.extractfile(member)
    return file.read() if file else b""


def _packed(held: Mapping[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as made:
        for name, content in sorted(held.items()):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            made.addfile(member, io.BytesIO(content))
    return gzip.compress(packed.getvalue(), mtime=0)
