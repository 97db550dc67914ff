"""Honest gaps: one problem of two fails, the other is built, and a draft says on its pages what is missing."""

import hashlib
import subprocess

import pytest
import yaml

from workflow.test_errors import METRICS

TRAIN = "scripts/problems/second/train.py"


@pytest.fixture
def two(toy):
    """The toy project with a second problem, on data of its own, in a handout with the first; and a mirror."""
    for folder, suffix in (("scripts/problems", ""), ("report/problems", ".tex.j2")):
        subprocess.run(["cp", "-r", f"{folder}/toy{suffix}", f"{folder}/second{suffix}"], cwd=toy.folder, check=True)
    for path in [*toy.folder.glob("scripts/problems/second/*.py"), toy.folder / "report/problems/second.tex.j2"]:
        text = path.read_text().replace("problems.toy", "problems.second").replace("A line", "Another line")
        path.write_text(text.replace("toy/{name}", "second/{name}"))
    (toy.folder / "scripts/datasets/other.py").write_bytes(toy.read("scripts/datasets/line.py"))
    both = toy.read("report/handouts/toy.tex.j2").decode().replace("sections: toy", "sections: second, toy")
    (toy.folder / "report/handouts/both.tex.j2").write_text(both)
    config = yaml.safe_load(toy.read("config.yaml"))
    config["datasets"]["other"] = config["datasets"]["line"]
    config["views"]["others"] = {**config["views"]["thirds"], "dataset": "other"}
    plain = {**config["problems"]["toy"]["variants"]["plain"], "view": "others"}
    ridge = {**config["problems"]["toy"]["variants"]["ridge"], "view": "others"}
    config["problems"]["second"] = {**config["problems"]["toy"], "variants": {"plain": plain, "ridge": ridge}}
    (toy.folder / "config.yaml").write_text(yaml.safe_dump(config))
    mirrored = toy.folder.parent / "\u6570\u636e/line/line.csv"  # a name that the fonts lack
    mirrored.parent.mkdir(parents=True)
    mirrored.write_bytes(toy.read("data/sample/line/line.csv"))
    digest = hashlib.sha256(mirrored.read_bytes()).hexdigest()
    toy.edit("scripts/datasets/line.py", '"0" * 64', f'"{digest}"')
    return toy, str(mirrored.parents[1])


def draft(project, tier, **environment):
    """Build the drafts of a tier."""
    return project.run(project.reprose("draft", "--tier", tier, "--", "--cores", "2"), **environment)


def pages(project, pdf):
    """Return the text of the pages of a PDF."""
    command = ["pdftotext", str(project.folder / pdf), "-"]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout.split("\f")[:-1]


def test_a_problem_without_data_fails_alone_and_the_draft_says_what_to_fetch(two):
    project, mirror = two
    command = project.reprose("build", "--tier", "real", "--", "--cores", "2")
    build = project.run(command, check=False, REPROSE_MIRROR=mirror)
    assert build.code == 1
    assert "left out, for want of data: both. 'make draft TIER=real'" in build.text
    assert (project.folder / "results/real/handouts/toy.pdf").exists()
    assert not [record for record in build.ran if "second" in record]
    draft(project, "real", REPROSE_MIRROR=mirror)
    found = pages(project, "results/real/drafts/both.pdf")
    assert all("DRAFT" in page for page in found)
    assert "Another line" in found[0]
    assert "The job data/other/fetch has not been done" in found[0]
    assert "cannot get line.csv" in found[0]
    assert "[U+6570 U+636E]/other" in " ".join(found[0].split())
    assert "The plain fit has a test error of" in found[0]
    assert not (project.folder / "results/real/handouts/both.pdf").exists()


def test_a_problem_that_fails_leaves_the_others_alone(two):
    project, _ = two
    project.edit(TRAIN, METRICS, '{"error": float("nan")})')
    build = project.build(check=False)
    assert build.code == 1
    assert "not built: both, as these sections failed: second" in build.text
    assert "results/sample/handouts/toy.pdf" in build.text
    draft(project, "sample")
    text = pages(project, "results/sample/drafts/both.pdf")[0]
    assert "The job second/plain/first" in text
    assert "is nan, expected a finite number" in " ".join(text.split())
    project.edit(TRAIN, '{"error": float("nan")})', METRICS)
    assert "results/sample/handouts/both.pdf" in project.build().text


def test_a_draft_never_prints_a_section_whose_results_are_stale(two):
    project, _ = two
    project.build()
    project.edit(TRAIN, METRICS, '{"error": float("inf")})')
    draft(project, "sample")
    text = " ".join(pages(project, "results/sample/drafts/both.pdf")[0].split())
    assert text.count("The plain fit has a test error of") == 1
    assert "is inf, expected a finite number" in text
