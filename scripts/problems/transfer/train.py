"""Training: a new last layer on cached features, or all layers of AlexNet from ImageNet's weights."""

from collections.abc import Mapping, Sequence
from functools import partial

from torch import Tensor

from reprose import Arrays, Outcome, Run, Trainee, Trainings
from scripts.models.alexnet import AlexNet, multiply_adds
from scripts.problems.transfer.estimate import Estimate
from scripts.problems.transfer.images import CLASSES, Images, to_images
from scripts.problems.transfer.learning import dropping, predict, score, train_epoch
from scripts.problems.transfer.network import copy_of, new_network, new_optimizer


def train(runs: Sequence[Run], data: Mapping[str, Arrays], used: Mapping[str, Arrays], device: str) -> Trainings:
    """Yield every run with what begins its training."""
    training, validation = (to_images(data[part], device) for part in ("train", "validation"))
    estimate = Estimate(data["train"], training, validation)
    for place, run in enumerate(runs):
        yield run, partial(Fit, runs[place:], data["train"], training, validation, estimate)


class Fit(Trainee):
    """The training of the first of the runs that are left; the epoch with the best accuracy is kept."""

    keeps = ("network", "optimizer", "best_metrics", "best_weights")

    def __init__(
        self, left: Sequence[Run], given: Arrays, training: Images, validation: Images, estimate: Estimate
    ) -> None:
        self.left, self.seed, self.wanted = left, left[0].seed, left[0].settings
        self.training, self.validation, self.estimate = training, validation, estimate
        self.epochs = self.wanted.epochs
        self.device = str(training.labels.device)
        self.network = new_network(self.wanted.layers, given, self.seed, self.device)
        self.optimizer = new_optimizer(self.network, self.wanted)
        self.best_metrics: dict[str, float] = {}
        self.best_weights: dict[str, Tensor] = {}

    def epoch(self) -> dict[str, float]:
        """Train for an epoch; keep its weights if its accuracy is the highest so far."""
        self.estimate.tell([run.settings for run in self.left], self.done)
        epoch = self.done + 1
        with dropping(self.seed, epoch, self.device):
            loss = train_epoch(self.network, self.optimizer, self.training, self.wanted, self.seed, epoch)
        found = score(predict(self.network, self.validation), self.validation.labels)
        if not self.best_metrics or found["accuracy"] > self.best_metrics["accuracy"]:
            self.best_metrics = {**found, "best_epoch": epoch}
            self.best_weights = copy_of(self.network.state_dict()) if self.wanted.keep_weights else {}
        return {"loss": loss, "eval_loss": found["loss"], "eval_accuracy": found["accuracy"]}

    def outcome(self) -> Outcome:
        """Return the weights and metrics of the best epoch, and the sizes that the handout prints."""
        facts = {
            "training_images": len(self.training),
            "validation_images": len(self.validation),
            "trained_weights": sum(weight.numel() for weight in self.network.parameters()),
        }
        if isinstance(self.network, AlexNet):
            width, size = self.network.features[0].out_channels, self.training.size
            facts |= {"image_size": size, "multiply_adds": multiply_adds(width, CLASSES, size)}
        weights = {name: weight.numpy() for name, weight in self.best_weights.items()}
        return Outcome(weights, self.best_metrics | facts)
