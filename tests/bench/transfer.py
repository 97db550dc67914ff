"""How fast AlexNet's features and its fine-tuning are, beside what the processor can multiply and beside a plain loop.

Run as `PYTHONPATH=. python tests/bench/transfer.py [images]`: the published size with random weights, made-up
images of 32 x 32 pixels enlarged to 224, so many of each kind (192 by default), one thread. Printed for each:

- images a second, and the share of the limit: the multiplications of a pass over the most that this processor does in a
  second, found in the same run by a large matrix product and by a wide convolution, which another library computes.
- the ratio to the straightforward loop: batches of 128 in PyTorch's default memory layout.
- what an epoch of training the new layer costs with features computed once, beside computing them in every epoch.

The features of both must agree, or the exit status is 1.
"""

import platform
import resource
import sys
import time
from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from reprose.training.contract import Arrays
from scripts.datasets import alexnet
from scripts.models.alexnet import AlexNet, enlarge, multiply_adds
from scripts.problems.transfer.hyperparameters import Hyperparameters
from scripts.problems.transfer.images import Images
from scripts.problems.transfer.learning import take_step, train_epoch
from scripts.problems.transfer.network import new_optimizer

SIZE, BATCH, STEP = 224, 32, 128  # pixels; images at a time for features; images of a training step
TOLERANCE = 2e-3  # relative to the largest feature: they are kept in 16 bits
ALL = Hyperparameters(layers="all", learning_rate=0.001, momentum=0.9, batch_size=STEP, epochs=1, keep_weights=False)
LAST = ALL.replace(layers="last")


def seconds(work: Callable[[], object]) -> float:
    """Return the processor time of the faster of two calls, after one that is not counted."""
    work()
    taken = []
    for _ in range(2):
        started = time.process_time()
        work()
        taken.append(time.process_time() - started)
    return min(taken)


def limit() -> float:
    """Return the most multiplications a second, of a large matrix product or of a wide convolution."""
    left, right = torch.randn(2, 2048, 2048)
    image = torch.randn(32, 512, 16, 16).contiguous(memory_format=torch.channels_last)
    kernel = torch.randn(512, 512, 3, 3).contiguous(memory_format=torch.channels_last)
    with torch.no_grad():
        product = 2048**3 / min(seconds(lambda: left @ right) for _ in range(3))
        convolution = (
            32 * 16**2 * 9 * 512**2 / min(seconds(lambda: F.conv2d(image, kernel, padding=1)) for _ in range(3))
        )
    print(f"  multiplications a second: product {product / 1e9:.0f} x 10^9, convolution {convolution / 1e9:.0f} x 10^9")
    return max(product, convolution)


def plain_features(network: AlexNet, images: Tensor) -> Tensor:
    """Compute features as one would write it down."""
    mean, deviation = (torch.tensor(v)[:, None, None] for v in ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]))
    made = []
    with torch.no_grad():
        for batch in images.split(STEP):
            larger = F.interpolate(batch.float() / 255, size=(SIZE, SIZE), mode="bilinear", align_corners=False)
            made.append(network.penultimate((larger - mean) / deviation))
    return torch.cat(made)


def plain_steps(network: AlexNet, optimizer: torch.optim.Optimizer, images: Images) -> None:
    """Train as one would write it down."""
    network.train()
    for rows in torch.arange(len(images)).split(STEP):
        inputs = enlarge(images.known[rows], SIZE).contiguous()
        optimizer.zero_grad()
        F.cross_entropy(network(inputs), images.labels[rows]).backward()
        optimizer.step()


def our_steps(network: nn.Module, optimizer: torch.optim.Optimizer, images: Images) -> None:
    """Train with the project's own step."""
    network.train()
    for rows in torch.arange(len(images)).split(STEP):
        take_step(network, optimizer, images, rows)


def table() -> Arrays:
    """Return random weights of the published size."""
    torch.manual_seed(0)
    return {name: weight.detach().numpy() for name, weight in AlexNet().state_dict().items()}


def tell(what: str, count: int, ours: float, plain: float, multiplications: int, most: float) -> None:
    """Print one line: speed, share of the limit, ratio."""
    share = count * multiplications / ours / most
    print(f"  {what:11s} {count / ours:7.1f} images/s, {share:.2f} of the limit, {plain / ours:.2f} times as fast")


def main() -> None:
    """Measure both, compare, print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 192
    torch.set_num_threads(1)
    generator, weights = np.random.default_rng(0), table()
    pixels = generator.integers(0, 256, size=(count, 3, 32, 32), dtype=np.uint8)
    part = {"images": pixels, "labels": generator.integers(0, 10, size=count)}
    parts = {"train": part, "validation": {name: array[:0] for name, array in part.items()}}
    ours, plain = alexnet.network_of(weights), AlexNet().eval()
    plain.load_state_dict({name: torch.from_numpy(array) for name, array in weights.items()})
    made = alexnet.features(weights, parts, image_size=SIZE, batch_size=BATCH)["train"]["features"]
    expected = plain_features(plain, torch.from_numpy(pixels)).numpy()
    apart = float(np.abs(made - expected).max() / np.abs(expected).max())

    print(f"transfer, AlexNet at {SIZE} pixels, {count} images, one thread, {platform.machine()}")
    most = limit()
    extract = seconds(lambda: alexnet._features(ours, pixels, SIZE, BATCH))
    plainly = seconds(lambda: plain_features(plain, torch.from_numpy(pixels)))
    pass_ = multiply_adds(64, 1000, SIZE)
    tell("features", count, extract, plainly, pass_, most)

    bytes_ = Images(torch.from_numpy(pixels), torch.from_numpy(part["labels"]), SIZE)
    ours = ours.to(memory_format=torch.channels_last)
    optimizer = new_optimizer(ours, ALL)
    tuned = seconds(lambda: our_steps(ours, optimizer, bytes_))
    other = new_optimizer(plain, ALL)
    tell("fine-tuning", count, tuned, seconds(lambda: plain_steps(plain, other, bytes_)), 3 * pass_, most)

    head, cached = nn.Linear(made.shape[1], 10), Images(torch.from_numpy(made), bytes_.labels, 0)
    adam = new_optimizer(head, LAST)
    epoch = seconds(lambda: train_epoch(head, adam, cached, LAST, 1, 1))
    print(f"  an epoch of the new layer: {1e3 * epoch / count:.3f} ms an image from kept features,", end=" ")
    print(f"{(epoch + extract) / epoch:.0f} times as long if they are computed again")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    print(f"  peak {memory:.0f} MiB, both networks together; largest difference of a feature {apart:.1e} relative")
    if not apart < TOLERANCE:
        sys.exit(f"the two disagree; allowed: {TOLERANCE:.0e}")


if __name__ == "__main__":
    main()
