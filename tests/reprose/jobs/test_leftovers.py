from pathlib import Path

import pytest

from reprose.config.experiments import expand
from reprose.jobs.graph import Jobs
from reprose.jobs.leftovers import leftovers, told
from reprose.jobs.record import Record, aside
from reprose.jobs.rules import RULES, job_name, paths_of
from toy_config import configuration

PLAIN = {"problem": "toy", "variant": "plain"}
KNOWN = [
    ("fetch", {"dataset": "line"}),
    ("prepare", {"view": "all"}),
    ("train", {**PLAIN, "batch": "main_1_2"}),
    ("choose", PLAIN),
    ("summarize", {"problem": "toy"}),
    ("typeset", {"handout": "new"}),
]
GONE = [
    ("fetch", {"dataset": "old"}),
    ("prepare", {"view": "old"}),
    ("train", {**PLAIN, "batch": "main_1_3"}),
    ("choose", {"problem": "toy", "variant": "old"}),
    ("evaluate", {"problem": "toy", "variant": "old"}),
    ("plot", {"problem": "old"}),
    ("typeset", {"handout": "old"}),
]


@pytest.fixture
def jobs(tmp_path, monkeypatch):
    """The jobs of a small project, without anything built."""
    monkeypatch.chdir(tmp_path)
    put("report/handouts/new.tex.j2")
    return Jobs(expand(configuration(), "sample"), tmp_path)


def put(path):
    """Make a file, and return its path."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).touch()
    return Path(path)


def ran(rule, names, place=lambda path: path):
    """Leave what a job leaves, and return its files; `place` says where they lie."""
    key = {"rule": rule, "tier": "sample", **names}
    outputs = {role: place(path) for role, path in paths_of(rule, key).items()}
    extra = str(Path(outputs["provenance"]).with_name("extra.bin"))  # which no rule declares
    made = [put(path) for path in (*outputs.values(), extra, outputs["provenance"].replace("provenance", "run"))]
    digests = {path: "0" * 64 for path in (*outputs.values(), extra) if path != outputs["provenance"]}
    Record(job_name(key), {**key, "outputs": outputs}, {}, digests).write(Path(outputs["provenance"]))
    return {*made, put(RULES[rule].log.format(**key))}


def found(jobs):
    """Return all files that are left over."""
    return {path for paths in leftovers(jobs).values() for path in paths}


def test_nothing_is_left_of_jobs_that_one_can_ask_for(jobs):
    for rule, names in KNOWN:
        ran(rule, names)
    ran("typeset", {"handout": "new"}, lambda path: path.replace("/handouts/", "/drafts/"))
    assert leftovers(jobs) == {}
    assert told(jobs) == ""


@pytest.mark.parametrize(("rule", "names"), GONE)
def test_all_files_of_a_job_that_nothing_asks_for_are_left_over(jobs, rule, names):
    ran(*KNOWN[3])
    made = ran(rule, names)
    assert found(jobs) == made


def test_drafts_and_what_was_set_aside_and_checkpoints_are_left_over_too(jobs):
    draft = ran("typeset", {"handout": "old"}, lambda path: path.replace("/handouts/", "/drafts/"))
    files = {path for path in ran("choose", {"problem": "toy", "variant": "old"}) if path.parts[0] == "results"}
    for path in files:
        aside(path).parent.mkdir(exist_ok=True)
        path.rename(aside(path))
    log = Path("logs/sample/toy/old/choose.log")
    state = put("results/sample/checkpoints/toy/old/main_1_2/0123/state.npz")
    put("results/sample/checkpoints/toy/plain/main_1_2/0123/state.npz")
    assert found(jobs) == {*draft, *map(aside, files), log, state}
    assert list(leftovers(jobs)) == ["handouts/old/typeset", "toy/old/choose", "toy/old/main_1_2/train"]


def test_files_that_no_record_at_its_place_names_are_a_persons_own(jobs):
    ran("choose", PLAIN)
    copy = Path("results/sample/toy_kept/plain")
    copy.mkdir(parents=True)
    for path in Path("results/sample/toy/plain").iterdir():
        path.rename(copy / path.name)
    put("results/sample/handouts/notes.pdf")
    put("results/sample/odd.provenance.json")
    Record("x", {"rule": "choose"}, {}, {"/etc/hosts": "0"}).write(put("results/sample/a/provenance.json"))
    assert leftovers(jobs) == {}


def test_a_record_that_names_files_elsewhere_gives_none_of_them_away(jobs):
    names = {"tier": "sample", "problem": "toy", "variant": "old"}
    outputs = paths_of("choose", names)
    digests = dict.fromkeys(("config.yaml", "results/sample/../../config.yaml", "results/real/a"), "0")
    for path in (*digests, outputs["provenance"]):
        put(path)
    Record("x", {"rule": "choose", **names, "outputs": outputs}, {}, digests).write(Path(outputs["provenance"]))
    assert found(jobs) == {Path(outputs["provenance"])}


def test_the_first_of_what_is_left_over_are_named_on_one_line(jobs):
    for rule, names in GONE[:5]:
        ran(rule, names)
    assert told(jobs) == (
        "left over, as nothing makes it any more: data/old/fetch, toy/old/choose, toy/old/evaluate and 2 more"
        " ('reprose clean --leftovers' deletes it)"
    )
