"""How long training will take, told before it starts: measured on a network that is then thrown away."""

from collections.abc import Sequence

import torch

from reprose import Arrays
from reprose.training import timing
from scripts.datasets.alexnet import PREFIX
from scripts.models.alexnet import multiply_adds
from scripts.problems.transfer.hyperparameters import Hyperparameters
from scripts.problems.transfer.images import CLASSES, Images
from scripts.problems.transfer.learning import dropping, take_step
from scripts.problems.transfer.network import new_network, new_optimizer

GPU = 1e13  # ASSUME operations a second that a GPU sustains; said of a CPU that would be busy for more than an hour


class Estimate:
    """The time that a job's runs take: measured and told once, before the first epoch that the job trains."""

    def __init__(self, given: Arrays, training: Images, validation: Images) -> None:
        self.given, self.training, self.validation = given, training, validation
        self.told = False

    def tell(self, left: Sequence[Hyperparameters], done: int) -> None:
        """Say how long the runs that are left will take, if this has not been said; of the first, epochs are done."""
        if self.told:
            return
        self.told = True
        epochs = sum(wanted.epochs for wanted in left) - done
        images = len(self.training) + len(self.validation) / 3  # to measure takes a third of a training step
        work = round(epochs * images)
        seconds = _seconds_of_an_image(left[0], self.given, self.training)
        note = self._on_a_gpu(work) if work * seconds > 3600 else ""
        timing.announce(f"training {len(left)} runs, {epochs} epochs", work, "images", seconds, note)

    def _on_a_gpu(self, work: int) -> str:
        """Return how long a GPU would need for the training of all layers that a CPU is at."""
        if not self.training.size or self.training.labels.device.type != "cpu":
            return ""
        width = len(self.given[f"{PREFIX}features.0.bias"])
        there = timing.duration(work * 6 * multiply_adds(width, CLASSES, self.training.size) / GPU)
        return f"; a GPU that sustains {GPU:.0e} operations a second, which is assumed, would need {there}"


def _seconds_of_an_image(wanted: Hyperparameters, given: Arrays, training: Images) -> float:
    """Return the time that a training step takes for each of its images; no weight and no stream is left changed."""
    device = training.labels.device
    network = new_network(wanted.layers, given, 0, str(device)).train()
    optimizer = new_optimizer(network, wanted)
    rows = torch.arange(min(len(training), wanted.batch_size), device=device)
    with dropping(0, 0, str(device)):
        seconds = timing.measure(lambda: take_step(network, optimizer, training, rows))
    return seconds / len(rows)
