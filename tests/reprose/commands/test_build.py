from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from made_up_jobs import MadeUp, job, ran
from reprose.commands.build import Build, joined
from reprose.jobs import digests, leftovers
from reprose.jobs.store import Stores


@pytest.fixture(autouse=True)
def folder(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)


def wave(*datasets, ran=(), aside=()):
    """Return made-up jobs; of some a record is there, of others it was set aside."""
    jobs = [job(name) for name in datasets]
    for made in jobs:
        record = Path(made.record)
        for known, path in ((ran, record), (aside, record.parent / ".stale" / record.name)):
            if made.wildcards["problem"] in known:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.touch()
    return jobs


def typesetting():
    """Return a build that has not typeset its handout."""
    pdf = "results/sample/handouts/toy.pdf"
    made = job("toy")
    made = replace(
        made,
        rule="typeset",
        wildcards={"tier": "sample", "handout": "toy"},
        outputs={"pdf": pdf, "provenance": f"{pdf}.json"},
    )
    build = Build.__new__(Build)
    build.jobs = SimpleNamespace(tier="sample", handouts={"toy": []}, job=lambda rule, handout: made, all=[made])
    build.undone = [made]
    return build


@pytest.mark.parametrize("place", ["results/sample/handouts/toy.pdf", "results/sample/handouts/.stale/toy.pdf"])
def test_of_a_handout_that_failed_the_pdf_of_an_earlier_state_is_named(place, capsys, monkeypatch):
    monkeypatch.setattr(leftovers, "told", lambda jobs: "")
    build = typesetting()
    build.tell(1.0, worked=True)
    assert "not built: toy, which could not be typeset\n" in capsys.readouterr().out
    Path(place).parent.mkdir(parents=True)
    Path(place).touch()
    build.tell(1.0, worked=True)
    assert f"not built: toy, which could not be typeset; {place} is of an earlier state\n" in capsys.readouterr().out


def test_numbers_that_are_typed_into_templates_are_named_with_their_lines(capsys, monkeypatch):
    monkeypatch.setattr(leftovers, "told", lambda jobs: "")
    build = typesetting()
    templates = {name: Path(name) for name in ("handout.tex.j2", "section.tex.j2")}
    for path in templates.values():
        path.write_text("An error\nof 0.93.\n")
    made = {
        rule: replace(build.undone[0], rule=rule, inputs={"template": (name,)})
        for rule, name in zip(("typeset", "write"), templates, strict=True)
    }
    build.undone = []
    build.jobs = SimpleNamespace(tier="sample", handouts={"toy": ["toy"]}, job=lambda rule, **_: made[rule], all=[])
    build.jobs.upstream = lambda records: set()
    for worked in (True, False):
        build.tell(1.0, worked)
        told = capsys.readouterr().out
        assert "typed by hand, so from no job: section.tex.j2: 0.93 (line 2)\n" in told
        assert "typed by hand, so from no job: handout.tex.j2: 0.93 (line 2)\n" in told


def test_where_nothing_has_run_there_is_one_wave():
    waves = [wave("a"), wave("b", "c"), wave("d")]
    assert joined(waves) == [[*waves[0], *waves[1], *waves[2]]]


def test_a_wave_with_a_job_that_has_run_waits_for_the_one_before():
    waves = [wave("a"), wave("b", "c", ran="c"), wave("d"), wave("e", aside="e")]
    assert joined(waves) == [waves[0], [*waves[1], *waves[2]], waves[3]]


def test_the_first_wave_is_one_of_its_own_if_all_others_have_run():
    waves = [wave("a"), wave("b", ran="b")]
    assert joined(waves) == waves


def test_what_a_look_has_read_is_not_read_by_the_next(monkeypatch):
    made = job("toy")
    ran(made)
    monkeypatch.setattr(digests, "YOUNG", 0)
    build = Build(MadeUp([made]), SimpleNamespace(options=["--keep-going"]), Stores([], Path("sent.json")))
    assert not build.assess({made.record}).not_valid([made])
    monkeypatch.setattr(digests, "file_digest", lambda path: pytest.fail(f"{path} is read again"))
    assert not build.assess({made.record}).not_valid([made])


def test_where_there_are_stores_the_data_stand_apart():
    data, views, models, pages = (
        [replace(each, rule=rule) for each in wave(rule)] for rule in ("fetch", "prepare", "train", "plot")
    )
    assert joined([data, views, models, pages], is_shared=True) == [data + views, models + pages]
    assert joined([data, views, models, pages]) == [data + views + models + pages]


def test_more_jobs_than_a_command_can_name_are_run_in_parts(monkeypatch):
    monkeypatch.setattr("reprose.commands.build.MOST", 2)
    jobs, asked = wave("a", "b", "c"), []
    build = Build.__new__(Build)
    build.workers, build.jobs = 0, SimpleNamespace(upstream=set)
    build.snakemake = SimpleNamespace(run=lambda records, screen: asked.append(records) or len(records) - 1)
    found = SimpleNamespace(findings={each.record: SimpleNamespace(state="absent") for each in jobs})
    assert build._run(jobs, found, None) == 1  # that of the first part, though the last went well
    assert asked == [[jobs[0].record, jobs[1].record], [jobs[2].record]]
