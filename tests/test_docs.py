"""The documents agree with the engine: each function has an example that is rendered, each message is said."""

import ast
import importlib.util
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pandas as pd
import pytest
import yaml

from reprose.commands.cli import COMMANDS
from reprose.document.sections import Writer, render_section
from reprose.numbers.frames import table
from reprose.numbers.registry import Text, constant, measured
from reprose.numbers.reproduction import read_published

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.glob("*.md"))
VALUES = ("tier", "sample")  # that a template may use beside functions
JOBS = ["toy/plain/evaluate", "toy/ridge/evaluate", "toy/plot", "toy/write"]
NOTE = """
note:
  title: A note
  seed: 1
  numbers: [{question: "1", group: plain, label: test error, printed: "0.50", key: plain.error}]
  statements: [{question: "1", says: Ridge is better., test: ridge.error < plain.error}]
"""


def hooks():
    """Return the module that mkdocs calls."""
    spec = importlib.util.spec_from_file_location("hooks", DOCS / "hooks.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def numbers():
    """Return numbers and a text as the examples print them."""
    samples = {
        name: {seed: first + 0.001 * seed for seed in range(5)} for name, first in (("plain", 0.5), ("ridge", 0.3))
    }
    made = [measured(f"{name}.error", found, 3, "lower", f"toy/{name}/evaluate") for name, found in samples.items()]
    made.append(table("errors", pd.DataFrame({"error": made}, index=list(samples)), "toy/write"))
    made += [constant("plain.rate", 0.1, 1, "toy/plain/evaluate"), Text("worst.review", "100 %", "toy/plain/evaluate")]
    return {item.key: item for item in made}


def examples():
    """Return each function that templates.md describes, with its example."""
    return re.findall(r"^::: (\w+)\n\n```latex\n(.*?)```", (DOCS / "templates.md").read_text(), re.M | re.S)


@pytest.mark.parametrize(("name", "source"), examples())
def test_the_example_of_each_function_is_rendered(name, source, tmp_path):
    assert f"{name}(" in source
    template, published = tmp_path / "toy.tex.j2", tmp_path / "published.yaml"
    template.write_text(source)
    published.write_text(NOTE)
    section = render_section(
        template,
        problem="toy",
        tier="real",
        numbers=numbers(),
        figures=["curves"],
        published=read_published(published),
        provenance=JOBS,
        listings={"scripts.problems.toy.model:loss": "def loss():\n    return 0\n"},
    )
    assert section.text.strip() or name == "substitutes"
    assert r"\VAR" not in section.text


def test_each_function_of_templates_has_an_example():
    writer = Writer("toy", "real", {}, (), {}, (), {})
    assert {name for name, _ in examples()} == writer.functions.keys() - set(VALUES)


def test_what_the_documents_take_from_the_code_is_there():
    made = {page.stem: hooks().on_page_markdown(page.read_text()) for page in PAGES}
    assert not [name for name, text in made.items() if ":::" in text]
    assert all(f"`reprose {name}`" in made["commands"] for name in COMMANDS)
    assert "`problems.PROBLEM.variants.VARIANT.blocks.BLOCK.seeds *`" in made["settings"]
    assert "`measured(key, samples, digits, better, source, unit='', mean_of='')`" in made["python"]


@pytest.mark.parametrize("page", ["settings", "commands", "python"])
def test_a_page_that_a_site_fills_says_how_to_see_its_list_without_one(page):
    (mark,) = re.findall(r"^::: .*$", (DOCS / f"{page}.md").read_text(), flags=re.MULTILINE)
    assert "`make docs`" in mark
    if script := re.search(r"`(PYTHONPATH=. python (docs/hooks.py \w+))`", mark):
        printed = subprocess.check_output([sys.executable, *script[2].split()], cwd=ROOT, env={"PYTHONPATH": "."})
        assert printed.decode() in hooks().on_page_markdown(mark) + "\n"
    assert hooks().on_page_markdown(mark).count("make docs") == 0


def test_the_page_of_template_functions_says_how_to_read_one_without_a_site():
    (script,) = re.findall(r"`PYTHONPATH=. python (docs/hooks.py n)`", (DOCS / "templates.md").read_text())
    printed = subprocess.check_output([sys.executable, *script.split()], cwd=ROOT, env={"PYTHONPATH": "."})
    assert printed.decode().startswith("`n(key, kind='mean'")


def test_the_model_of_scikit_learn_is_that_of_the_example():
    told = (DOCS / "own-report.md").read_text()
    code = re.search(r"\*\*A model without epochs\*\*.*?```python\n(.*?)```", told, flags=re.S)
    assert textwrap.dedent(code[1]) in (ROOT / "tests/workflow/houses/scripts/problems/houses/train.py").read_text()


def test_each_message_of_the_documents_is_one_of_the_engine():
    shown = re.findall(r"^### `(.*)`$", (DOCS / "troubleshooting.md").read_text(), flags=re.MULTILINE)
    assert len(shown) > 10
    trees = [ast.parse(path.read_text()) for path in ROOT.glob("reprose/**/*.py")]
    said = [node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    texts = [text for text in said if isinstance(text, str)]
    assert [message for message in shown if not any(message in text for text in texts)] == []


def test_each_page_has_its_place_and_each_link_an_end():
    listed = re.findall(r"[\w-]+\.md", yaml.safe_dump(yaml.safe_load((ROOT / "mkdocs.yml").read_text())["nav"]))
    assert sorted(listed) == [page.name for page in PAGES]
    for path in [*PAGES, ROOT / "README.md"]:
        for target in re.findall(r"\]\(([^)#:\s]+)[^):]*\)", path.read_text()):
            assert (path.parent / target).exists(), f"{path.name}: {target}"


def test_the_readme_is_one_screen():
    assert len((ROOT / "README.md").read_text().splitlines()) <= 60
