"""The document's two networks."""

import torch
from torch import Tensor, nn
from torch.nn import functional

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


@torch.no_grad()
def set_gradients(network: nn.Sequential, pixels: Tensor) -> Tensor:
    """Set the gradients of the mean squared error of images, (batch, 784), and return that error.

    They are what autograd gives, but written out, most steps can work in place: 1.2 to 1.4 times as fast.
    """
    encoder, decoder = layers(network)
    rectified = any(isinstance(layer, nn.ReLU) for layer in network)
    codes = encoder(pixels)  # (batch, h)
    shown = decoder(codes.relu_() if rectified else codes)  # (batch, 784)
    if rectified:
        shown.relu_()
    error = functional.mse_loss(shown, pixels)
    slopes = (shown - pixels).mul_(2 / pixels.numel())  # of the error by each output
    if rectified:
        slopes.mul_(shown.sign_())  # 0 where the output is 0, else 1
    decoder.weight.grad, decoder.bias.grad = slopes.T @ codes, slopes.sum(dim=0)
    slopes = slopes @ decoder.weight  # by each code
    if rectified:
        slopes.mul_(codes.sign_())
    encoder.weight.grad, encoder.bias.grad = slopes.T @ pixels, slopes.sum(dim=0)
    return error
