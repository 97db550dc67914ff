"""One epoch: shuffled minibatches, cross-entropy, a step each; and the measuring of a network."""

import math
from collections.abc import Iterator
from contextlib import contextmanager

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import Optimizer

from scripts.problems.transfer.hyperparameters import Hyperparameters
from scripts.problems.transfer.images import Images

AT_ONCE = 250  # images predicted at a time


def train_epoch(
    network: nn.Module, optimizer: Optimizer, images: Images, wanted: Hyperparameters, seed: int, epoch: int
) -> float:
    """Train for an epoch, counted from 1; return the mean loss, before each step."""
    network.train()
    total, steps = 0.0, -(-len(images) // wanted.batch_size)
    batches = shuffled(images, wanted.batch_size, seed, epoch)
    for step, rows in enumerate(batches):
        done = (epoch - 1 + step / steps) / wanted.epochs
        optimizer.param_groups[0]["lr"] = wanted.learning_rate * (1 - done)
        loss = take_step(network, optimizer, images, rows)
        total += loss * len(rows)
        if not math.isfinite(loss):
            break  # the run fails now, not after an epoch that may take an hour
    return total / len(images)


def take_step(network: nn.Module, optimizer: Optimizer, images: Images, rows: Tensor) -> float:
    """Step down the gradient of the loss of some images; return the loss before it."""
    with half_precision(images.labels.device):
        logits = network(images.inputs(rows))  # (batch, classes)
        loss = F.cross_entropy(logits, images.labels[rows])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def shuffled(images: Images, batch_size: int, seed: int, epoch: int) -> Iterator[Tensor]:
    """Yield the rows of each minibatch; the last one may be smaller."""
    generator = torch.Generator().manual_seed(1000 * seed + epoch)
    order = torch.randperm(len(images), generator=generator)
    yield from order.to(images.labels.device).split(batch_size)


@contextmanager
def dropping(seed: int, epoch: int, device: str) -> Iterator[None]:
    """Let dropout draw from a stream of its own, named by seed and epoch, and leave the global streams alone."""
    devices = [torch.cuda.current_device()] if device.startswith("cuda") else []
    with torch.random.fork_rng(devices=devices):
        torch.manual_seed(1000 * seed + epoch)
        yield


def score(logits: Tensor, labels: Tensor) -> dict[str, float]:
    """Return `loss`, the mean cross-entropy in nats, and `accuracy`, the share of images named rightly."""
    right = logits.argmax(dim=1) == labels
    return {"loss": F.cross_entropy(logits, labels).item(), "accuracy": right.double().mean().item()}


@torch.inference_mode()
def predict(network: nn.Module, images: Images) -> Tensor:
    """Return the logits of all images, (n, classes) float64, with nothing dropped out."""
    network.eval()
    rows = torch.arange(len(images), device=images.labels.device)
    with half_precision(rows.device):
        return torch.cat([network(images.inputs(some)) for some in rows.split(AT_ONCE)]).double()


def half_precision(device: torch.device) -> torch.autocast:
    """Return the context in which a GPU multiplies in bfloat16; on a CPU nothing changes."""
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=device.type == "cuda")
