"""What a person sees of a build: the picture of its jobs, and its results in Python."""

import re
import xml.etree.ElementTree as ElementTree

GRAPH = "results/sample/graph.svg"
SVG = "{http://www.w3.org/2000/svg}"
LOAD = """
import json, reprose
from scripts.problems.toy.figures import draw
found = reprose.load("toy")
frame = found.metrics
ridge = frame[(frame.variant == "ridge") & (frame.part == "test")]
print(json.dumps({
    "error": found.numbers["ridge.error"].value,
    "samples": list(found.numbers["ridge.error"].samples.values()),
    "rows": ridge["value"].tolist(),
    "trials": sorted(set(frame.trial[frame.variant == "ridge"])),
    "curves": found.figures["curves"].exists(),
    "drawn": list(draw(found.results)),
    "epochs": len(found.results.variants["plain"].history("error")[1]),
}))
"""


def graph(project):
    """Return what the command says, and what each box of the picture tells, by its first line."""
    said = project.run(project.reprose("graph")).text
    boxes = ElementTree.fromstring(project.read(GRAPH)).findall(f"{SVG}g")
    told = [box.find(f"{SVG}title").text for box in boxes]
    return said, {text.splitlines()[0].rpartition(": ")[0]: text for text in told}


def test_the_graph_shows_every_job_and_why_it_will_run(toy):
    said, told = graph(toy)
    assert re.search(r"graph\.svg: \d+ up to date", said)
    toy.edit("config.yaml", "decay: [0.01, 0.1]", "decay: [0.02, 0.1]")
    said, told = graph(toy)
    assert all(f"{kind}" in said for kind in ("will run", "may run", "up to date"))
    assert told["toy/plain/first_1_2/train"].count("up to date") == 2  # both batches in one box
    assert "toy/ridge/first_1_3/train: will run\n  " in told["toy/ridge/first_1_3/train"]
    assert "decay=0.02" in told["toy/ridge/first_1_3/train"]
    assert "toy/ridge/first_1_3/provenance.json changes" in told["handouts/toy/typeset"]


def test_results_are_loaded_as_long_as_they_are_those_of_a_build(toy):
    python = [toy.python, "-c", LOAD]
    said = toy.run(python).text
    assert '"curves": true' in said
    assert '"epochs": 20' in said
    assert '"drawn": ["curves"]' in said
    samples = re.search(r'"samples": (\[.*?\])', said)[1]
    assert f'"rows": {samples}' in said
    assert '"trials": ["decay=0.01", "decay=0.1"]' in said
    toy.edit("scripts/problems/toy/helper.py", "SCALE = 1.0", "SCALE = 2.0")
    stale = toy.run(python, check=False).text
    assert "not up to date: toy/plain/first_1_2/train (scripts.problems.toy.helper:SCALE changed" in stale
    assert "Run 'reprose build --tier sample', and load again." in stale
    other = toy.run([toy.python, "-c", LOAD.replace('"toy"', '"other"')], check=False).text
    assert "no problem 'other'. There are: toy." in other
