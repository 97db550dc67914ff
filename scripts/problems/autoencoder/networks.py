"""The document's two networks."""

from torch import nn

from scripts.problems.autoencoder.hyperparameters import Hyperparameters


def linear_autoencoder(pixels: int, hidden: int) -> nn.Sequential:
    """Return the document's F1."""
    return nn.Sequential(
        nn.Linear(pixels, hidden),
        nn.Linear(hidden, pixels),
    )


def relu_autoencoder(pixels: int, hidden: int) -> nn.Sequential:
    """Return the document's F2."""
    return nn.Sequential(
        nn.Linear(pixels, hidden),
        nn.ReLU(),
        nn.Linear(hidden, pixels),
        nn.ReLU(),
    )


def new_network(wanted: Hyperparameters, pixels: int) -> nn.Sequential:
    """Return the untrained network that `wanted` names; its weights are PyTorch's, but for a bias that is asked for."""
    if wanted.model == "linear":
        return linear_autoencoder(pixels, wanted.hidden)
    network = relu_autoencoder(pixels, wanted.hidden)
    if wanted.bias:
        _, decoder = layers(network)
        nn.init.constant_(decoder.bias, wanted.bias)
    return network


def layers(network: nn.Sequential) -> tuple[nn.Linear, nn.Linear]:
    """Return encoder and decoder."""
    encoder, decoder = (layer for layer in network if isinstance(layer, nn.Linear))
    return encoder, decoder
