"""What is known of Snakemake: which invocations build, and what its memory says. Unmarked tests run no Snakemake."""

import json
import os
import subprocess
import sys
from base64 import urlsafe_b64encode
from pathlib import Path
from types import SimpleNamespace

import pytest

from reprose.base.errors import ReproseError
from reprose.commands import snakemake_internals as internals

ROOT = Path(__file__).resolve().parents[3]

# One rule, and a note of what is known when Snakemake is about to look at files.
SNAKEFILE = """
from pathlib import Path
from reprose.commands import snakemake_internals as internals

def note():
    Path("build" if internals.is_a_build(workflow) else "look").touch()
    internals.calm(workflow)
    if Path("fault").exists():
        raise internals.ReproseError("so it is")

rule make:
    output: "made"
    shell: "touch made ran"

internals.before_planning(workflow, note)

onstart:
    if workflow.scheduler.job_rate_limiter:
        Path("limited").touch()
"""

# Calls Snakemake with each list of words that stands on standard input, each in a folder of its own, in one process.
DRIVER = """
import json, os, sys
from pathlib import Path
from snakemake.cli import get_argument_parser, main

# What options take whose value cannot be guessed from the parser.
VALUES = {"report": "report.html", "archive": "archive.tar.gz", "directory": ".", "resources": "gpu=1", "quiet": "all",
          "set_threads": "make=1", "set_resources": "make:gpu=1", "config": "key=1", "groups": "make=one",
          "default_resources": "mem_mb=100", "group_components": "one=1", "forcerun": "make", "targets": "made",
          "until": "make", "prioritize": "made", "cleanup_metadata": "made", "snakefile": "Snakefile",
          "max_jobs_per_timespan": "1/1s", "max_jobs_per_second": "1", "allowed_rules": "make", "cores": "1",
          "set_resource_scopes": "gpu=local", "target_jobs": "make:", "workflow_profile": "none", "profile": "none"}

def case(action):
    option = [action.option_strings[0]] if action.option_strings else []
    if action.nargs == 0:
        return option
    chosen = [str(each).lower() for each in action.choices or []]
    value = VALUES.get(action.dest, chosen[0] if chosen else "1")
    return option + [value] * (2 if action.nargs == 2 else 1)

def call(words):
    try:
        main(["--cores", "1", *words])
    except SystemExit as ended:
        return ended.code or 0

def outcome(number, words):
    folder = Path(f"case{number}").absolute()
    folder.mkdir()
    os.chdir(folder)
    Path("Snakefile").write_text(Path("../Snakefile").read_text())
    code = call(words)
    os.chdir(folder)
    found = [name for name in ("build", "look", "ran", "limited") if Path(name).exists()]
    os.chdir("..")
    return [words, code, found]

asked = json.load(sys.stdin) or [case(action) for action in get_argument_parser()._actions]
done = [outcome(number, words) for number, words in enumerate(asked)]
Path("outcomes.json").write_text(json.dumps(done))
"""


def outcomes(folder, asked=()):
    """Return words, exit status and notes of what happened, of calls of Snakemake; by default one for each option."""
    (folder / "Snakefile").write_text(SNAKEFILE)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", DRIVER]
    said = subprocess.run(
        command, cwd=folder, env=environment, input=json.dumps(asked), text=True, capture_output=True, timeout=900
    )
    assert not said.returncode, said.stderr
    return json.loads((folder / "outcomes.json").read_text())


@pytest.mark.workflow
def test_of_all_options_of_snakemake_those_that_run_a_job_and_only_they_make_a_build(tmp_path):
    done = outcomes(tmp_path)
    worked = [(words, found) for words, code, found in done if code == 0 or "ran" in found]
    assert [words for words, found in worked if ("build" in found) != ("ran" in found)] == []
    assert [words for words, found in worked if "limited" in found] == [["--max-jobs-per-timespan", "1/1s"]]
    assert sum("build" in found for _, found in worked) > 70 and sum("look" in found for _, found in worked) > 20


LOOKS = [
    "--dag=dot",
    "--rulegraph=mermaid-js",
    "--list-changes=input",
    "--lc code",
    "--containerize",
    "--containerize=apptainer",
    "--summ",
    "-S",
    "-nq",
    "--dryrun",
    "-t",
    "--touch",
    "--executor=dryrun",
    "-e touch",
    "--cm made",
    "--unl",
    "--delete-all",
    "--generate-unit-tests",
    "--report=page.html",
    "--conda-create-envs-only",
    "--archive=all.tar.gz",
]
BUILDS = ["", "made", "-- made", "-kF", "--force", "-R make", "--rerun-inc", "--keep-g"]


@pytest.mark.workflow
def test_the_form_of_an_option_makes_no_difference(tmp_path):
    done = outcomes(tmp_path, [line.split() for line in LOOKS + BUILDS])
    assert [words for words, _, found in done if found == ["look"]] == [line.split() for line in LOOKS]
    assert [words for words, _, found in done if found == ["build", "ran"]] == [line.split() for line in BUILDS]


EMBEDDING = """
import sys
from pathlib import Path
from snakemake.api import SnakemakeApi
from snakemake.settings.types import ResourceSettings

with SnakemakeApi() as api:
    plan = api.workflow(resource_settings=ResourceSettings(cores=1), snakefile=Path("Snakefile")).dag()
    plan.execute_workflow() if sys.argv[2] == "execute" else plan.summary()
"""


@pytest.mark.workflow
@pytest.mark.parametrize("option, deed, known", [("--dry-run", "execute", "build"), ("--cores=1", "summarize", "look")])
def test_a_program_that_embeds_snakemake_is_judged_by_what_it_does(tmp_path, option, deed, known):
    (tmp_path / "Snakefile").write_text(SNAKEFILE)
    words, environment = [sys.executable, "-c", EMBEDDING, option, deed], {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run(words, cwd=tmp_path, env=environment, check=True, capture_output=True, timeout=60)
    assert (tmp_path / known).exists() and (tmp_path / "ran").exists() == (known == "build")


def snakemake(folder, *options):
    """Run Snakemake and return what it said."""
    words = [sys.executable, "-m", "snakemake", "--cores", "1", *options]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.workflow
def test_a_fault_that_is_found_before_planning_ends_the_invocation_in_words(tmp_path):
    (tmp_path / "Snakefile").write_text(SNAKEFILE)
    (tmp_path / "fault").touch()
    code, said = snakemake(tmp_path)
    assert code == 1 and "so it is" in said and "Traceback" not in said
    assert not (tmp_path / "ran").exists()


TWO_RULES = """
import json
from reprose.commands import snakemake_internals as internals

rule second:
    input: "first"
    output: "second"
    params: key=config["key"]
    log: "second.log"
    shell: "cp {input} {output}; echo second >> ran"

rule first:
    input: ancient("source")
    output: "first"
    params: key="[1]"
    shell: "cp {input} {output}; echo first >> ran"

def correct():
    known, memory = internals.declared(workflow), internals.memory(workflow)
    for output, source, key in (("first", "source", "[1]"), ("second", "first", config["key"])):
        if not memory.agrees(output, [key], [source], known[output].command):
            print("disagrees:", output)
            memory.forget(output)
        memory.forget_incomplete(output)

if "correct" in config:
    internals.before_planning(workflow, correct)
"""


@pytest.mark.workflow
def test_outputs_whose_memory_is_corrected_are_not_made_again(tmp_path):
    (tmp_path / "Snakefile").write_text(TWO_RULES)
    (tmp_path / "source").write_text("data")
    code, said = snakemake(tmp_path, "--config", "key=old")
    assert code == 0, said
    os.utime(tmp_path / "source")  # newer than what was made of it
    assert "Params have changed" in snakemake(tmp_path, "--dry-run", "--config", "key=new")[1]
    marker = tmp_path / ".snakemake/incomplete" / urlsafe_b64encode(b"first").decode()
    marker.write_text("{}")
    assert "Forced execution" in snakemake(tmp_path, "--dry-run", "--rerun-incomplete", "--config", "key=old")[1]
    code, said = snakemake(tmp_path, "--rerun-incomplete", "--config", "key=new", "correct=1")
    assert code == 0, said
    assert "disagrees: second" in said and "disagrees: first" not in said and "Nothing to be done" in said
    assert (tmp_path / "ran").read_text() == "first\nsecond\n"
    assert not marker.exists()


# Without Snakemake.


def record(memory, output, **changes):
    """Write what Snakemake 9.27 remembers of `output`, with some of it changed."""
    made = {"record_format_version": 6, "params": ["'[1]'"], "input": ["a", "b"], "code": "run {input}"}
    made |= {"software_stack_hash": internals.NO_SOFTWARE, "rule": "make", "shellcmd": "run a b", **changes}
    path = memory.records / memory._name(output)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(made))
    return path


@pytest.fixture
def memory(tmp_path):
    """A memory that is empty."""
    return internals.Memory(tmp_path)


def agrees(memory, output="made"):
    return memory.agrees(output, ["[1]"], [Path("b"), "a"], "run {input}")


def test_what_is_not_remembered_agrees(memory):
    assert agrees(memory)


def test_a_record_of_the_same_job_agrees(memory):
    record(memory, "made")
    assert agrees(memory)


@pytest.mark.parametrize(
    "changes",
    [
        {"params": ["'[2]'"]},
        {"params": []},
        {"params": None},
        {"input": ["a"]},
        {"input": ["a", "b", "c"]},
        {"code": "run {input} twice"},
        {"code": None},
        {"record_format_version": 5},
        {"software_stack_hash": "another"},
    ],
)
def test_a_record_of_another_job_disagrees(memory, changes):
    record(memory, "made", **changes)
    assert not agrees(memory)


@pytest.mark.parametrize("text", ["", "{", "[]", "7", "\xff"])
def test_what_cannot_be_read_disagrees(memory, text):
    record(memory, "made").write_text(text, encoding="latin-1")
    assert not agrees(memory)


@pytest.mark.parametrize("output", ["made", "results/" + "long/" * 80 + "made", "x" * 183, "x" * 250])
def test_an_output_is_forgotten_where_snakemake_remembers_it(memory, tmp_path, output):
    from snakemake.persistence.file import FilePersistence

    kept = FilePersistence(path=tmp_path)
    kept._write_record(output, SimpleNamespace(items=lambda: {"code": "another"}.items()))
    kept._mark_incomplete(output, None)
    assert not agrees(memory, output) and memory.has_incomplete()
    memory.forget(output)
    memory.forget_incomplete(output)
    assert agrees(memory, output) and not memory.has_incomplete()
    assert not kept._filter_incomplete_keys([output])
    memory.forget(output)  # a second time is no fault


def test_the_format_of_records_is_that_of_the_installed_snakemake():
    from snakemake import persistence

    assert internals.RECORD_FORMAT == persistence.RECORD_FORMAT_VERSION


def test_a_lost_memory_is_noticed(memory):
    assert memory.identity() is None
    record(memory, "made")
    assert memory.identity() is not None


def workflow(**more):
    """Return what stands for a workflow whose rules were read."""
    plugin = SimpleNamespace(name="slurm")
    known = {"dag_settings": object(), "executor_plugin": plugin, "dryrun": False, "touch": False}
    return SimpleNamespace(**{**known, **more})


def test_what_an_invocation_does_cannot_be_asked_too_early():
    with pytest.raises(RuntimeError, match="within before_planning"):
        internals.is_a_build(workflow(dag_settings=None, executor_plugin=None))


def test_only_a_build_by_the_slurm_executor_submits():
    assert internals.submits(workflow())
    assert not internals.submits(workflow(dryrun=True))
    assert not internals.submits(workflow(executor_plugin=SimpleNamespace(name="local")))
    assert not internals.submits(workflow(executor_plugin=None))


@pytest.mark.parametrize(
    "own, name", [("", "token"), (None, "token"), ("mine", "token_mine"), ("x" * 50, "token_" + "x" * 44)]
)
def test_jobs_are_named_by_the_build_and_as_the_person_wants(own, name):
    made = workflow(executor_settings=SimpleNamespace(jobname_prefix=own))
    internals.name_jobs(made, "token")
    assert made.executor_settings.jobname_prefix == name


def test_gpus_are_registered_unless_a_person_has_set_their_number():
    made = workflow(
        global_resources={}, register_resource=lambda name, count: made.global_resources.update({name: count})
    )
    internals.register_gpus(made, 0)
    assert made.global_resources == {}
    internals.register_gpus(made, 2)
    internals.register_gpus(made, 3)
    assert made.global_resources == {"gpu": 2}


@pytest.mark.parametrize("limit, left", [((100, 1), False), ((5, 1), True), ((100, 60), True)])
def test_only_the_default_limit_of_starts_is_switched_off(limit, left):
    made = SimpleNamespace(max_jobs_per_timespan=SimpleNamespace(max_jobs=limit[0], timespan=limit[1]))
    internals.calm(workflow(scheduling_settings=made))
    assert bool(made.max_jobs_per_timespan) == left


def test_a_look_has_no_limit_of_starts_to_switch_off():
    internals.calm(workflow(scheduling_settings=None))


def test_only_named_rules_are_tried_again():
    rules = [SimpleNamespace(name=name, restart_times=None) for name in ("train", "write")]
    internals.retry_only(workflow(rules=rules), ["train"])
    assert [rule.restart_times for rule in rules] == [None, 0]


def test_what_rules_declare_has_no_constraints():
    shell = {
        "output": ["{a,[a-z]+}/made", "{a}"],
        "log": ["{a,x|y}.log"],
        "shellcmd": "run {input}",
        "run_func_src": None,
    }
    rules = [
        SimpleNamespace(name="make", **shell),
        SimpleNamespace(name="all", output=[], log=[], shellcmd=None, run_func_src=None),
    ]
    found = internals.declared(workflow(rules=rules))
    assert found["make"] == internals.Declared(["{a}/made", "{a}"], ["{a}.log"], "run {input}")
    assert found["all"] == internals.Declared([], [], None)


def test_a_memory_that_the_audit_cannot_correct_is_refused():
    settings = SimpleNamespace(persistence_backend=SimpleNamespace(name="DB"))
    with pytest.raises(ReproseError, match="--persistence-backend is 'db'. Allowed: file"):
        internals.memory(workflow(workflow_settings=settings))
