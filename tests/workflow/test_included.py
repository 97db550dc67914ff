"""What templates include, and what LaTeX reads as it is, counts like the templates themselves."""

SECTION = "report/problems/toy.tex.j2"


def test_an_edit_of_a_file_that_a_template_includes_or_latex_reads_reaches_the_handout(toy):
    for name, text in {
        "words.tex.j2": "Shared words.\n",
        "fixed.tex": "Fixed words.\n",
        "plan.png": "a picture",
    }.items():
        path = toy.folder / "report/parts" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    toy.edit(SECTION, "The plain fit", '\\BLOCK{include "parts/words.tex.j2"}\n\\input{parts/fixed} The plain fit')
    toy.edit(SECTION, "\\includegraphics", "\\includegraphics{parts/plan}\n\\includegraphics")
    toy.build()
    assert b"Shared words." in toy.read("results/sample/toy/section/section.tex")
    toy.edit("report/parts/words.tex.j2", "Shared", "Other")
    assert toy.build().rules() == {"section", "handouts"}
    toy.edit("report/parts/fixed.tex", "Fixed", "Other")
    assert toy.build().rules() == {"handouts"}
    toy.edit("report/parts/plan.png", "a picture", "another")
    assert toy.build().rules() == {"handouts"}
    assert toy.build().rules() == set()
