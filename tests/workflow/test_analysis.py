"""Reports without training: figures and numbers of a view alone, and prose alone."""

import json

import pytest

from workflow.project import make_bare
from workflow.typesetters import outlined

CONFIG = """compute: {threads: 1, device: cpu}
datasets:
  houses: {file: tables/houses.csv}
views:
  all: {dataset: houses, split: random_split, values: {seed: 1, validation: 0.0, test: 0.25}, test: true}
problems:
  look: {views: [all]}
"""
FIGURES = """import matplotlib.pyplot as plt

def draw(results):
    figure, axes = plt.subplots(figsize=(3, 2))
    axes.plot(results.views["all"]["train"]["size"], results.views["all"]["train"]["price"], "o")
    return {"prices": figure}
"""
SUMMARY = """import pandas as pd
from reprose import constant, table

def summarize(results):
    price = results.views["all"]["train"]["price"]
    mean = constant("price.mean", price.mean(), 1, "views/all/prepare")
    sizes = pd.DataFrame({"price": price}).groupby(price > 90).mean().rename_axis("dear")
    return [mean, constant("rows", len(price), 0, "look/summarize"), table("sizes", sizes, "look/summarize", digits=1)]
"""
SECTION = r"""\section{Houses}
\BLOCK{if sample}
Made up.
\BLOCK{endif}
Of \VAR{n("rows")} houses, the mean price is \VAR{n("price.mean")}. \includegraphics{\VAR{figure("prices")}}
\VAR{table("sizes")}

"""
HANDOUT = r"""%# sections: look, foreword
\documentclass{article}\usepackage{reprose}
\begin{document}
\BLOCK{for section in sections}
\input{sections/\VAR{section}}
\BLOCK{endfor}
\end{document}
"""
PROSE = r"""\documentclass{article}\usepackage{reprose}\begin{document}Nothing was measured.\end{document}
"""
FILES = {
    "config.yaml": CONFIG,
    "tables/houses.csv": "size,price\n" + "".join(f"{size},{3 * size + 2}\n" for size in range(20, 40)),
    "scripts/problems/look/figures.py": FIGURES,
    "scripts/problems/look/summary.py": SUMMARY,
    "report/problems/look.tex.j2": SECTION,
    "report/problems/foreword.tex.j2": "\\section{Foreword}\nWords alone.\n",
    "report/handouts/houses.tex.j2": HANDOUT,
    "report/handouts/letter.tex.j2": PROSE,
}
CSV = "results/sample/look/numbers/sizes.csv"
NUMBERS = "results/sample/look/numbers/numbers.json"


@pytest.fixture
def analysis(server, tmp_path):
    """A project of an analysis and of prose, without any training."""
    return server.equipped(make_bare(tmp_path / "project", FILES))


def test_figures_and_numbers_of_a_view_and_prose_are_a_report(analysis):
    build = analysis.build()
    assert build.rules() == {"houses", "all", "figures", "numbers", "section", "handouts"}
    assert "typeset: report/problems/look.tex.j2:5: " in build.text  # is too wide, told by a template that is no input
    for name in ("houses", "letter"):
        assert analysis.read(f"results/sample/handouts/{name}.pdf").startswith(b"%PDF")
        assert b"made up" not in analysis.read(f"results/sample/handouts/{name}.html").lower()
    assert b"look/summarize" in analysis.read("results/sample/handouts/houses.html")  # in the records
    assert b"words alone" in analysis.read("results/sample/handouts/houses.html").lower()
    assert analysis.read(CSV).decode().startswith("dear,price\nFalse,")
    assert CSV in json.loads(analysis.read("results/sample/look/numbers/provenance.json"))["outputs"]
    assert analysis.build().ran == set()
    (analysis.folder / CSV).unlink()
    assert "numbers" in analysis.build().rules() and (analysis.folder / CSV).exists()

    before = analysis.read(NUMBERS)
    analysis.edit("tables/houses.csv", "20,62", "20,6200")
    assert {"figures", "numbers"} <= analysis.build().rules()
    assert analysis.read(NUMBERS) != before

    analysis.edit("scripts/problems/look/figures.py", '"o"', '"x"')
    assert analysis.build().rules() == {"figures", "section", "handouts"}


def test_the_test_part_reaches_no_figure_and_no_number(analysis):
    outlined(analysis)
    analysis.edit("scripts/problems/look/summary.py", '["train"]["price"]', '["test"]["price"]')
    build = analysis.build(check=False)
    assert "look/summarize: a view has no part 'test' here. There are: train, validation." in build.text
    assert "Traceback" not in build.text


def test_a_problem_needs_neither_figures_nor_numbers_of_its_own(analysis):
    outlined(analysis)
    for name in ("figures", "summary"):
        (analysis.folder / f"scripts/problems/look/{name}.py").unlink()
    section = r"\section{Houses} \VAR{n('all.train.rows')} \VAR{table('all.columns')} \VAR{figure('all_columns')}"
    (analysis.folder / "report/problems/look.tex.j2").write_text(section)
    assert analysis.build().rules() == {"houses", "all", "figures", "numbers", "section", "handouts"}
    table = analysis.read("results/sample/look/numbers/all.columns.csv").decode()
    assert table.startswith(",mean,std,least,most\nprice,87.8,")


def test_a_problem_that_is_nothing_is_an_error(analysis):
    analysis.edit("config.yaml", "{views: [all]}", "{reads: [tables/houses.csv]}")
    assert (
        "problems.look: neither `variants`, which are trained and compared, nor `views`"
        in analysis.build(check=False).text
    )
