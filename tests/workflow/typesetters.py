"""Programs that stand for LaTeX and pandoc where a test wants to know what they were given, not how it looks.

Their output holds the digest of all that they read, and the version that stands in the file `version` beside them.
A text with \\undefinedcommand fails as LaTeX would.
"""

import sys
from pathlib import Path

from workflow.project import Project

HEAD = """#!{python} -SI
import hashlib, os, sys
version = open(os.path.join(os.path.dirname(os.path.abspath(sys.argv[0])), "version")).read().strip()
if "version" in "".join(sys.argv[1:2]):
    print("{name}", version)
    sys.exit()
def digest(*texts):
    return hashlib.sha256(b"\\0".join([version.encode(), *texts])).hexdigest()
"""
LATEXMK = """
paths = sorted(os.path.join(folder, name) for folder, _, names in os.walk(".") for name in names)
texts = [open(path, "rb").read() for path in paths]
failed = any(b"\\\\undefinedcommand" in text for text in texts)
with open("handout.log", "w") as log:
    log.write("./handout.tex:1: Undefined control sequence.\\n" if failed else "")
if failed:
    sys.exit(12)
open("handout.aux", "w").close()
shown = b"BT (" + digest(*map(str.encode, paths), *texts).encode() + b") Tj ET"
objects = [
    b"<</Type/Catalog/Pages 2 0 R>>",
    b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
    b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>",
    b"<</Length %d>>stream\\n%s\\nendstream" % (len(shown), shown),
]
body, places = b"%PDF-1.4\\n", []
for number, text in enumerate(objects, 1):
    places.append(len(body))
    body += b"%d 0 obj%s endobj\\n" % (number, text)
table = b"".join(b"%010d 00000 n \\n" % place for place in places)
end = b"trailer<</Size 5/Root 1 0 R>>\\nstartxref\\n%d\\n%%%%EOF\\n" % len(body)
with open("handout.pdf", "wb") as pdf:
    pdf.write(body + b"xref\\n0 5\\n0000000000 65535 f \\n" + table + end)
"""
PANDOC = """
files = [word.split("=", 1)[1] for word in sys.argv if word.startswith(("--lua-filter=", "--template="))]
read = [open(path, "rb").read() for path in files]
print("<html>", digest(*read, sys.stdin.buffer.read()), "</html>")
"""
PROGRAMS = {"latexmk": LATEXMK, "pandoc": PANDOC, "pdflatex": "", "bibtex": ""}


def outlined(project: Project) -> Project:
    """Return `project`, which finds these programs beside its Python."""
    folder = Path(project.python).parent
    (folder / "version").write_text("1\n")
    for name, body in PROGRAMS.items():
        (folder / name).write_text(HEAD.format(python=sys.executable, name=name) + body)
        (folder / name).chmod(0o755)
    return project
