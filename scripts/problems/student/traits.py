"""A Bayesian response model with several traits: our improvement.

A student answers rightly if a latent normal variable with mean a_i + b_j + u_i . v_j and variance 1 is positive.
Ability a, easiness b, skills u and topics v have normal priors, whose precisions have gamma priors. Gibbs sampling with
the augmentation of Albert and Chib (1993); probabilities are averaged over the draws, not computed at one estimate.
"""

import torch
from torch import Tensor

from reprose import Outcome, Run, Trainee
from scripts.problems.student.answers import Answers
from scripts.problems.student.measure import accuracy, facts, measure

START = 0.3  # standard deviation of the first skills and topics; zeros would stay zeros
SHAPE, RATE = 1.0, 1.0  # of the gamma prior of a precision, in units of the latent variable's


class Sampler(Trainee):
    """Sampling from the posterior, a sweep an epoch; a sweep after the burn-in is kept if `thinning` says so."""

    keeps = (
        *("students", "questions", "student_precision", "question_precision", "question_mean", "generator"),
        *("draws", "total"),
    )

    def __init__(self, run: Run, training: Answers, validation: Answers) -> None:
        self.wanted, self.training, self.validation = run.settings, training, validation
        self.epochs = self.wanted.burn_in + self.wanted.sweeps
        self.generator = torch.Generator().manual_seed(run.seed)
        width = 1 + self.wanted.traits
        self.students = _start(training.student_rows, width, self.generator)  # a and u
        self.questions = _start(training.question_rows, width, self.generator)  # b and v
        self.student_precision, self.question_precision = torch.ones(2, width, dtype=torch.float64)
        self.student_mean = torch.zeros(width, dtype=torch.float64)  # easiness has the mean of both, to tell them apart
        self.question_mean = torch.zeros(width, dtype=torch.float64)
        self.draws: list[tuple[Tensor, Tensor]] = []
        self.total = torch.zeros(len(validation), dtype=torch.float64)  # of the probabilities in all sweeps that count

    def epoch(self) -> dict[str, float]:
        """Sweep once; after the burn-in, return the validation accuracy of the mean over the sweeps so far."""
        self._sweep()
        sweep = self.done + 1 - self.wanted.burn_in
        if sweep <= 0:
            return {}
        if sweep % self.wanted.thinning == 0:
            self.draws.append((self.students, self.questions))
        self.total += torch.special.ndtr(latent_means(self.students, self.questions, self.validation))
        return {"eval_accuracy": accuracy(self.total / sweep, self.validation.correct).item()}

    def outcome(self) -> Outcome:
        """Return the draws: `students` (draws, students, 1 + traits), and `questions` in the same layout."""
        drawn = [torch.stack(part).float() for part in zip(*self.draws, strict=True)]
        weights = dict(zip(("students", "questions"), drawn, strict=True))
        metrics = measure(probability(weights, self.validation), self.validation)
        metrics |= facts(self.training, self.validation)
        return Outcome({name: weight.numpy() for name, weight in weights.items()}, metrics)

    def _sweep(self) -> None:
        """Draw everything once, each given all else."""
        training, generator = self.training, self.generator
        latent = _latent(latent_means(self.students, self.questions, training), training.correct, generator)
        seen = _features(self.questions, training.questions)
        residual = latent - self.questions[training.questions, 0]
        priors = (self.student_mean, self.student_precision, training.student_rows)
        self.students = _draw(seen, residual, training.students, *priors, generator)
        seen = _features(self.students, training.students)
        residual = latent - self.students[training.students, 0]
        priors = (self.question_mean, self.question_precision, training.question_rows)
        self.questions = _draw(seen, residual, training.questions, *priors, generator)
        self.student_precision = _precision(self.students, self.student_mean, generator)
        self.question_mean[0] = _mean(self.questions[:, 0], self.question_precision[0], generator)
        self.question_precision = _precision(self.questions, self.question_mean, generator)


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
