"""How long the sweep of document 003 takes, beside a loop that trains one autoencoder after another.

Run as `PYTHONPATH=. python tests/bench/student.py [rounds]`: every k and learning rate of the search, for two
epochs (all epochs cost the same). The loop is the assignment's: dense layers, automatic differentiation, one student a
step. Data: the published answers where REPROSE_MIRROR names a folder that holds them, else made-up ones of the same
size. Both run on one thread, in turn and each in a process of its own, timed in seconds of that thread; of every k the
fastest round counts. Their costs and accuracies must agree, or the exit status is 1.

The memory limit is the time in which this thread reads and writes, as fast as it copies, every weight that the steps
change. The weights of a stack exceed the processor's fast caches, so this bounds a step more tightly than arithmetic.
"""

import itertools
import os
import platform
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from torch import nn

from reprose.training import loop
from reprose.training.checkpoint import Checkpoint
from reprose.training.contract import Arrays, Run, Session
from scripts.datasets import eedi
from scripts.problems.student.hyperparameters import Hyperparameters
from scripts.problems.student.train import train

EPOCHS = 2
SIZES, RATES, SEEDS = (10, 50, 100, 200, 500), (0.003, 0.01, 0.03), (101, 102, 103)
PLAIN_SEEDS = SEEDS[:1]  # the loop's time grows with the seeds exactly, so one is enough
COST_TOLERANCE = 1e-4  # relative
ACCURACY_TOLERANCE = 1e-3  # a few answers whose probability is a half to the last digits
VALUES = {"model": "autoencoder", "penalty": 0.0, "keep_weights": False}
VALUES |= {"traits": 0, "sweeps": 1, "burn_in": 0, "thinning": 1}
Result = TypeVar("Result")
Found = dict[str, tuple[float, float]]  # run -> cost and accuracy
Report = tuple[Found, dict[int, float], float]  # what was found; k -> seconds per run and epoch; peak memory in MiB


def runs(hidden: int, seeds: tuple[int, ...]) -> list[Run]:
    """Return every run of the sweep with `hidden` units."""
    settings = [Hyperparameters(**VALUES, hidden=hidden, learning_rate=rate, epochs=EPOCHS) for rate in RATES]
    return [
        Run(f"{hidden} {wanted.learning_rate}", seed, dict(wanted), wanted)
        for wanted, seed in itertools.product(settings, seeds)
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


def run_plain(data: dict[str, Arrays]) -> Report:
    """Time one autoencoder after another."""

    def each(part: list[Run]) -> Found:
        return {run.name: plain(run, data) for run in part}

    return timed(each, PLAIN_SEEDS)


def run_ours(data: dict[str, Arrays]) -> Report:
    """Time the project's own training step, validation and checkpoints included."""

    def together(part: list[Run]) -> Found:
        with tempfile.TemporaryDirectory() as folder:
            kept = Checkpoint(Path(folder), torch=lambda needed: torch)
            outcomes = loop.train(train(part, data, {}, "cpu"), Session(kept))
        return {name: (o.metrics["training_cost"], o.metrics["accuracy"]) for name, o in outcomes.items()}

    return timed(together, SEEDS)


def timed(function: Callable[[list[Run]], Found], seeds: tuple[int, ...]) -> Report:
    """Call `function` with the runs of every k in turn, on one thread."""
    torch.set_num_threads(1)
    function(runs(1, seeds[:1]))  # a first call pays for what PyTorch sets up
    found: Found = {}
    seconds = {}
    for hidden in SIZES:
        part = runs(hidden, seeds)
        start = time.process_time()
        found |= function(part)
        seconds[hidden] = (time.process_time() - start) / len(part) / EPOCHS
    return found, seconds, peak()


def peak() -> float:
    """Return the largest memory that this process has held, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def weights_touched(training: Arrays) -> int:
    """Return how many weights per hidden unit an epoch must read and write: one for each answer and each right one."""
    return len(training["correct"]) + int(training["correct"].sum())


def copy_rate() -> float:
    """Return the bytes per second that one thread reads and writes in copying an array larger than the caches."""
    torch.set_num_threads(1)
    source = torch.ones(32 * 2**20)
    target = source.clone()
    seconds = []
    for _ in range(10):
        start = time.process_time()
        target.copy_(source)
        seconds.append(time.process_time() - start)
    return 2 * source.nbytes / min(seconds)


def load() -> tuple[str, dict[str, Arrays]]:
    """Return what the data are, and their parts."""
    mirror = Path(os.environ.get("REPROSE_MIRROR", ""), "eedi")
    if "REPROSE_MIRROR" in os.environ and mirror.is_dir():
        return "Eedi", eedi.starter_split(eedi.read(mirror))
    with tempfile.TemporaryDirectory() as folder:
        eedi.make_sample(Path(folder), 1, students=eedi.STUDENTS, questions=eedi.QUESTIONS, answers=67_317)
        return "made-up answers", eedi.starter_split(eedi.read(Path(folder)))


def fastest(reports: Sequence[Report]) -> Report:
    """Return what all rounds found, the least seconds of every k, and the most memory."""
    found, seconds, memory = zip(*reports, strict=True)
    return found[0], {hidden: min(each[hidden] for each in seconds) for hidden in SIZES}, max(memory)


def alone(function: Callable[..., Result], *arguments: object) -> Result:
    """Call `function` in a process of its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(function, *arguments).result()


def main() -> None:
    """Run both, compare, print."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    name, data = load()
    reports = [(alone(run_plain, data), alone(run_ours, data), alone(copy_rate)) for _ in range(rounds)]
    plain_reports, our_reports, rates = zip(*reports, strict=True)
    reference, plain_seconds, plain_memory = fastest(plain_reports)
    ours, our_seconds, our_memory = fastest(our_reports)
    print(f"student, {name}, {len(RATES)} rates, fastest of {rounds} rounds, one thread, {platform.machine()}")
    for hidden in SIZES:
        before, now = plain_seconds[hidden], our_seconds[hidden]
        share = weights_touched(data["train"]) * hidden * 4 * 2 / max(rates) / now
        times = f"plain {before * 1e3:5.1f} ms per run and epoch, stacked {now * 1e3:4.1f} ms"
        print(f"  k = {hidden:3d}: {times}; ratio {before / now:.1f}; {share:.0%} of the memory limit")
    ratio = sum(plain_seconds.values()) / sum(our_seconds.values())
    print(f"  whole sweep: ratio {ratio:.1f}; peak {plain_memory:.0f} and {our_memory:.0f} MiB")
    costs, accuracies = np.abs([np.subtract(ours[run], reference[run]) for run in reference]).T
    relative = (costs / [cost for cost, _ in reference.values()]).max()
    print(f"  largest difference: cost {relative:.1e} relative, accuracy {accuracies.max():.1e}")
    if not (relative < COST_TOLERANCE and accuracies.max() < ACCURACY_TOLERANCE):
        sys.exit(f"the two disagree; allowed: {COST_TOLERANCE:.0e} and {ACCURACY_TOLERANCE:.0e}")


if __name__ == "__main__":
    main()
