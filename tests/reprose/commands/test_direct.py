import re
from dataclasses import replace

import pytest

from made_up_jobs import job
from reprose.base.package import engine_file
from reprose.commands import direct

PLAIN = engine_file("Snakefile").read_text()


@pytest.fixture
def project(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SNAKEMAKE_PROFILE", raising=False)
    (tmp_path / "Snakefile").write_text(PLAIN)
    return tmp_path


def test_light_jobs_of_a_plain_project_need_no_snakemake(project):
    assert direct.workers([], project) >= 1
    assert direct.workers(["--cores", "3"], project) == 3


@pytest.mark.parametrize("options", [["--forceall"], ["--cores", "2", "--sdm", "conda"], ["--profile", "slurm"]])
def test_other_options_are_for_snakemake(project, options):
    assert direct.workers(options, project) == 0


def test_a_profile_of_the_person_is_for_snakemake(project, monkeypatch):
    monkeypatch.setenv("SNAKEMAKE_PROFILE", "mine")
    assert direct.workers([], project) == 0


def test_settings_of_the_projects_own_profile_beyond_the_engines_are_for_snakemake(project):
    own = project / "profiles/default/profile.yaml"
    own.parent.mkdir(parents=True)
    own.write_text("cores: 1\nkeep-going: true\n")
    assert direct.workers([], project) == 1
    assert direct.workers(["--cores", "3"], project) == 3
    own.write_text("cores: 1\nsoftware-deployment-method: conda\n")
    assert direct.workers([], project) == 0


@pytest.mark.parametrize(
    "own",
    [
        'rule draw:\n    output: "report/drawn.png"\n    shell: "draw {output}"\n',  # which a handout may read
        "use rule write as write_anew with:\n    threads: 2\n",
        'onsuccess:\n    shell("mail me")\n',
        'include: "more.smk"\n',
        'import os; os.environ["A"] = "b"\n',
    ],
)
def test_rules_and_statements_of_the_projects_own_are_for_snakemake(project, own):
    (project / "Snakefile").write_text(f"{PLAIN}\n{own}")
    assert direct.workers([], project) == 0


def test_the_projects_own_version_of_the_engines_rules_is_for_snakemake(project):
    own = project / "workflow/rules/report.smk"
    own.parent.mkdir(parents=True)
    own.write_text(engine_file("workflow/rules/report.smk").read_text())
    assert direct.workers([], project) == 0


def test_light_jobs_are_called_as_their_rules_call_them():
    text = engine_file("workflow/rules/report.smk").read_text()
    called = re.findall(
        r"PYTHONPATH= python -m reprose\.steps (\w+) \.reprose/jobs/\{params\.key\}\.json 2>&1 \| tee", text
    )
    assert sorted(called) == sorted(direct.LAYERS)
    assert sorted(re.findall(r"^rule (\w+):", text, flags=re.MULTILINE)) == sorted(direct.LAYERS)


def test_jobs_that_need_each_other_come_one_after_another():
    made = [replace(job(rule), rule=rule) for rule in ("typeset", "write", "plot", "write", "summarize")]
    assert [[each.rule for each in layer] for layer in direct.layers(made)] == [
        ["plot", "summarize"],
        ["write", "write"],
        ["typeset"],
    ]
