"""How many images a second the four networks of A4 train on, beside the tutorial's loop and the arithmetic limit.

Run as `PYTHONPATH=. python tests/bench/cifar.py [seconds]`: about so many seconds for each measurement (1 by
default), of which there are three in turn; the fastest counts, as other programs can only slow a loop down. The
tutorial's loop takes its images from a `DataLoader` over a data set that makes a picture of one image at a time and
transforms it to a standardized tensor, as torchvision does, in this process, with the tutorial's plain layers. The
arithmetic limit is the operations of all layers, forward and backward, at the rate of this machine's matrix product or
of its convolution, whichever is faster, measured in the same run: a loop may pass over operations whose result is 0, as
ours does in the convolution's backward pass. Memory is what an epoch adds to the peak of a fresh process that holds the
images already and has prepared them (read from Linux's /proc). One thread; images are made up, as their content does
not matter. Goals are printed beside.
"""

import platform
import re
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from reprose import Run
from scripts.problems.cifar.hyperparameters import Hyperparameters
from scripts.problems.cifar.images import to_images
from scripts.problems.cifar.train import Fit, train_epoch

COUNT = 4096
ROUNDS = 3
BASE = Hyperparameters(
    network="tutorial",
    hidden=512,
    filters=32,
    kernel=5,
    pool=7,
    filters_2=64,
    kernel_2=5,
    features_1=120,
    features_2=84,
    epochs=100,
    batch_size=64,
    learning_rate=0.001,
    momentum=0.9,
    weight_decay=0.0,
    flip=True,
    shift=2,
)
NETWORKS = {name: BASE.replace(network=name) for name in ("logistic", "hidden")}
NETWORKS["convolution"] = BASE.replace(network="convolution", filters=100)
NETWORKS["tutorial"] = BASE
GOALS = {"logistic": (3.0, 0.0), "hidden": (3.0, 0.6), "convolution": (0.0, 0.6), "tutorial": (2.5, 0.5)}


class Photographs(Dataset):
    """Images one at a time, each made a picture and transformed as torchvision's `ToTensor` and `Normalize` do."""

    def __init__(self, images: np.ndarray, labels: np.ndarray) -> None:
        self.images, self.labels = images.transpose(0, 2, 3, 1).copy(), labels  # rows, columns, channels, as on disk
        self.half = torch.full((3, 1, 1), 0.5)

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, row: int) -> tuple[Tensor, int]:
        picture = Image.fromarray(self.images[row])
        pixels = torch.from_numpy(np.array(picture, np.uint8, copy=True)).view(32, 32, 3)
        pixels = pixels.permute(2, 0, 1).contiguous().to(torch.float32).div(255)
        return pixels.clone().sub_(self.half).div_(self.half), int(self.labels[row])


def plain_network(wanted: Hyperparameters) -> nn.Module:
    """Return the network as the tutorial would write it."""
    if wanted.network == "logistic":
        return nn.Sequential(nn.Flatten(), nn.Linear(3072, 10))
    if wanted.network == "hidden":
        return nn.Sequential(nn.Flatten(), nn.Linear(3072, wanted.hidden), nn.ReLU(), nn.Linear(wanted.hidden, 10))
    first = [nn.Conv2d(3, wanted.filters, wanted.kernel), nn.ReLU()]
    if wanted.network == "convolution":
        side = (33 - wanted.kernel) // wanted.pool
        last = nn.Linear(wanted.filters * side * side, 10)
        return nn.Sequential(*first, nn.MaxPool2d(wanted.pool), nn.Flatten(), last)
    second = [nn.Conv2d(wanted.filters, wanted.filters_2, wanted.kernel_2), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()]
    widths = [wanted.filters_2 * 25, wanted.features_1, wanted.features_2, 10]
    linear = [nn.Linear(widths[0], widths[1]), nn.ReLU(), nn.Linear(widths[1], widths[2]), nn.ReLU()]
    return nn.Sequential(*first, nn.MaxPool2d(2), *second, *linear, nn.Linear(widths[2], widths[3]))


def operations(network: nn.Module) -> int:
    """Return the additions and multiplications of one training image in the linear and convolutional layers.

    A layer costs its forward pass again for the gradient of its weights, and again for that of its input, which the
    first layer does not need.
    """
    sizes: list[int] = []

    def note(layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        weights = layer.weight[0].numel()  # multiplications for one value of the output
        sizes.append(2 * weights * output[0].numel())

    layers = [layer for layer in network.modules() if isinstance(layer, nn.Linear | nn.Conv2d)]
    hooks = [layer.register_forward_hook(note) for layer in layers]
    network(torch.zeros(1, 3, 32, 32))
    for hook in hooks:
        hook.remove()
    return 3 * sum(sizes) - sizes[0]


def rate(function: Callable[[], int], seconds: float) -> float:
    """Return how much `function` does in a second of this thread."""
    start, images = time.process_time(), 0
    while time.process_time() - start < seconds:
        images += function()
    return images / (time.process_time() - start)


def multiply() -> int:
    """Multiply two matrices; return how many operations that took."""
    torch.ones(1024, 1024) @ torch.ones(1024, 1024)
    return 2 * 1024**3


def convolve() -> int:
    """Convolve images of many channels, which may multiply faster; return how many operations that took."""
    images = torch.ones(16, 128, 16, 16).to(memory_format=torch.channels_last)
    filters = torch.ones(128, 128, 3, 3).to(memory_format=torch.channels_last)
    nn.functional.conv2d(images, filters)
    return 2 * 16 * 14 * 14 * 128 * 128 * 9


def peak() -> float:
    """Return the most memory that this process has held, in MB; `ru_maxrss` would count its parent's too."""
    return int(re.search(r"VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text())[1]) / 1024


def growth(make: Callable[..., Callable[[], int]], *arguments: object) -> float:
    """Return by how many MB an epoch raises the peak of this process's memory."""
    torch.set_num_threads(1)
    epoch = make(*arguments)
    before = peak()
    epoch()
    return peak() - before


def memory(*arguments: object) -> float:
    """Return what `growth` finds in a process of its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(growth, *arguments).result()


def our_epoch(wanted: Hyperparameters, images: np.ndarray, labels: np.ndarray) -> Callable[[], int]:
    """Return the project's own epoch, which returns how many images it has trained on."""
    training = to_images({"images": images, "labels": labels}, "cpu")
    fit = Fit(Run("single", 1, dict(wanted), wanted), training, training)

    def epoch() -> int:
        train_epoch(fit)
        return len(training)

    return epoch


def tutorial_epoch(wanted: Hyperparameters, images: np.ndarray, labels: np.ndarray) -> Callable[[], int]:
    """Return the tutorial's epoch, which returns how many images it has trained on."""
    loader = DataLoader(Photographs(images, labels), batch_size=wanted.batch_size, shuffle=True, drop_last=True)
    network, criterion = plain_network(wanted), nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(network.parameters(), lr=wanted.learning_rate, momentum=wanted.momentum)

    def epoch() -> int:
        for inputs, targets in loader:
            optimizer.zero_grad()
            loss = criterion(network(inputs), targets)
            loss.backward()
            optimizer.step()
            loss.item()  # the tutorial's running loss
        return len(images)

    return epoch


def main() -> None:
    """Measure each network in both loops, and print the ratios."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
    torch.set_num_threads(1)
    torch.manual_seed(1)
    generator = np.random.default_rng(1)
    images = generator.integers(0, 256, (COUNT, 3, 32, 32), dtype=np.uint8)
    labels = generator.integers(0, 10, COUNT)
    print(f"cifar, {COUNT} made-up images, batches of {BASE.batch_size}, one thread, {platform.machine()}")
    for name, wanted in NETWORKS.items():
        made = [multiply, convolve, *(make(wanted, images, labels) for make in (our_epoch, tutorial_epoch))]
        rounds = [[rate(function, seconds) for function in made] for _ in range(ROUNDS)]
        *products, ours, plain = np.max(rounds, axis=0).tolist()
        product = max(products)
        limit = product / operations(plain_network(wanted))
        loop_goal, limit_goal = GOALS[name]
        print(f"  {name:11s} {ours:8,.0f} images/s; tutorial's loop {plain:7,.0f}/s, ratio {ours / plain:5.1f}", end="")
        print(f" (goal {loop_goal:g})" if loop_goal else "", end="")
        print(f"; limit {limit:9,.0f}/s at {product / 1e9:.0f} Gflop/s, reached {100 * ours / limit:3.0f} %", end="")
        print(f" (goal {100 * limit_goal:.0f} %)" if limit_goal else "", end="")
        peaks = (memory(make, wanted, images, labels) for make in (our_epoch, tutorial_epoch))
        print("; memory {:.0f} MB, tutorial's {:.0f} MB".format(*peaks))
    print(f"  settings: {dict(BASE)}")


if __name__ == "__main__":
    main()
