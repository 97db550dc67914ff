"""How many images a second the autoencoders train on, beside the tutorials' loop and the limit of the arithmetic.

Run as `PYTHONPATH=. python tests/bench/autoencoder.py [images]` (20,000 by default). The loop takes its images
one by one from a DataLoader, each with its label: as a picture, turned into a tensor by the steps of torchvision's
`ToTensor`, and stacked to batches. Both take the same batches in the same order. The limit is an epoch of nothing but
the products of the layers' matrices. Data: the published images where REPROSE_MIRROR names a folder that holds them,
else made-up ones. Everything runs on one thread and is timed in seconds of that thread, side by side; of five rounds
the fastest counts. The mean losses of both must agree, or the exit status is 1.
"""

import math
import os
import platform
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset

from reprose import Run
from scripts.datasets import mnist
from scripts.problems.autoencoder.hyperparameters import Hyperparameters
from scripts.problems.autoencoder.train import Fit

ROUNDS = 5
SIZES = (32, 128)
PIXELS = mnist.SIDE**2
VALUES = {"learning_rate": 0.001, "epochs": 1, "warmup": 0, "batch_size": 128, "bias": 0.0}
TOLERANCE = 1e-4  # relative, of the mean loss


class Pictures(Dataset):
    """Images one by one, as torchvision's data set of MNIST gives them to a tutorial."""

    def __init__(self, images: np.ndarray) -> None:
        self.images = torch.from_numpy(images)
        self.labels = torch.zeros(len(images), dtype=torch.int64)

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, place: int) -> tuple[torch.Tensor, int]:
        return to_tensor(Image.fromarray(self.images[place].numpy())), int(self.labels[place])


def to_tensor(picture: Image.Image) -> torch.Tensor:
    """Return a picture as numbers from 0 to 1, (1, 28, 28)."""
    grey = torch.from_numpy(np.array(picture, np.uint8, copy=True))
    channels = grey.view(picture.size[1], picture.size[0], len(picture.getbands())).permute((2, 0, 1)).contiguous()
    return channels.to(torch.float32).div(255)


def ours(fit: Fit) -> float:
    """Train for an epoch as the project does; return the mean loss."""
    return fit.epoch()["loss"]


def loop(fit: Fit) -> float:
    """Train for an epoch as tutorials do; return the mean loss."""
    wanted, network = fit.wanted, fit.network
    images = fit.images["train"].reshape(-1, mnist.SIDE, mnist.SIDE)
    order = torch.randperm(len(images), generator=fit.generator).tolist()
    optimizer = torch.optim.Adam(network.parameters(), lr=wanted.learning_rate)
    total = 0.0
    for step, (pictures, _) in enumerate(DataLoader(Pictures(images), wanted.batch_size, sampler=order), 1):
        pixels = pictures.view(len(pictures), -1)
        optimizer.param_groups[0]["lr"] = fit.rate(step)
        loss = functional.mse_loss(network(pixels), pixels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += len(pixels) * loss.item()
    return total / len(images)


def products(fit: Fit) -> float:
    """Multiply the matrices that an epoch multiplies; return no loss."""
    batch, hidden = fit.wanted.batch_size, fit.wanted.hidden
    pixels, codes, slopes = torch.rand(batch, PIXELS), torch.rand(batch, hidden), torch.rand(batch, PIXELS)
    encoder, decoder = torch.rand(hidden, PIXELS), torch.rand(PIXELS, hidden)
    pairs = [(pixels, encoder.T), (codes, decoder.T), (slopes.T, codes), (slopes, decoder), (codes.T, pixels)]
    for _ in range(fit.steps_per_epoch):
        for left, right in pairs:
            torch.mm(left, right)
    return math.nan


def fastest(wanted: Hyperparameters, images: np.ndarray) -> dict[str, list[float]]:
    """Return images a second of the fastest round, and its loss, of each way to train and of the products alone."""
    best: dict[str, list[float]] = {}
    pixels = images.reshape(len(images), -1)
    parts = {"train": pixels, "validation": pixels[:1]}  # one image, so that next to no time goes to validation
    for _ in range(ROUNDS):
        for way in (ours, loop, products):
            fit = Fit(Run("single", 1, dict(wanted), wanted), parts, "cpu")
            start = time.process_time()
            loss = way(fit)
            rate = len(images) / (time.process_time() - start)
            best[way.__name__] = max(best.get(way.__name__, [0.0, loss]), [rate, loss])
    return best


def load(count: int) -> tuple[str, np.ndarray]:
    """Return what the images are, and at most `count` of them."""
    mirror = Path(os.environ.get("REPROSE_MIRROR", ""), "mnist")
    if "REPROSE_MIRROR" in os.environ and mirror.is_dir():
        return "MNIST", mnist.read(mirror)["train_images"][:count]
    with tempfile.TemporaryDirectory() as folder:
        mnist.make_sample(Path(folder), 1, train=count, test=mnist.DIGITS)
        return "made-up digits", mnist.read(Path(folder))["train_images"]


def main() -> None:
    """Run all side by side, compare, print."""
    torch.set_num_threads(1)
    name, images = load(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
    print(f"autoencoder, {len(images)} images of {name}, batches of 128, one thread, {platform.machine()}")
    apart = 0.0
    for model in ("linear", "relu"):
        for hidden in SIZES:
            wanted = Hyperparameters(model=model, hidden=hidden, **VALUES)
            found = fastest(wanted, images)
            (rate, loss), (plain, reference), (most, _) = found["ours"], found["loop"], found["products"]
            apart = max(apart, abs(loss / reference - 1))
            print(f"  {model:6s} h = {hidden:3d}: {rate:7.0f} images/s; DataLoader loop {plain:7.0f}", end=", ")
            print(f"ratio {rate / plain:.1f}; products alone {most:7.0f}, ratio {most / plain:.1f}", end=", ")
            print(f"{rate / most:.0%} of it")
    print(f"  largest relative difference of the mean losses {apart:.1e}")
    if not apart < TOLERANCE:
        sys.exit(f"the two disagree; allowed: {TOLERANCE:.0e}")


if __name__ == "__main__":
    main()
