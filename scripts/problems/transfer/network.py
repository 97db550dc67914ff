"""The network that trains: a new layer alone, or all of AlexNet with a new layer."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.optim import SGD, Adam, Optimizer

from reprose import Arrays
from scripts.datasets.alexnet import PREFIX
from scripts.models.alexnet import HEAD, AlexNet
from scripts.problems.transfer.hyperparameters import Hyperparameters
from scripts.problems.transfer.images import CLASSES


def new_network(layers: str, training: Arrays, seed: int, device: str) -> nn.Module:
    """Return what is trained, its last layer drawn by PyTorch's default from `seed`."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        if layers == "last":
            return nn.Linear(training["features"].shape[1], CLASSES).to(device)
        return fine_tunable(training).to(device)


def fine_tunable(training: Arrays) -> AlexNet:
    """Return AlexNet with the given weights and a new layer in the place of the last."""
    given = given_weights(training)
    with torch.device("meta"):  # no memory yet
        network = AlexNet(len(given["features.0.bias"]), CLASSES)
    new = nn.Linear(network.get_submodule(HEAD).in_features, CLASSES)
    for name, weight in new.state_dict().items():
        given[f"{HEAD}.{name}"] = weight
    network.load_state_dict(given, assign=True)
    return network.to(memory_format=torch.channels_last)


def given_weights(training: Arrays) -> dict[str, Tensor]:
    """Return copies of the weights that come with the training part."""
    given = {name.removeprefix(PREFIX): array for name, array in training.items() if name.startswith(PREFIX)}
    return {name: torch.from_numpy(array).clone() for name, array in given.items()}


def trained_network(layers: str, weights: Arrays, training: Arrays) -> nn.Module:
    """Return a network with the weights that training gave."""
    made = new_network(layers, training, 0, "cpu")
    made.load_state_dict({name: torch.from_numpy(array) for name, array in weights.items()})
    return made


def new_optimizer(network: nn.Module, wanted: Hyperparameters) -> Optimizer:
    """Return Adam for the new layer alone, and SGD with momentum for all layers."""
    if wanted.layers == "last":
        return Adam(network.parameters(), lr=wanted.learning_rate)
    return SGD(network.parameters(), lr=wanted.learning_rate, momentum=wanted.momentum)


def copy_of(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return weights as they are now, on the CPU."""
    return {name: weight.detach().cpu().clone() for name, weight in weights.items()}
