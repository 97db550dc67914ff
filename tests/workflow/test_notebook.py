"""A notebook in place of figures.py: its exported cells are tracked like a module, and nothing else of it."""

import json

FIGURES = "scripts/problems/toy/figures.py"
NOTEBOOK = "scripts/problems/toy/figures.ipynb"


def cell(text, kind="code", **more):
    return {"cell_type": kind, "metadata": {}, "source": text.splitlines(keepends=True), **more}


def write(toy, *cells):
    notebook = {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (toy.folder / NOTEBOOK).write_text(json.dumps(notebook, indent=1))


def test_the_exported_cells_of_a_notebook_draw_the_figures(toy):
    before = toy.made()
    code = "#| export\n" + toy.read(FIGURES).decode()
    (toy.folder / FIGURES).unlink()
    write(toy, cell("Figures", "markdown"), cell(code), cell("import reprose\n\ndraw(reprose.load('toy').results)"))
    assert "train" not in toy.build().rules()
    assert toy.made() == before
    write(toy, cell(code), cell("raise SystemExit", outputs=[{"output_type": "stream", "text": ["never run"]}]))
    assert toy.build().ran == set()
    write(toy, cell(code.replace("figsize=(3, 2)", "figsize=(3, 3)")))
    assert toy.build().rules() == {"figures", "section", "handouts"}
    assert toy.made() != before


def test_a_fault_in_a_notebook_is_told_with_its_line(toy):
    code = "#| export\n" + toy.read(FIGURES).decode()
    (toy.folder / FIGURES).unlink()
    write(toy, cell("1 / 0"), cell(code.replace("plt.subplots(", "plt.subplotts(")))
    build = toy.build(check=False)
    assert f"{NOTEBOOK}:13: AttributeError: module 'matplotlib.pyplot' has no attribute 'subplotts'" in build.text
    assert "figure, axes = plt.subplotts(figsize=(3, 2))" in build.text
    write(toy, cell("#| export\n%matplotlib inline"))
    assert f"{NOTEBOOK}:2: not valid Python" in toy.build(check=False).text
    write(toy, cell("#| export\nx = 1"))
    assert f"{NOTEBOOK}: no function 'draw'. Write 'def draw(results):'" in toy.build(check=False).text
    (toy.folder / FIGURES).touch()
    assert f"{NOTEBOOK}: figures.py is there, too" in toy.build(check=False).text
