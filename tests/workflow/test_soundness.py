"""Every definition that a step really executes is in the fingerprint of its key, for all steps of all problems."""

import json
import sys
from pathlib import Path

import pytest

from reprose import handouts
from web_page import faults
from workflow.project import ROOT, make_copy

TESTS = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def traced(tmp_path_factory):
    """The project itself, built on sample data with every step traced."""
    project = make_copy(tmp_path_factory.mktemp("traced") / "project")
    for rules in project.folder.glob("workflow/rules/*.smk"):
        text = rules.read_text().replace("python scripts/", f"python {TESTS / 'workflow/traced.py'} scripts/")
        rules.write_text(text)
    command = [sys.executable, "-m", "reprose.build"]
    project.run(command, REPROSE_TEST_TRACER=str(TESTS / "reprose/trace_step.py"))
    return project


def test_every_executed_definition_is_in_the_fingerprint(traced):
    unknown = {}
    for trace in traced.folder.glob("traces/*.json"):
        record = traced.folder / trace.with_suffix(".record").read_text()
        run = json.loads(record.with_name(record.name.replace("provenance", "run")).read_text())
        missing = set(json.loads(trace.read_text())) - run["definitions"].keys()
        if missing:
            unknown[str(record.relative_to(traced.folder))] = sorted(missing)
    assert not unknown


def test_no_line_of_a_handout_sticks_out_of_its_column(traced):
    logs = {path.parent.name: path.read_text() for path in traced.folder.glob("logs/sample/handouts/*/typeset.log")}
    assert set(logs) == set(handouts.names(ROOT))
    found = {name: [line for line in log.splitlines() if "Overfull" in line] for name, log in logs.items()}
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_the_web_page_of_every_handout_is_whole(traced):
    pages = {path.stem: path.read_text() for path in traced.folder.glob("results/sample/handouts/*.html")}
    assert set(pages) == set(handouts.names(ROOT))
    assert {name: faults(page) for name, page in pages.items() if faults(page)} == {}


def test_every_rule_was_traced(traced):
    rules = {path.stem for path in (ROOT / "scripts").glob("*.py")}
    executed = {name for trace in traced.folder.glob("traces/*.json") for name in json.loads(trace.read_text())}
    assert {f"{rule}:main" for rule in rules} <= executed
