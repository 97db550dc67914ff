"""A problem whose figures, numbers and section use the results of others."""

import json
import tarfile

import pytest

CONFIG = """
  both: {uses: {results: [toy]}}
"""
SUMMARY = """from reprose import constant

def summarize(results):
    tests = [variant.test[1]["error"] for variant in results.of("toy").variants.values()]
    return [constant("worst", max(tests), 4, "both/summarize")]
"""
FIGURES = """import matplotlib.pyplot as plt

def draw(results):
    figure, axes = plt.subplots(figsize=(3, 2))
    others = results.of("toy").variants
    axes.bar(list(others), [variant.test[1]["error"] for variant in others.values()])
    return {"errors": figure}
"""
SECTION = r"""\section{Both}
The worst error is \VAR{n("worst")}, and ridge has \VAR{n("toy/ridge.error")}.
\VAR{claim("It is larger.", "worst > toy/ridge.error")} \includegraphics{\VAR{figure("errors")}}
\includegraphics{\VAR{figure("toy/curves")}} \VAR{mark("toy/plot")}
"""
NUMBERS = "results/sample/both/numbers/numbers.json"


@pytest.fixture
def across(toy):
    """The toy project, built, and a problem that uses its results; the handout prints that alone."""
    (toy.folder / "scripts/problems/both").mkdir()
    files = {"summary.py": SUMMARY, "figures.py": FIGURES, "__init__.py": ""}
    for name, text in files.items():
        (toy.folder / "scripts/problems/both" / name).write_text(text)
    (toy.folder / "report/problems/both.tex.j2").write_text(SECTION)
    with open(toy.folder / "config.yaml", "a") as config:
        config.write(CONFIG)
    toy.edit("report/handouts/toy.tex.j2", "sections: toy", "sections: both")
    return toy


def test_results_of_another_problem_are_used_and_tracked(across):
    assert across.build().rules() == {"figures", "numbers", "section", "handouts"}
    text = across.read("results/sample/both/section/section.tex").decode()
    assert r"\pvn{toy--ridge--evaluate}" in text and "claimmark" in text
    worst = json.loads(across.read(NUMBERS))["worst"]["value"]
    across.edit("scripts/problems/toy/helper.py", "SCALE = 1.0", "SCALE = 2.0")
    across.build()
    assert json.loads(across.read(NUMBERS))["worst"]["value"] != worst


def test_a_figure_of_another_problem_is_printed_and_tracked(across):
    across.build()
    assert b"figures/toy/curves.pdf" in across.read("results/sample/both/section/section.tex")
    assert b"toy/plot" in across.read("results/sample/handouts/toy.provenance.json")
    across.edit("scripts/problems/toy/figures.py", "figsize=(3, 2)", "figsize=(4, 2)")
    assert across.build().rules() == {"figures", "section", "handouts"}
    across.edit("report/problems/both.tex.j2", "toy/curves", "toy/curve")
    assert (
        "both.tex.j2:4: no figure 'toy/curve'. Found: errors, toy/curves. Those of another"
        in across.build(check=False).text
    )


def test_numbers_of_another_problem_that_are_printed_go_with_the_archive(across):
    across.build()
    across.run(across.reprose("export", "--data", "--to", "out"))
    with tarfile.open(across.folder / "out/toy.tar.gz") as packed:
        names = {name for name in packed.getnames() if name.startswith("anc/")}
        bars = packed.extractfile("anc/both/errors.csv").read().decode().count(",bar,")
    assert names == {"anc/both/errors.csv", "anc/both/numbers.json", "anc/toy/curves.csv", "anc/toy/numbers.json"}
    assert bars == 3


def test_results_that_are_not_named_are_not_there(across):
    across.edit("config.yaml", "results: [toy]", "results: [tyo]")
    assert "problems.both.uses.results is 'tyo'. Allowed: toy." in across.build(check=False).text
    across.edit("config.yaml", "{uses: {results: [tyo]}}", "{views: [thirds]}")
    build = across.build(check=False)
    assert "problems.both.uses.results: 'toy' is missing, and the code needs it. Found: none." in build.text
    assert "Traceback" not in build.text
