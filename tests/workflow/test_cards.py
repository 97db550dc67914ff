"""Trainings on GPUs: no two on one, all of them in use. The cards are made up, and nothing computes on them."""

import json
import sys

from workflow.test_errors import refused

NOTE = """    import os, time
    begun = time.time()
    time.sleep(1)
    made = {run.name: fit(settings(Hyperparameters, run.values, run.name), run.seed, data) for run in runs}
    with open("cards.txt", "a") as file:
        file.write(f"{os.environ['CUDA_VISIBLE_DEVICES']} {begun} {time.time()} {session.device}\\n")
    return made
"""


def on_cards(project):
    """Let the toy train on cards, and note on which and when."""
    project.edit("config.yaml", "device: cpu", "device: auto")
    path = project.folder / "scripts/problems/toy/train.py"
    head, _, tail = path.read_text().partition("    return {run.name")
    path.write_text(head + NOTE + tail.partition("\n")[2])


def build(project, tmp_path, **environment):
    """Build on four cores, with locks of cards that no other build on this machine knows."""
    command = [sys.executable, "-m", "reprose.build", "--", "--cores", "4"]
    return project.run(command, TMPDIR=str(tmp_path), **environment)


def notes(project):
    """Return (card, start, end, device) of each training."""
    rows = [line.split() for line in (project.folder / "cards.txt").read_text().splitlines()]
    return sorted(
        ((card, float(start), float(end), device) for card, start, end, device in rows), key=lambda row: row[1]
    )


def together(rows):
    """Return the most trainings that ran at the same time."""
    return max(sum(start <= moment < end for _, start, end, _ in rows) for _, moment, _, _ in rows)


def test_with_two_cards_two_trainings_run_at_a_time_and_never_two_on_one(toy, tmp_path):
    on_cards(toy)
    build(toy, tmp_path, REPROSE_GPUS="2")
    rows = notes(toy)
    assert {device for *_, device in rows} == {"cuda"}
    assert {card for card, *_ in rows} == {"0", "1"}
    assert together(rows) == 2
    for card in ("0", "1"):
        assert together([row for row in rows if row[0] == card]) == 1
    record = json.loads(toy.read("results/sample/toy/plain/first_1_2/provenance.json"))
    assert record["key"]["compute"]["device"] == "cuda"
    assert json.loads(toy.read("results/sample/toy/plain/test/run.json"))["device"] == "cpu"


def test_a_training_gets_only_a_card_that_was_given_to_the_build(toy, tmp_path):
    on_cards(toy)
    build(toy, tmp_path, REPROSE_GPUS="4", CUDA_VISIBLE_DEVICES="GPU-7a")
    assert {card for card, *_ in notes(toy)} == {"GPU-7a"}
    assert together(notes(toy)) == 1


def test_without_a_card_auto_is_the_processor_with_the_keys_of_today(toy, tmp_path):
    toy.edit("config.yaml", "device: cpu", "device: auto")
    assert build(toy, tmp_path, REPROSE_GPUS="0").ran == set()


def test_asking_for_a_card_where_there_is_none_is_refused_before_any_work(toy):
    toy.edit("config.yaml", "device: cpu", "device: cuda")
    refused(toy, "compute.device is cuda, but no GPU can be used here", "Allowed: auto, cpu", CUDA_VISIBLE_DEVICES="")
