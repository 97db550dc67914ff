"""Autoencoders trained side by side: replicas of one width, stacked along a dimension of their own.

The input of a student is 1 at his right answers and 0 elsewhere, and only answered questions enter the cost. So a step
reads and writes the encoder's rows of right answers and the decoder's rows of answered questions, and no others. Such a
row holds the weights of all replicas, one after another, so that it is read and written in one piece.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import embedding_bag

from scripts.problems.student.answers import Answers, Row
from scripts.problems.student.hyperparameters import Hyperparameters

CHUNK = 256  # held-out answers predicted at a time: their rows of weights fit the processor's cache


@dataclass
class Stack:
    """Weights of R autoencoders of k hidden units; encoder and decoder are stored divided by `scale`."""

    encoder: Tensor  # (questions, R, k)
    encoder_bias: Tensor  # (1, R, k)
    decoder: Tensor  # (questions, R, k)
    decoder_bias: Tensor  # (questions, R, 1)
    learning_rate: Tensor  # (1, R, 1)
    penalty: Tensor  # (1, R, 1)
    scale: Tensor  # (1, R, 1)

    def state_dict(self) -> dict[str, Tensor]:
        """Return what training changes; multiplied out, so that the scale is 1."""
        return {name: getattr(self, name) for name in ("encoder", "encoder_bias", "decoder", "decoder_bias")}

    def load_state_dict(self, weights: dict[str, Tensor]) -> None:
        """Go on from what `state_dict` returned."""
        for name, weight in weights.items():
            setattr(self, name, weight)


def new_stack(settings: Sequence[tuple[Hyperparameters, int]], questions: int, device: str) -> Stack:
    """Return untrained replicas, one for each pair of settings and seed; all have the same `hidden`."""
    drawn = [_draw(wanted.hidden, questions, seed) for wanted, seed in settings]
    encoder, encoder_bias, decoder, decoder_bias = (
        torch.stack(weights, dim=1).to(device) for weights in zip(*drawn, strict=True)
    )
    learning_rate, penalty = (
        torch.tensor([getattr(wanted, name) for wanted, _ in settings], device=device)[None, :, None]
        for name in ("learning_rate", "penalty")
    )
    scale = torch.ones_like(penalty)
    return Stack(encoder, encoder_bias, decoder, decoder_bias, learning_rate, penalty, scale)


def take_step(stack: Stack, student: Row) -> Tensor:
    """Step in each of R replicas; return their costs before it, (R,)."""
    rate, asked, right = stack.learning_rate, student.asked, student.right
    hidden = hidden_units(stack, right, right.new_zeros(1))  # (1, R, k)
    decoder = stack.decoder.index_select(0, asked)  # (asked, R, k)
    sums = torch.bmm(decoder.transpose(0, 1), hidden.permute(1, 2, 0))
    predicted = stack.decoder_bias.index_select(0, asked)
    predicted.addcmul_(stack.scale, sums.transpose(0, 1)).sigmoid_()
    error = predicted - student.correct  # (asked, R, 1)

    # The slopes of the cost by the sums that enter each sigmoid.
    slope = torch.ops.aten.sigmoid_backward
    output_slope = slope(2 * error, predicted)
    back = torch.bmm(output_slope.permute(1, 2, 0), decoder.transpose(0, 1))
    hidden_slope = slope(stack.scale * back.transpose(0, 1), hidden)

    # The penalty shrinks all weights alike: their common factor does it.
    stack.scale = stack.scale * (1 - rate * stack.penalty)
    scaled = rate / stack.scale
    torch.mul(scaled * output_slope, hidden, out=decoder)
    subtract(stack.decoder, asked, decoder)
    stack.decoder_bias.index_add_(0, asked, -rate * output_slope)
    change = (scaled * hidden_slope).expand(len(right), -1, -1)
    subtract(stack.encoder, right, change)
    stack.encoder_bias -= rate * hidden_slope
    return error.square().sum(dim=(0, 2))


def hidden_units(stack: Stack, right: Tensor, starts: Tensor) -> Tensor:
    """Return the hidden units of students, (students, R, k); the right answers of each begin at `starts`."""
    inputs = embedding_bag(right, stack.encoder.flatten(1), starts, mode="sum")
    inputs = inputs.unflatten(1, stack.encoder.shape[1:])
    return torch.addcmul(stack.encoder_bias, stack.scale, inputs).sigmoid_()


def subtract(weights: Tensor, rows: Tensor, change: Tensor) -> None:
    """Subtract `change` from `rows` of `weights`."""
    weights[None].index_add_(1, rows, change[None], alpha=-1)  # along its first dimension PyTorch adds more slowly


def multiply_out(stack: Stack) -> None:
    """Multiply the weights by their common factor, before it becomes too small for a float."""
    if bool((stack.scale != 1).any()):
        stack.encoder *= stack.scale
        stack.decoder *= stack.scale
        stack.scale = torch.ones_like(stack.scale)


def predict(
    stack: Stack,
    students: Sequence[Row],
    asked: Answers,
) -> Tensor:
    """Return the probability that each of `asked` is right, (R, answers)."""
    right = [student.right for student in students]
    starts = torch.tensor([0, *map(len, right[:-1])], device=stack.scale.device).cumsum(0)
    hidden = hidden_units(stack, torch.cat(right), starts)  # (students, R, k)
    sums = []
    pairs = (asked.students.split(CHUNK), asked.questions.split(CHUNK))
    for who, what in zip(*pairs, strict=True):
        decoder = stack.decoder.index_select(0, what)  # (chunk, R, k)
        sums.append(decoder.mul_(hidden.index_select(0, who)).sum(dim=2))
    bias = stack.decoder_bias[:, :, 0].index_select(0, asked.questions)
    return torch.addcmul(bias, stack.scale[:, :, 0], torch.cat(sums)).sigmoid_().T


def _draw(hidden: int, questions: int, seed: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return the initial weights of one replica, by PyTorch's default for linear layers, encoder first."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        encoder, decoder = nn.Linear(questions, hidden), nn.Linear(hidden, questions)
    made = (encoder.weight.T, encoder.bias[None, :], decoder.weight, decoder.bias[:, None])
    return tuple(weight.detach().clone() for weight in made)
