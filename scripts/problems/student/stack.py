"""Autoencoders trained side by side: replicas of one width, stacked along a leading dimension.

The input of a student is 1 at his right answers and 0 elsewhere, and only answered questions enter the cost. So a step
reads and writes the encoder's rows of right answers and the decoder's rows of answered questions, and no others.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from problems.student.answers import Answers, Row
from problems.student.hyperparameters import Hyperparameters

CHUNK = 512  # held-out answers predicted at a time: their rows of weights fit the processor's cache


@dataclass
class Stack:
    """Weights of R autoencoders of k hidden units; encoder and decoder are stored divided by `scale`."""

    encoder: Tensor  # (R, questions, k)
    encoder_bias: Tensor  # (R, 1, k)
    decoder: Tensor  # (R, questions, k)
    decoder_bias: Tensor  # (R, questions, 1)
    learning_rate: Tensor  # (R, 1, 1)
    penalty: Tensor  # (R, 1, 1)
    scale: Tensor  # (R, 1, 1)


def new_stack(settings: Sequence[tuple[Hyperparameters, int]], questions: int, device: str) -> Stack:
    """Return untrained replicas, one for each pair of settings and seed; all have the same `hidden`."""
    drawn = [_draw(wanted.hidden, questions, seed) for wanted, seed in settings]
    encoder, encoder_bias, decoder, decoder_bias = (
        torch.stack(weights).to(device) for weights in zip(*drawn, strict=True)
    )
    learning_rate, penalty = (
        torch.tensor([getattr(wanted, name) for wanted, _ in settings], device=device)[:, None, None]
        for name in ("learning_rate", "penalty")
    )
    scale = torch.ones_like(penalty)
    return Stack(encoder, encoder_bias, decoder, decoder_bias, learning_rate, penalty, scale)


def take_step(stack: Stack, student: Row) -> Tensor:
    """Step in each of R replicas; return their costs before it, (R,)."""
    rate, asked, right = stack.learning_rate, student.asked, student.right
    hidden = hidden_units(stack, student)  # (R, 1, k)
    decoder = stack.decoder.index_select(1, asked)  # (R, asked, k)
    sums = stack.scale * (decoder @ hidden.mT)  # (R, asked, 1)
    sums += stack.decoder_bias.index_select(1, asked)
    predicted = torch.sigmoid(sums)
    error = predicted - student.correct

    # The slopes of the cost by the sums that enter each sigmoid.
    output_slope = 2 * error * predicted * (1 - predicted)
    hidden_slope = stack.scale * (output_slope.mT @ decoder)
    hidden_slope *= hidden * (1 - hidden)

    # The penalty shrinks all weights alike: their common factor does it.
    stack.scale = stack.scale * (1 - rate * stack.penalty)
    scaled = rate / stack.scale
    stack.decoder.index_copy_(
        1,
        asked,
        decoder.baddbmm_(output_slope, -scaled * hidden),
    )
    stack.decoder_bias.index_add_(1, asked, -rate * output_slope)
    change = (-scaled * hidden_slope).expand(-1, len(right), -1)
    stack.encoder.index_add_(1, right, change)
    stack.encoder_bias -= rate * hidden_slope
    return error.square().sum(dim=(1, 2))


def hidden_units(stack: Stack, student: Row) -> Tensor:
    """Return the hidden units of one student, (R, 1, k)."""
    weights = stack.encoder.index_select(1, student.right)
    inputs = weights.sum(dim=1, keepdim=True)
    return torch.sigmoid(stack.encoder_bias + stack.scale * inputs)


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
    rows = [hidden_units(stack, student) for student in students]
    hidden = torch.cat(rows, dim=1)  # (R, students, k)
    sums = []
    pairs = (asked.students.split(CHUNK), asked.questions.split(CHUNK))
    for who, what in zip(*pairs, strict=True):
        decoder = stack.decoder.index_select(1, what)  # (R, chunk, k)
        sums.append((decoder * hidden.index_select(1, who)).sum(dim=2))
    bias = stack.decoder_bias[:, :, 0].index_select(1, asked.questions)
    return torch.sigmoid(
        bias + stack.scale[:, :, 0] * torch.cat(sums, dim=1),
    )


def _draw(hidden: int, questions: int, seed: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return the initial weights of one replica, by PyTorch's default for linear layers, encoder first."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        encoder, decoder = nn.Linear(questions, hidden), nn.Linear(hidden, questions)
    made = (encoder.weight.T, encoder.bias[None, :], decoder.weight, decoder.bias[:, None])
    return tuple(weight.detach().clone() for weight in made)
