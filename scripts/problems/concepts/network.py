"""Fully connected networks, one for each seed, side by side in a leading dimension; they do not interact."""

import torch
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from scripts.problems.concepts.hyperparameters import Hyperparameters


def sizes(inputs: int, wanted: Hyperparameters) -> list[int]:
    """Return the widths of all layers from the input to the output."""
    hidden = [wanted.width] * wanted.layers
    return [inputs, *hidden, wanted.code, *hidden, inputs] if wanted.code else [inputs, *hidden, 1]


def start(widths: list[int], seeds: list[int], wanted: Hyperparameters) -> dict[str, Tensor]:
    """Return the initial `weight_0`, `bias_0`, `weight_1`, ...: (seeds, outputs, inputs) and (seeds, 1, outputs)."""
    generators = [torch.Generator().manual_seed(seed) for seed in seeds]
    scale = 2.0 if wanted.start == "random" else 0.0
    parameters = {}
    for layer, (inputs, outputs) in enumerate(zip(widths, widths[1:], strict=False)):
        for name, shape in (("weight", (outputs, inputs)), ("bias", (1, outputs))):
            draws = [torch.rand(shape, generator=generator, dtype=torch.float64) for generator in generators]
            parameters[f"{name}_{layer}"] = scale * (torch.stack(draws) - 0.5) * inputs**-0.5
    return parameters


def forward(parameters: dict[str, Tensor], points: Tensor, wanted: Hyperparameters) -> Tensor:
    """Return the outputs, (seeds, points, outputs), of `points`, (points, inputs)."""
    depth = len(parameters) // 2
    linear = (depth - 1, wanted.layers if wanted.code else depth - 1)  # the output and the code are not bent
    values = points.expand(len(parameters["weight_0"]), *points.shape)
    for layer in range(depth):
        weight, bias = parameters[f"weight_{layer}"], parameters[f"bias_{layer}"]
        values = torch.baddbmm(bias, values, weight.transpose(1, 2))  # (seeds, points, outputs of the layer)
        values = values if layer in linear else _activate(wanted.activation, values)
    return values


def gradient(
    parameters: dict[str, Tensor], points: Tensor, targets: Tensor, wanted: Hyperparameters
) -> tuple[Tensor, dict[str, Tensor]]:
    """Return the mean squared error of every seed, (seeds,), and its gradient."""
    variables = {name: value.detach().requires_grad_() for name, value in parameters.items()}
    losses = (forward(variables, points, wanted) - targets).square().mean(dim=(1, 2))
    found = torch.autograd.grad(losses.sum(), list(variables.values()))
    return losses.detach(), dict(zip(variables, found, strict=True))


def count(parameters: dict[str, Tensor], points: Tensor, wanted: Hyperparameters) -> tuple[float, float]:
    """Return the multiply-adds per point of the matrix products in one forward and in one backward pass."""
    variables = {name: value.detach().requires_grad_() for name, value in parameters.items()}
    with FlopCounterMode(display=False) as ahead:
        output = forward(variables, points, wanted).sum()
    with FlopCounterMode(display=False) as back:
        output.backward()
    passes = 2 * len(points) * len(parameters["weight_0"])  # a multiply-add is two operations
    return ahead.get_total_flops() / passes, back.get_total_flops() / passes


def _activate(name: str, values: Tensor) -> Tensor:
    match name:
        case "relu":
            return torch.relu(values)
        case "sigmoid":
            return torch.sigmoid(values)
        case "tanh":
            return torch.tanh(values)
    return values
