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


def test_a_handout_without_sections_is_an_error_that_shows_the_header(root):
    (root / "report/handouts/none.tex.j2").write_text("text\n")
    with pytest.raises(ReproseError, match=r"none.tex.j2: no sections. Begin the file with a line '%# sections:"):
        handouts.sections(root, "none")


def test_listings_are_found_wherever_a_template_asks_for_them(root):
    text = '\\VAR{code("a.b:f")} \\VAR{ code( \'c:G\') } \\VAR{code("a.b:f")}'
    (root / "report/problems/toy.tex.j2").write_text(text)
    assert handouts.listings(root, "toy") == ["a.b:f", "c:G"]


def test_a_missing_section_template_is_an_error_that_names_it(root):
    with pytest.raises(ReproseError, match=r"toy.tex.j2: missing"):
        handouts.listings(root, "toy")
