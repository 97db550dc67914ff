"""Builds on a real, small Slurm cluster: the bytes of a local build, whatever happens to the jobs."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from threading import Timer

import pytest

from workflow.mini_slurm import MiniSlurm, lacking
from workflow.processes import wait_for
from workflow.project import HANGS, ROOT, Project, make_copy, make_toy

PLUGIN = ROOT / ".venv/slurm"
HANDOUT = "results/sample/handouts/toy.pdf"
TRAIN = "scripts/problems/toy/train.py"
# What a test does to a running job without a change of its key: hold it, see its GPU, and let `ridge` take 1.1 GB.
KNOBS = """        self.data = data
        while Path("hold").exists():
            time.sleep(0.1)
        if card := os.environ.get("CUDA_VISIBLE_DEVICES"):
            Path(f"card{card}").mkdir(exist_ok=True)
        ballast = np.ones(140_000_000 if self.wanted.decay and run.seed == 3 and Path("ballast").exists() else 1)
        time.sleep(5 if ballast.size > 1 else 0)  # Slurm looks every second
"""


# A workflow of one job, which waits for a file, with as much of the engine as tells whose jobs are whose.
TINY = """
from pathlib import Path
from reprose.commands import slurm, snakemake_internals as internals

rule train:
    output: "made"
    shell: "until test -e go; do sleep .1; done; touch made"

def begin():
    Path(".reprose").mkdir(exist_ok=True)
    if token := slurm.settle(internals.submits(workflow)):
        internals.name_jobs(workflow, token)

if internals.is_a_job_of_another(workflow):
    slurm.check_wanted()
else:
    internals.before_planning(workflow, begin)
"""


class Submitting(Project):
    """A project that is built on a cluster."""

    def __init__(self, folder: Path, cluster: MiniSlurm, plugin: Path) -> None:
        super().__init__(folder)
        self.cluster = cluster
        self.plugin = plugin

    def environment(self, **more: str) -> dict[str, str]:
        """Return the environment of a shell on a host of the cluster, as `make PROFILE=slurm` sets it."""
        own = super().environment(**more)
        path = f"{self.cluster.folder / 'bin'}{os.pathsep}{own['PATH']}"
        found = os.pathsep.join([*filter(None, [own.get("PYTHONPATH")]), str(self.plugin)])
        cluster = {"SLURM_CONF": str(self.cluster.configuration), "REPROSE_GPUS": "1"}  # of the nodes
        return {**own, **cluster, "PATH": path, "PYTHONPATH": found}

    def submit(self, *options: str) -> subprocess.Popen:
        """Start the front door, which asks the cluster every second how its jobs are."""
        often = ("--slurm-init-seconds-before-status-checks", "1")
        return self._start(self.reprose("build", "--profile", "slurm", "--", *often, *options))

    def start_tiny(self, *options: str) -> subprocess.Popen:
        """Start Snakemake, with the engine that is not in the folder."""
        path = os.pathsep.join([str(ROOT), str(self.plugin)])
        words = ["env", f"PYTHONPATH={path}", self.python, "-m", "snakemake", "--cores", "1", *options]
        return self._start([*words, "--default-resources", "mem_mb=500", "runtime=5"])

    def jobs(self, shown: str, states: str = "") -> list[str]:
        """Return one line for each job in this project's folder."""
        lines = self.cluster.jobs(f"{shown}|%Z", states)
        return [line.rpartition("|")[0] for line in lines if line.endswith(f"|{self.folder.resolve()}")]

    def job(self, batch: str, state: str) -> str:
        """Return the number of the newest job of a batch once it is in `state`."""
        found = []

        def there() -> bool:
            rows = [line.split("|") for line in self.jobs("%i|%T|%k", "all")]
            found[:] = [int(number) for number, now, what in rows if now == state and what.endswith(batch)]
            return bool(found)

        wait_for(there, f"the batch {batch} is {state}")
        return str(max(found))


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """The cluster that all tests of this module share."""
    if reason := lacking():
        pytest.skip(reason)
    made = MiniSlurm(tmp_path_factory.mktemp("slurm"))
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def plugin(tmp_path_factory):
    """The executor plugin, changed not to ask less and less often."""
    if not PLUGIN.exists():
        pytest.skip(f"{PLUGIN} is missing; 'make slurm' installs it")
    folder = shutil.copytree(PLUGIN, tmp_path_factory.mktemp("plugin") / "slurm")
    module = folder / "snakemake_executor_plugin_slurm/__init__.py"
    text = module.read_text()
    assert "self.next_seconds_between_status_checks + 10" in text
    module.write_text(text.replace("self.next_seconds_between_status_checks + 10", "1"))
    return folder


@pytest.fixture(scope="module")
def pattern(tmp_path_factory):
    """A toy project with knobs, built on this machine."""
    project = make_toy(tmp_path_factory.mktemp("knobs") / "project")
    project.edit(TRAIN, "        self.data = data\n", KNOBS)
    project.edit(TRAIN, "import time\n", "import os\nimport time\nfrom pathlib import Path\n")
    project.edit("reprose/commands/slurm.py", "INTERVAL = 15", "INTERVAL = 1")
    project.build()
    return project


@pytest.fixture
def toy(pattern, cluster, plugin, tmp_path):
    """The toy project with knobs before its first build, for the cluster."""
    made = ("results", "data", "logs", ".snakemake", ".reprose")
    top = str(pattern.folder)
    shutil.copytree(top, tmp_path / "project", ignore=lambda folder, _: made if folder == top else ())
    return Submitting(tmp_path / "project", cluster, plugin)


def finish(build):
    """Return what a build said, once it has ended."""
    text, _ = build.communicate(timeout=HANGS)
    return text


def wait_to_hear(build, words):
    """Wait until a running build says a line that contains `words`."""
    watchdog = Timer(HANGS, build.kill)
    watchdog.start()
    assert any(words in line for line in build.stdout), f"the build ended without saying '{words}'"
    watchdog.cancel()


def test_jobs_that_are_cancelled_or_run_out_of_time_or_memory_or_lose_their_node_are_tried_again(toy, pattern):
    (toy.folder / "hold").touch()
    (toy.folder / "ballast").touch()
    build = toy.submit("--set-resources", "train:mem_mb=600*attempt")
    for name in ("ridge/first_1_3", "plain/first_3_3", "plain/first_1_2"):
        wait_for((toy.folder / f"logs/sample/toy/{name}/train.log").exists, f"the step {name} runs")
    ridge, late, cancelled = (toy.job(name, "RUNNING") for name in ("ridge_first_1_3", "first_3_3", "first_1_2"))
    toy.cluster.run("scancel", cancelled)
    toy.cluster.run("scontrol", "update", f"JobId={late}", "EndTime=now+1")
    toy.job("first_3_3", "TIMEOUT")
    node = toy.cluster.run("squeue", "--noheader", "--jobs", ridge, "--format", "%N")
    toy.cluster.switch_off(node)
    toy.job("ridge_first_1_3", "NODE_FAIL")
    toy.cluster.start_node(node)
    (toy.folder / "hold").unlink()
    text = finish(build)
    assert build.returncode == 0, text
    assert toy.read(HANDOUT) == pattern.read(HANDOUT)
    for job, end in ((cancelled, "CANCELLED"), (late, "TIMEOUT"), (ridge, "NODE_FAIL")):
        assert f"error: job {job} on the cluster has ended as {end}" in text
    assert "DUE TO TIME LIMIT" in text
    assert "exceeded memory limit" in text
    assert text.count("trying again") >= 4
    ends = [line.split("|")[1] for line in sorted(toy.jobs("%k|%T|%m", "all")) if "ridge" in line]
    assert sorted(ends) == ["COMPLETED", "FAILED", "NODE_FAIL"]


def test_after_a_kill_the_next_build_cancels_what_was_left_and_starts_no_second_copy(toy, pattern):
    (toy.folder / "hold").touch()
    notebook = toy.cluster.submit(toy.folder, "notebook")
    toy.cluster.run("scontrol", "update", "NodeName=n2", "State=DRAIN", "Reason=test")
    build = toy.submit()
    states = ["PENDING", "PENDING", "RUNNING", "RUNNING"]
    wait_for(lambda: sorted(toy.jobs("%T")) == states, "two jobs run, and one waits as the notebook does")
    second = finish(toy.submit())
    assert "another build" in second and "is running in this folder" in second
    wait_to_hear(build, "on the cluster: 2 running, 1 pending (")
    os.killpg(build.pid, signal.SIGKILL)
    finish(build)
    assert len(toy.jobs("%i")) == 4
    toy.cluster.run("scontrol", "update", "NodeName=n2", "State=RESUME")
    (toy.folder / "hold").unlink()
    build = toy.submit("--set-resources", "train:gpu=int(wildcards.variant == 'ridge')")
    text = finish(build)
    assert build.returncode == 0, text
    assert (toy.folder / "card0").exists()
    assert "cancelling what an interrupted build left on the cluster: " in text
    assert toy.read(HANDOUT) == pattern.read(HANDOUT)
    assert not overlapping([line.split("|") for line in toy.jobs("%k|%S|%e", "all")])
    assert toy.jobs("%i") == [notebook]
    toy.cluster.run("scancel", notebook)


def test_of_all_jobs_in_a_folder_only_those_of_its_own_dead_build_are_cancelled(cluster, plugin, tmp_path):
    tiny = Submitting(tmp_path / "project", cluster, plugin)
    tiny.folder.mkdir()
    (tiny.folder / "Snakefile").write_text(TINY)
    build = tiny.start_tiny("--executor", "slurm", "--jobs", "1", "--slurm-status-command", "squeue")
    wait_for(lambda: tiny.jobs("%T") == ["RUNNING"], "the job runs")
    number, name = tiny.jobs("%i|%j")[0].split("|")
    os.killpg(build.pid, signal.SIGKILL)
    said = finish(build)
    elsewhere = tmp_path / "copy"
    elsewhere.mkdir()
    others = [cluster.submit(tiny.folder, "notebook"), cluster.submit(elsewhere, name)]
    build = tiny.start_tiny("--nolock", "--rerun-incomplete")
    wait_for(lambda: tiny.jobs("%T", "all").count("CANCELLED") == 1, "the job is cancelled")
    (tiny.folder / "go").touch()
    said += finish(build)
    assert build.returncode == 0 and (tiny.folder / "made").exists(), said
    assert f"cancelling what an interrupted build left on the cluster: {number} (train, running)" in said
    assert {other for other in others if other in cluster.jobs("%i")} == {*others}
    cluster.run("scancel", *others)


def overlapping(times):
    """Return jobs (what, start, end) that began before another one of the same batch had ended."""
    ran = sorted(row for row in times if row[1] != "N/A")
    return [
        after for before, after in zip(ran, ran[1:], strict=False) if before[0] == after[0] and after[1] < before[2]
    ]


def test_an_error_of_a_step_and_a_refused_submission_reach_the_screen(toy):
    toy.edit(TRAIN, '"weights": self.weights}, {"error": ', '"weights": self.weights}, {"error": float("nan") * ')
    build = toy.submit("--retries", "0")
    text = finish(build)
    assert build.returncode == 1
    assert "run single/1: the metric 'error' is nan, expected a finite number" in text
    assert "What was finished is kept" in text
    build = toy.submit("--retries", "0", "--default-resources", "slurm_partition=fast")
    text = finish(build)
    assert build.returncode == 1
    assert "error: the cluster takes no such job: sbatch: error: " in text and "invalid partition" in text


def test_a_handout_of_the_project_has_the_bytes_of_a_local_build(cluster, plugin, traced, tmp_path, capsys):
    project = only(Submitting(make_copy(tmp_path / "project").folder, cluster, plugin), "student_responses")
    started = time.monotonic()
    build = project.submit()
    text = finish(build)
    took = time.monotonic() - started
    assert build.returncode == 0, text
    files = ("handouts/student_responses.pdf", "handouts/student_responses.html", "student/numbers/numbers.json")
    for file in files:
        assert project.read(f"results/sample/{file}") == traced.read(f"results/sample/{file}"), file
    count = len(project.jobs("%i", "all"))
    with capsys.disabled():
        print(f"\nstudent_responses, sample tier: {took:.0f} s by Slurm on this machine ({count} jobs)")


def only(project, handout):
    """Leave one handout in a project."""
    for path in project.folder.glob("report/handouts/*.tex.j2"):
        if path.name != f"{handout}.tex.j2":
            path.unlink()
    return project
