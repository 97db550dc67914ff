"""Training: stochastic gradient descent on the cross-entropy of mirrored and shifted images."""

from collections.abc import Mapping, Sequence
from functools import partial

import torch
from torch import nn

from reprose import Arrays, Outcome, ReproseError, Run, Trainee, Trainings
from scripts.problems.cifar.images import Images, batch, draw_changes, to_images, windows
from scripts.problems.cifar.measure import accuracy
from scripts.problems.cifar.networks import build

RISING = 0.25  # share of the steps in which the learning rate rises


def train(runs: Sequence[Run], data: Mapping[str, Arrays], used: Mapping[str, Arrays], device: str) -> Trainings:
    """Yield every run with what begins its training."""
    training, validation = (to_images(data[part], device) for part in ("train", "validation"))
    for run in runs:
        _check_size(run, training)
        yield run, partial(Fit, run, training, validation)


class Fit(Trainee):
    """The training of one network; the weights after the last epoch are kept."""

    keeps = ("network", "optimizer", "stream", "last")

    def __init__(self, run: Run, training: Images, validation: Images) -> None:
        self.wanted, self.training, self.validation = run.settings, training, validation
        self.epochs = self.wanted.epochs
        self.network = build(self.wanted, run.seed)
        self.network.standardize.fit(training.pixels)
        self.network.to(training.labels.device)
        self.optimizer = torch.optim.SGD(
            self.network.parameters(),
            lr=self.wanted.learning_rate,
            momentum=self.wanted.momentum,
            weight_decay=self.wanted.weight_decay,
            nesterov=self.wanted.momentum > 0,
            fused=True,
        )
        self.stream = torch.Generator().manual_seed(run.seed)  # order, shifts and mirrors, for the whole run
        self.shifted = windows(training, self.wanted.shift)
        self.sample = Images(training.pixels[: len(validation)], training.labels[: len(validation)])
        self.last: dict[str, float] = {}  # metrics of the last epoch

    def epoch(self) -> dict[str, float]:
        """Train for an epoch; `train_accuracy` is that of as many images as there are for validation."""
        self.last = {
            "loss": train_epoch(self),
            "train_accuracy": accuracy(self.network, self.sample),
            "eval_accuracy": accuracy(self.network, self.validation),
        }
        return self.last

    def outcome(self) -> Outcome:
        """Return the weights with the final metrics; `training_accuracy` is that of all training images."""
        metrics = {
            "accuracy": self.last["eval_accuracy"],
            "training_accuracy": accuracy(self.network, self.training),
            "parameters": float(sum(weight.numel() for weight in self.network.parameters())),
            "training_images": float(len(self.training)),
            "validation_images": float(len(self.validation)),
        }
        return Outcome(_weights(self.network), metrics)

    def set_rate(self, done: float) -> None:
        """Set the learning rate for the next step, after a share `done` of all steps: it rises, then falls to 0."""
        share = done / RISING if done < RISING else (1 - done) / (1 - RISING)
        for group in self.optimizer.param_groups:
            group["lr"] = self.wanted.learning_rate * share


def train_epoch(fit: Fit) -> float:
    """Take the steps of one epoch; return the mean loss of a batch, each before its step."""
    wanted, training, device = fit.wanted, fit.training, fit.training.labels.device
    order = torch.randperm(len(training), generator=fit.stream).to(device)
    changes = draw_changes(len(training), wanted.flip, wanted.shift, fit.stream)
    down, right, mirrored = (change.to(device) for change in changes)
    steps = len(training) // wanted.batch_size
    total = torch.zeros((), dtype=torch.float64, device=device)
    fit.network.train()
    for step in range(steps):
        part = slice(step * wanted.batch_size, (step + 1) * wanted.batch_size)
        pixels = batch(fit.shifted, order[part], down[part], right[part], mirrored[part])  # (batch, 3, 32, 32)
        with torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda"):
            loss = torch.nn.functional.cross_entropy(fit.network(pixels), training.labels[order[part]])
        fit.set_rate((fit.done + (step + 0.5) / steps) / wanted.epochs)
        fit.optimizer.zero_grad()
        loss.backward()
        fit.optimizer.step()
        total += loss.detach()
    return (total / steps).item()


def _check_size(run: Run, training: Images) -> None:
    if run.settings.batch_size > len(training):
        raise ReproseError(
            f"config.yaml: problems.cifar: run {run.name}: batch_size is {run.settings.batch_size}, expected at most"
            f" the {len(training)} training images."
        )


def _weights(network: nn.Module) -> Arrays:
    return {name: weight.detach().cpu().contiguous().clone().numpy() for name, weight in network.state_dict().items()}
