"""How long many small networks take side by side, beside a loop that trains one after another with torch's own modules.

Run as `PYTHONPATH=. python tests/bench/concepts.py [steps]`: question (a) of A1, 40 networks on the exclusive or.
Both run on one thread, timed in seconds of that thread; their losses must agree, or the exit status is 1.
"""

import platform
import sys
import tempfile
import time
from pathlib import Path

import torch
from torch import nn

from reprose.training import loop
from reprose.training.checkpoint import Checkpoint
from reprose.training.contract import Run, Session
from scripts.datasets.generated import exclusive_or
from scripts.problems.concepts.hyperparameters import Hyperparameters
from scripts.problems.concepts.network import start
from scripts.problems.concepts.train import train

SEEDS = range(1, 41)
TOLERANCE = 1e-9
VALUES = {"model": "network", "layers": 1, "width": 4, "activation": "relu", "code": 0, "start": "random"}
VALUES |= {"optimizer": "descent", "learning_rate": 0.1}


def plain(seed: int, steps: int) -> float:
    """Return the loss before the last step of one network."""
    points, labels = map(torch.from_numpy, exclusive_or({})["train"].values())
    initial = start([2, 4, 1], [seed], Hyperparameters(**VALUES, steps=steps))
    layers = [nn.Linear(2, 4, dtype=torch.float64), nn.Linear(4, 1, dtype=torch.float64)]
    for place, layer in enumerate(layers):
        layer.weight.data, layer.bias.data = initial[f"weight_{place}"][0], initial[f"bias_{place}"][0, 0]
    model = nn.Sequential(layers[0], nn.ReLU(), layers[1])
    optimizer = torch.optim.SGD(model.parameters(), lr=VALUES["learning_rate"])
    for _ in range(steps):
        loss = nn.functional.mse_loss(model(points)[:, 0], labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return loss.item()


def stacked(steps: int) -> list[float]:
    """Return the same losses by the project's own training step."""
    with tempfile.TemporaryDirectory() as folder:
        wanted = Hyperparameters(**VALUES, steps=steps)
        runs = [Run("single", seed, dict(wanted), wanted) for seed in SEEDS]
        kept = Checkpoint(Path(folder), torch=lambda needed: torch)
        outcomes = loop.train(train(runs, exclusive_or({}), {}, "cpu"), Session(kept))
        return [outcome.history["loss"][-1] for outcome in outcomes.values()]


def main() -> None:
    """Run both, compare, print."""
    steps = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    torch.set_num_threads(1)
    begin = time.process_time()
    ours = stacked(steps)
    middle = time.process_time()
    reference = [plain(seed, steps) for seed in SEEDS]
    seconds = {"plain": time.process_time() - middle, "stacked": middle - begin}
    print(f"concepts, {len(SEEDS)} networks on four points, {steps} steps, one thread, {platform.machine()}")
    for kind, total in seconds.items():
        print(f"  {kind:7s} {total:6.2f} s")
    largest = max(abs(a - b) for a, b in zip(ours, reference, strict=True))
    print(f"  ratio {seconds['plain'] / seconds['stacked']:.1f}; largest difference of a loss: {largest:.1e}")
    if largest > TOLERANCE:
        sys.exit(f"the two disagree; allowed: {TOLERANCE:.0e}")


if __name__ == "__main__":
    main()
