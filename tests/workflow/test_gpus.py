"""Trainings on GPUs: no two on one, all of them in use. The GPUs are made up, and nothing computes on them."""

import json

from workflow.test_errors import refused

NOTE = """    begun = time.time()
    time.sleep(1)
    for run in runs:
        yield run, partial(Descent, run, data)
    with open("gpus.txt", "a") as file:
        file.write(f"{os.environ['CUDA_VISIBLE_DEVICES']} {begun} {time.time()} {device}\\n")
"""


def on_gpus(project):
    """Let the toy train on GPUs, and note on which and when."""
    project.edit("config.yaml", "device: cpu", "device: auto")
    path = project.folder / "scripts/problems/toy/train.py"
    head, _, tail = path.read_text().partition("    for run in runs:\n")
    path.write_text(head.replace("import time", "import os\nimport time") + NOTE + tail.partition("\n")[2])


def build(project, tmp_path, **environment):
    """Build on four cores, with locks of GPUs that no other build on this machine knows."""
    return project.run(project.reprose("build", "--", "--cores", "4"), TMPDIR=str(tmp_path), **environment)


def notes(project):
    """Return (gpu, start, end, device) of each training."""
    rows = [line.split() for line in (project.folder / "gpus.txt").read_text().splitlines()]
    return sorted(((gpu, float(start), float(end), device) for gpu, start, end, device in rows), key=lambda row: row[1])


def together(rows):
    """Return the most trainings that ran at the same time."""
    return max(sum(start <= moment < end for _, start, end, _ in rows) for _, moment, _, _ in rows)


def test_with_two_gpus_two_trainings_run_at_a_time_and_never_two_on_one(toy, tmp_path):
    on_gpus(toy)
    build(toy, tmp_path, REPROSE_GPUS="2")
    rows = notes(toy)
    assert {device for *_, device in rows} == {"cuda"}
    assert {gpu for gpu, *_ in rows} == {"0", "1"}
    assert together(rows) == 2
    for gpu in ("0", "1"):
        assert together([row for row in rows if row[0] == gpu]) == 1
    record = json.loads(toy.read("results/sample/toy/plain/first_1_2/provenance.json"))
    assert record["key"]["compute"]["device"] == "cuda"
    assert json.loads(toy.read("results/sample/toy/plain/test/run.json"))["device"] == "cpu"


def test_a_training_gets_only_a_gpu_that_was_given_to_the_build(toy, tmp_path):
    on_gpus(toy)
    build(toy, tmp_path, REPROSE_GPUS="4", CUDA_VISIBLE_DEVICES="GPU-7a")
    assert {gpu for gpu, *_ in notes(toy)} == {"GPU-7a"}
    assert together(notes(toy)) == 1


def test_without_a_gpu_auto_is_the_processor_with_the_keys_of_today(toy, tmp_path):
    toy.edit("config.yaml", "device: cpu", "device: auto")
    assert build(toy, tmp_path, REPROSE_GPUS="0").ran == set()


def test_asking_for_a_gpu_where_there_is_none_is_refused_before_any_work(toy):
    toy.edit("config.yaml", "device: cpu", "device: cuda")
    refused(toy, "compute.device is cuda, but no GPU can be used here", "Allowed: auto, cpu", CUDA_VISIBLE_DEVICES="")
