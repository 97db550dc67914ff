"""How long the sweep of document 003 takes, beside a loop that trains one autoencoder after another.

Run as `PYTHONPATH=scripts python tests/bench/student.py [epochs]`: every k and learning rate of the search, for so
many epochs (1 by default; all epochs cost the same). The loop is the assignment's: dense layers, automatic
differentiation, one student a step. Data: the published answers where REPROSE_MIRROR names a folder that holds them,
else made-up ones of the same size. Both run on one thread, each in a process of its own, timed in seconds of that
thread; their costs and accuracies must agree, or the exit status is 1.
"""

import itertools
import os
import platform
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch
from torch import nn

from datasets import eedi
from problems.student.train import train
from reprose.checkpoint import Checkpoint
from reprose.experiment import Arrays, Run, Session

SIZES, RATES, SEEDS = (10, 50, 100, 200, 500), (0.003, 0.01, 0.03), (101, 102, 103)
PLAIN_SEEDS = SEEDS[:1]  # the loop's time grows with the seeds exactly, so one is enough
COST_TOLERANCE = 1e-4  # relative
ACCURACY_TOLERANCE = 1e-3  # a few answers whose probability is a half to the last digits
VALUES = {"model": "autoencoder", "penalty": 0.0, "keep_weights": False}
VALUES |= {"traits": 0, "sweeps": 1, "burn_in": 0, "thinning": 1}
Report = tuple[dict[str, tuple[float, float]], float, float]  # run -> cost and accuracy; seconds; peak memory in MiB


def runs(epochs: int, seeds: tuple[int, ...]) -> list[Run]:
    """Return every run of the sweep."""
    return [
        Run(f"{hidden} {rate}", seed, {**VALUES, "hidden": hidden, "learning_rate": rate, "epochs": epochs})
        for hidden, rate in itertools.product(SIZES, RATES)
        for seed in seeds
    ]


def plain(run: Run, data: dict[str, Arrays]) -> tuple[float, float]:
    """Return cost of the last epoch and validation accuracy after it, by the assignment's own loop."""
    training, held_out = data["train"], data["validation"]
    students, questions = int(training["student_rows"]), int(training["question_rows"])
    answers = torch.full((students, questions), float("nan"))
    answers[training["students"], training["questions"]] = torch.from_numpy(training["correct"]).float()
    inputs, answered = answers.nan_to_num(0.0), ~answers.isnan()
    torch.manual_seed(run.seed)
    layers = [nn.Linear(questions, run.values["hidden"]), nn.Linear(run.values["hidden"], questions)]
    model = nn.Sequential(layers[0], nn.Sigmoid(), layers[1], nn.Sigmoid())
    optimizer = torch.optim.SGD(model.parameters(), lr=run.values["learning_rate"])
    for _ in range(run.values["epochs"]):
        total = 0.0
        for student in range(students):
            mask = answered[student]
            loss = ((model(inputs[student]) - inputs[student])[mask] ** 2).sum()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item()
        with torch.no_grad():
            right = model(inputs)[held_out["students"], held_out["questions"]].numpy() >= 0.5
        accuracy = float(np.mean(right == (held_out["correct"] == 1)))
    return total, accuracy


def run_plain(data: dict[str, Arrays], epochs: int) -> Report:
    """Time one autoencoder after another."""
    torch.set_num_threads(1)
    start = time.process_time()
    found = {run.name: plain(run, data) for run in runs(epochs, PLAIN_SEEDS)}
    return found, time.process_time() - start, peak()


def run_ours(data: dict[str, Arrays], epochs: int) -> Report:
    """Time the project's own training step, validation and checkpoints included."""
    torch.set_num_threads(1)
    start = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        session = Session(Checkpoint(Path(folder)), "cpu", lambda name, epoch, metrics: None)
        outcomes = train(runs(epochs, SEEDS), data, {}, session)
    seconds = time.process_time() - start
    found = {name: (o.metrics["training_cost"], o.metrics["accuracy"]) for name, o in outcomes.items()}
    return found, seconds, peak()


def peak() -> float:
    """Return the largest memory that this process has held, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def load() -> tuple[str, dict[str, Arrays]]:
    """Return what the data are, and their parts."""
    mirror = Path(os.environ.get("REPROSE_MIRROR", ""), "eedi")
    if "REPROSE_MIRROR" in os.environ and mirror.is_dir():
        return "Eedi", eedi.starter_split(eedi.read(mirror))
    with tempfile.TemporaryDirectory() as folder:
        eedi.make_sample(Path(folder), 1, students=eedi.STUDENTS, questions=eedi.QUESTIONS, answers=67_317)
        return "made-up answers", eedi.starter_split(eedi.read(Path(folder)))


def alone(function: Callable[..., Report], *arguments: object) -> Report:
    """Call `function` in a process of its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(function, *arguments).result()


def main() -> None:
    """Run both, compare, print."""
    epochs = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    name, data = load()
    reference, plain_seconds, plain_memory = alone(run_plain, data, epochs)
    ours, our_seconds, our_memory = alone(run_ours, data, epochs)
    each = {"plain": plain_seconds / len(reference) / epochs, "stacked": our_seconds / len(ours) / epochs}
    print(f"student, {name}, {len(SIZES)} k x {len(RATES)} rates, {epochs} epochs, one thread, {platform.machine()}")
    for kind, count, memory in (("plain", len(reference), plain_memory), ("stacked", len(ours), our_memory)):
        print(f"  {kind:7s} {each[kind] * 1e3:7.1f} ms per run and epoch ({count} runs), peak {memory:.0f} MiB")
    costs, accuracies = np.abs([np.subtract(ours[run], reference[run]) for run in reference]).T
    relative = (costs / [cost for cost, _ in reference.values()]).max()
    print(f"  ratio {each['plain'] / each['stacked']:.1f}; largest difference: cost {relative:.1e} relative,", end=" ")
    print(f"accuracy {accuracies.max():.1e}")
    if not (relative < COST_TOLERANCE and accuracies.max() < ACCURACY_TOLERANCE):
        sys.exit(f"the two disagree; allowed: {COST_TOLERANCE:.0e} and {ACCURACY_TOLERANCE:.0e}")


if __name__ == "__main__":
    main()
