"""An archive holds all that LaTeX reads, and none of the page."""

import io
import tarfile

from reprose.document.archive import archive, with_data


def held(packed):
    with tarfile.open(fileobj=io.BytesIO(packed)) as made:
        return {name: made.extractfile(name).read() for name in made.getnames()}


def test_all_that_latex_reads_is_there_and_nothing_of_the_page(tmp_path):
    names = ["own.sty", "own.def", "own.cfg", "report/listing.py", "report/points.dat", "webpage.css", "webpage.tex"]
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    packed = archive({"handout.tex": "x"}, {name: tmp_path / name for name in names}, "", b"[]")
    expected = {"README", "main.bbl", "main.tex", "provenance.json", *names[:5]}
    assert held(packed).keys() == expected


def test_data_are_added_and_told_of(tmp_path):
    plain = archive({"handout.tex": "x"}, {}, "", b"[]")
    more = held(with_data(plain, {"anc/a.csv": b"1\n"}, "note\n"))
    assert more.pop("anc/a.csv") == b"1\n"
    assert more.pop("README") == held(plain)["README"] + b"note\n"
    assert more.items() <= held(plain).items()


def test_a_file_of_the_project_keeps_its_name(tmp_path):
    (tmp_path / "main.tex").write_text("own")
    files = held(archive({"handout.tex": "x", "main.tex": "own"}, {"main.tex": tmp_path / "main.tex"}, "", b"[]"))
    assert (files["main.tex"], files["handout.tex"]) == (b"own", b"x")
    assert b"latexmk -pdf handout.tex" in files["README"]
