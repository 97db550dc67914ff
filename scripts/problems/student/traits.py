"""A Bayesian response model with several traits: our improvement.

A student answers rightly if a latent normal variable with mean a_i + b_j + u_i . v_j and variance 1 is positive.
Ability a, easiness b, skills u and topics v have normal priors, whose precisions have gamma priors. Gibbs sampling with
the augmentation of Albert and Chib (1993); probabilities are averaged over the draws, not computed at one estimate.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from problems.student.answers import Answers
from problems.student.hyperparameters import Hyperparameters

START = 0.3  # standard deviation of the first skills and topics; zeros would stay zeros
SHAPE, RATE = 1.0, 1.0  # of the gamma prior of a precision, in units of the latent variable's

Watch = Callable[[int, Tensor, Tensor], None]  # (sweep, students, questions), after each sweep that is kept


def sample(training: Answers, wanted: Hyperparameters, seed: int, watch: Watch) -> dict[str, Tensor]:
    """Return draws: `students`, a and u, (draws, students, 1 + traits); `questions`, b and v, in the same layout."""
    generator = torch.Generator().manual_seed(seed)
    width = 1 + wanted.traits
    students = _start(training.student_rows, width, generator)
    questions = _start(training.question_rows, width, generator)
    student_precision, question_precision = torch.ones(2, width, dtype=torch.float64)
    student_mean = torch.zeros(width, dtype=torch.float64)  # easiness has the mean of both, so that they are told apart
    question_mean = torch.zeros(width, dtype=torch.float64)
    kept: list[tuple[Tensor, Tensor]] = []
    for sweep in range(1, wanted.burn_in + wanted.sweeps + 1):
        latent = _latent(latent_means(students, questions, training), training.correct, generator)
        seen = _features(questions, training.questions)
        residual = latent - questions[training.questions, 0]
        students = _draw(seen, residual, training.students, student_mean, student_precision, len(students), generator)
        seen = _features(students, training.students)
        residual = latent - students[training.students, 0]
        questions = _draw(
            seen, residual, training.questions, question_mean, question_precision, len(questions), generator
        )
        student_precision = _precision(students, student_mean, generator)
        question_mean[0] = _mean(questions[:, 0], question_precision[0], generator)
        question_precision = _precision(questions, question_mean, generator)
        if sweep > wanted.burn_in:
            watch(sweep - wanted.burn_in, students, questions)
            if (sweep - wanted.burn_in) % wanted.thinning == 0:
                kept.append((students, questions))
    drawn = [torch.stack(part).float() for part in zip(*kept, strict=True)]
    return dict(zip(("students", "questions"), drawn, strict=True))


def probability(weights: dict[str, Tensor], asked: Answers) -> Tensor:
    """Return the probability of a right answer for each of `asked`, the mean over the draws, (answers,)."""
    draws = zip(weights["students"], weights["questions"], strict=True)
    return torch.stack([torch.special.ndtr(latent_means(*draw, asked)) for draw in draws]).mean(dim=0)


def latent_means(students: Tensor, questions: Tensor, asked: Answers) -> Tensor:
    """Return a_i + b_j + u_i . v_j for each of `asked`, (answers,)."""
    student, question = students[asked.students], questions[asked.questions]
    return student[:, 0] + question[:, 0] + (student[:, 1:] * question[:, 1:]).sum(dim=1)


def _start(rows: int, width: int, generator: torch.Generator) -> Tensor:
    start = START * torch.randn(rows, width, dtype=torch.float64, generator=generator)
    start[:, 0] = 0
    return start


def _latent(means: Tensor, correct: Tensor, generator: torch.Generator) -> Tensor:
    """Return draws from normals of variance 1, cut to positive values for right answers and negative for wrong ones."""
    sign = 2 * correct.double() - 1
    share = torch.rand(len(means), dtype=torch.float64, generator=generator).clamp_min_(1e-300)
    towards = means * sign
    return sign * (towards - torch.special.ndtri(share * torch.special.ndtr(towards)))


def _features(vectors: Tensor, index: Tensor) -> Tensor:
    """Return what multiplies the other side's vectors: 1 for ability or easiness, then the traits."""
    features = vectors[index]
    features[:, 0] = 1
    return features


def _draw(
    features: Tensor,
    residual: Tensor,
    index: Tensor,
    mean: Tensor,
    precision: Tensor,
    rows: int,
    generator: torch.Generator,
) -> Tensor:
    """Return a draw of every row's vector given all else: a Bayesian linear regression for each, (rows, width)."""
    width = features.shape[1]
    outer = features[:, :, None] * features[:, None, :]
    matrices = torch.zeros(rows, width, width, dtype=torch.float64).index_add_(0, index, outer) + torch.diag(precision)
    right = torch.zeros(rows, width, dtype=torch.float64).index_add_(0, index, features * residual[:, None])
    factor = torch.linalg.cholesky(matrices)
    centre = torch.cholesky_solve((right + precision * mean)[:, :, None], factor)
    noise = torch.randn(rows, width, 1, dtype=torch.float64, generator=generator)
    return (centre + torch.linalg.solve_triangular(factor.mT, noise, upper=True))[:, :, 0]


def _precision(vectors: Tensor, mean: Tensor, generator: torch.Generator) -> Tensor:
    shape = torch.full_like(mean, SHAPE + len(vectors) / 2)
    return torch._standard_gamma(shape, generator=generator) / (RATE + (vectors - mean).square().sum(dim=0) / 2)


def _mean(values: Tensor, precision: Tensor, generator: torch.Generator) -> Tensor:
    noise = torch.randn((), dtype=torch.float64, generator=generator)
    return values.mean() + noise / (precision * len(values)).sqrt()
