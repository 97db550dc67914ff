import pytest

from reprose.base.errors import ReproseError
from reprose.config import handouts


@pytest.fixture
def root(tmp_path):
    for folder in ("report/handouts", "report/problems"):
        (tmp_path / folder).mkdir(parents=True)
    return tmp_path


def test_the_header_lists_the_sections_in_order(root):
    (root / "report/handouts/two.tex.j2").write_text("%# sections: second, first\ntext\n")
    assert handouts.names(root) == ["two"]
    assert handouts.sections(root, "two") == ["second", "first"]


def test_what_editors_and_systems_leave_beside_a_handout_is_none(root):
    folder = root / "report/handouts"
    for name in ("two.tex.j2", "._two.tex.j2", "two.tex.j2~", "#two.tex.j2#", "two.tex.j2.orig"):
        (folder / name).write_bytes(b"\xff")
    (folder / ".#two.tex.j2").symlink_to("user@host.1:2")
    (folder / "Old.tex.j2").mkdir()
    assert handouts.names(root) == ["two"]


@pytest.mark.parametrize("name", ["two copy", "Two", "2nd", "zwölf", "two-a", "a.b"])
def test_a_name_that_no_rule_would_take_is_an_error_that_shows_one(root, name):
    (root / f"report/handouts/{name}.tex.j2").touch()
    with pytest.raises(ReproseError, match=r"a handout's name .* only a-z, 0-9 and _, as in 'homework_4.tex.j2'"):
        handouts.names(root)


def test_a_handout_of_prose_alone_has_no_sections(root):
    for text in ("text\n", "%# sections:\nsections of prose\n"):
        (root / "report/handouts/none.tex.j2").write_text(text)
        assert handouts.sections(root, "none") == []


def test_a_handout_that_prints_sections_and_lists_none_is_an_error_that_shows_the_header(root):
    (root / "report/handouts/none.tex.j2").write_text("\\BLOCK{for section in sections}\n")
    with pytest.raises(ReproseError, match=r"none.tex.j2: no sections. Begin the file with a line '%# sections:"):
        handouts.sections(root, "none")


def test_listings_are_found_wherever_a_template_asks_for_them(root):
    text = '\\VAR{code("a.b:f")} \\VAR{ code( \'c:G\') } \\VAR{code("a.b:f")}'
    (root / "report/problems/toy.tex.j2").write_text(text)
    assert handouts.listings(root, "toy") == ["a.b:f", "c:G"]


def test_a_missing_section_template_is_an_error_that_names_it(root):
    with pytest.raises(ReproseError, match=r"toy.tex.j2: missing"):
        handouts.listings(root, "toy")


def test_a_template_in_another_encoding_is_an_error_that_names_it(root):
    for path in ("report/handouts/two.tex.j2", "report/problems/toy.tex.j2"):
        (root / path).write_bytes("%# sections: toy, zwölf".encode("latin-1"))
    with pytest.raises(ReproseError, match=r"two.tex.j2: not UTF-8 at byte 20. Save the file"):
        handouts.sections(root, "two")
    with pytest.raises(ReproseError, match=r"toy.tex.j2: not UTF-8"):
        handouts.listings(root, "toy")


def test_what_a_template_includes_and_what_latex_reads_for_it_is_found_also_by_way_of_others(tmp_path):
    folder = tmp_path / "report"
    for name in ("parts", "images", "handouts"):
        (folder / name).mkdir(parents=True)
    template = handouts.HANDOUTS / "toy.tex.j2"
    (tmp_path / template).write_text(
        "%% from 'parts/macros.j2' import row\n\\BLOCK{include \"parts/one.j2\"} \\input{sections/toy}\n"
        "\\includegraphics[width=1cm]{images/plan} \\input{parts/fixed} \\input{\\VAR{name}}"
    )
    texts = {"macros.j2": "", "one.j2": "\\BLOCK{- include 'parts/two.j2' }", "two.j2": "\\input{parts/deep.tex}"}
    for name, text in {**texts, "fixed.tex": "\\includegraphics{images/photo.jpg}", "deep.tex": ""}.items():
        (folder / "parts" / name).write_text(text)
    for name in ("plan.pdf", "photo.jpg", "other.png"):
        (folder / "images" / name).write_bytes(b"")
    parts = handouts.parts(tmp_path, template)
    assert [path.name for path in parts] == ["macros.j2", "one.j2", "two.j2"]
    static = handouts.static(tmp_path, [template, *parts])
    assert [path.name for path in static] == ["photo.jpg", "plan.pdf", "deep.tex", "fixed.tex"]


def test_an_included_file_that_there_is_not_is_an_error(tmp_path):
    template = handouts.SECTIONS / "toy.tex.j2"
    (tmp_path / template).parent.mkdir(parents=True)
    (tmp_path / template).write_text('%% include "../config.yaml"')
    with pytest.raises(ReproseError, match=r"toy.tex.j2: includes '../config.yaml', but there is no file report/"):
        handouts.parts(tmp_path, template)
