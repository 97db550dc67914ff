"""Training: Adam on the squared error, in shuffled batches cut from one tensor of all images; or an exact PCA."""

import math
from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from reprose import Arrays, Outcome, Run, Trainee, Trainings
from scripts.problems.autoencoder.networks import layers, new_network, set_gradients
from scripts.problems.autoencoder.principal import principal_components
from scripts.problems.autoencoder.reconstruct import WHITE, Weights, reconstruction_error

Images = Mapping[str, np.ndarray]  # part -> (images, 784) uint8


def train(runs: Sequence[Run], data: Mapping[str, Arrays], used: Mapping[str, Arrays], device: str) -> Trainings:
    """Yield every run with what begins its training."""
    images = {part: data[part]["images"].reshape(len(data[part]["images"]), -1) for part in ("train", "validation")}
    for run in runs:
        yield run, partial(fit_pca, run, images) if run.settings.model == "pca" else partial(Fit, run, images, device)


def fit_pca(run: Run, images: Images) -> Outcome:
    """Return the principal components; they are exact, so the seed changes nothing."""
    weights = principal_components(images["train"], run.settings.hidden)
    return Outcome(weights, measure(weights, images, "pca"))


class Fit(Trainee):
    """The training of one network; the weights after the last epoch are kept."""

    keeps = ("network", "optimizer", "generator", "steps")

    def __init__(self, run: Run, images: Images, device: str) -> None:
        self.wanted, self.images = run.settings, images
        self.training, self.validation = (torch.from_numpy(images[part]).to(device) for part in ("train", "validation"))
        self.epochs = self.wanted.epochs
        with torch.random.fork_rng(devices=[]):  # the layers draw from the global stream, which stays as it was
            torch.manual_seed(run.seed)
            self.network = new_network(self.wanted, images["train"].shape[1]).to(device)
        self.optimizer = torch.optim.Adam(self.network.parameters(), lr=self.wanted.learning_rate, fused=True)
        self.generator = torch.Generator().manual_seed(run.seed)  # order of the images
        self.steps = 0
        self.steps_per_epoch = math.ceil(len(self.training) / self.wanted.batch_size)

    def epoch(self) -> dict[str, float]:
        """Take the steps of one epoch; return the mean of the losses, each from before its step, and the new error."""
        total = torch.zeros((), dtype=torch.float64, device=self.training.device)
        order = torch.randperm(len(self.training), generator=self.generator).to(self.training.device)
        for rows in order.split(self.wanted.batch_size):
            pixels = to_pixels(self.training.index_select(0, rows))  # (batch, 784)
            total += len(rows) * set_gradients(self.network, pixels)
            self._step()
        return {"loss": total.item() / len(self.training), "eval_error": self._validate()}

    def outcome(self) -> Outcome:
        """Return the weights, named as those of all models are, and their error."""
        encoder, decoder = layers(self.network)
        named = {"encoder": encoder.weight, "encoder_bias": encoder.bias}
        named |= {"decoder": decoder.weight, "decoder_bias": decoder.bias}
        weights = {name: weight.detach().cpu().numpy() for name, weight in named.items()}
        return Outcome(weights, measure(weights, self.images, self.wanted.model))

    def rate(self, step: int) -> float:
        """Return the learning rate of a step: a line up to the highest, then a cosine down to 0."""
        rising = self.wanted.warmup * self.steps_per_epoch
        if step <= rising:
            return self.wanted.learning_rate * (step / rising)
        falling = self.epochs * self.steps_per_epoch - rising
        return self.wanted.learning_rate * ((1 + math.cos(math.pi * (step - rising) / (falling + 1))) / 2)

    def _step(self) -> None:
        self.steps += 1
        for group in self.optimizer.param_groups:
            group["lr"] = self.rate(self.steps)
        self.optimizer.step()

    @torch.no_grad()
    def _validate(self) -> float:
        squares = [
            functional.mse_loss(self.network(pixels), pixels, reduction="sum").double()
            for pixels in map(to_pixels, self.validation.split(2000))
        ]
        return torch.stack(squares).sum().item() / self.validation.numel()


def to_pixels(images: Tensor) -> Tensor:
    """Return grey values as numbers from 0 to 1; the images stay bytes, a quarter of the memory to shuffle through."""
    return images.float().div_(WHITE)


def measure(weights: Weights, images: Images, model: str) -> dict[str, float]:
    """Return the error on the validation images, and the sizes of the data, which the handout prints."""
    error = reconstruction_error(weights, images["validation"], model)
    sizes = {"training_images": len(images["train"]), "validation_images": len(images["validation"])}
    return {"error": error, **sizes}
