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
    """Weights of `replicas` autoencoders; those of encoder and decoder are stored divided by `scale`."""

    encoder: Tensor  # (replicas, questions, hidden)
    encoder_bias: Tensor  # (replicas, 1, hidden)
    decoder: Tensor  # (replicas, questions, hidden)
    decoder_bias: Tensor  # (replicas, questions, 1)
    learning_rate: Tensor  # (replicas, 1, 1)
    penalty: Tensor  # (replicas, 1, 1)
    scale: Tensor  # (replicas, 1, 1)


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
    """Take a step down the cost of one student in every replica; return the costs before it, (replicas,)."""
    asked, right, correct = student.asked, student.right, student.correct
    decoder = stack.decoder.index_select(1, asked)  # (replicas, asked, hidden)
    inputs = stack.encoder.index_select(1, right).sum(dim=1, keepdim=True)  # (replicas, 1, hidden)
    hidden = torch.sigmoid(stack.encoder_bias + stack.scale * inputs)
    sums = stack.decoder_bias.index_select(1, asked) + stack.scale * (decoder @ hidden.mT)  # (replicas, asked, 1)
    predicted = torch.sigmoid(sums)
    error = predicted - correct

    decoder_slope = 2 * error * predicted * (1 - predicted)  # of the cost, by each of the sums
    hidden_slope = stack.scale * (decoder_slope.mT @ decoder) * hidden * (1 - hidden)  # (replicas, 1, hidden)

    # The penalty shrinks all weights alike: the common factor does so without touching them.
    stack.scale = stack.scale * (1 - stack.learning_rate * stack.penalty)
    rate = stack.learning_rate / stack.scale
    decoder.baddbmm_(decoder_slope, -rate * hidden)
    stack.decoder.index_copy_(1, asked, decoder)
    stack.decoder_bias.index_add_(1, asked, -stack.learning_rate * decoder_slope)
    stack.encoder.index_add_(1, right, (-rate * hidden_slope).expand(-1, len(right), -1))
    stack.encoder_bias -= stack.learning_rate * hidden_slope
    return error.square().sum(dim=(1, 2))


def multiply_out(stack: Stack) -> None:
    """Multiply the weights by their common factor, before it becomes too small for a float."""
    if bool((stack.scale != 1).any()):
        stack.encoder *= stack.scale
        stack.decoder *= stack.scale
        stack.scale = torch.ones_like(stack.scale)


def predict(stack: Stack, table: Tensor, asked: Answers) -> Tensor:
    """Return the probability of a right answer for each of `asked`, (replicas, answers), from all of `table`."""
    multiply_out(stack)
    hidden = torch.sigmoid(stack.encoder_bias + table @ stack.encoder)  # (replicas, students, hidden)
    found = []
    for students, questions in zip(asked.students.split(CHUNK), asked.questions.split(CHUNK), strict=True):
        decoder = stack.decoder.index_select(1, questions)  # (replicas, chunk, hidden)
        found.append((decoder * hidden.index_select(1, students)).sum(dim=2))
    sums = torch.cat(found, dim=1) + stack.decoder_bias[:, :, 0].index_select(1, asked.questions)
    return torch.sigmoid(sums)


def _draw(hidden: int, questions: int, seed: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return the initial weights of one replica, by PyTorch's default for linear layers, encoder first."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        encoder, decoder = nn.Linear(questions, hidden), nn.Linear(hidden, questions)
    made = (encoder.weight.T, encoder.bias[None, :], decoder.weight, decoder.bias[:, None])
    return tuple(weight.detach().clone() for weight in made)
