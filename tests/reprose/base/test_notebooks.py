import json

import pytest

from reprose.base.errors import ReproseError
from reprose.base.notebooks import module_file, module_text


def write(path, *cells):
    cells = [{"cell_type": kind, "metadata": {}, "source": text.splitlines(keepends=True)} for kind, text in cells]
    path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    return path


def test_the_exported_cells_are_the_module(tmp_path):
    path = write(
        tmp_path / "figures.ipynb",
        ("markdown", "#| export\nA heading"),
        ("code", "#| export\nimport math"),
        ("code", "print(1)"),
        ("code", " #|export \n\ndef draw(results):\n    return {}\n"),
    )
    text = module_text(path).decode()
    assert text == "#| export\nimport math\n\n\n #|export \n\ndef draw(results):\n    return {}\n"
    assert module_file(tmp_path / "figures") == path


def test_a_notebook_that_exports_nothing_or_has_another_name_is_no_module(tmp_path):
    write(tmp_path / "figures.ipynb", ("code", "print(1)"))
    write(tmp_path / "train.ipynb", ("code", "#| export\nprint(1)"))
    assert module_file(tmp_path / "figures") is module_file(tmp_path / "train") is None


def test_two_files_of_one_module_are_refused(tmp_path):
    write(tmp_path / "figures.ipynb", ("code", "#| export\nimport math"))
    (tmp_path / "figures.py").touch()
    with pytest.raises(ReproseError, match=r"figures.ipynb: figures.py is there, too.*Delete one"):
        module_file(tmp_path / "figures")


@pytest.mark.parametrize("text", ["", "[1]", '{"cells": [{}]}', '{"cells": 3}'])
def test_what_is_no_notebook_is_told(tmp_path, text):
    (tmp_path / "summary.ipynb").write_text(text)
    with pytest.raises(ReproseError, match=r"summary.ipynb: not readable as a notebook"):
        module_file(tmp_path / "summary")
