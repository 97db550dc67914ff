"""A Bayesian response model with several traits: our improvement.

A student answers rightly if a latent normal variable with mean a_i + b_j + u_i . v_j and variance 1 is positive. The
vectors (a_i, u_i) of the students have one normal prior, those (b_j, v_j) of the questions another; mean and covariance
of both are learned, under normal-Wishart priors (Salakhutdinov and Mnih, 2008). As ability may go with a skill and
easiness with a topic, questions may differ in how well they tell abilities apart, as in the two-parameter model, and
students in how much they mind difficulty. Gibbs sampling with the augmentation of Albert and Chib (1993); probabilities
are averaged over the draws, not computed at one estimate.
"""

import torch
from torch import Tensor

from reprose import Outcome, Run, Trainee
from scripts.problems.student.answers import Answers
from scripts.problems.student.measure import accuracy, facts, measure

START = 0.3  # standard deviation of the first skills and topics; zeros would stay zeros
ROWS = 1.0  # that the prior of a mean, which is 0, counts for beside those that are there

Prior = tuple[Tensor, Tensor]  # the normal law of one side's vectors: mean (width,), precision (width, width)


class Sampler(Trainee):
    """Sampling from the posterior, a sweep an epoch; a sweep after the burn-in is kept if `thinning` says so."""

    keeps = ("students", "questions", "student_prior", "question_prior", "generator", "draws", "total")

    def __init__(self, run: Run, training: Answers, validation: Answers) -> None:
        self.wanted, self.training, self.validation = run.settings, training, validation
        self.epochs = self.wanted.burn_in + self.wanted.sweeps
        self.generator = torch.Generator().manual_seed(run.seed)
        width = 1 + self.wanted.traits
        self.students = _start(training.student_rows, width, self.generator)  # a and u
        self.questions = _start(training.question_rows, width, self.generator)  # b and v
        self.student_prior = self.question_prior = (torch.zeros(width).double(), torch.eye(width).double())
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
        self.students = _draw(seen, residual, training.students, self.student_prior, training.student_rows, generator)
        seen = _features(self.students, training.students)
        residual = latent - self.students[training.students, 0]
        self.questions = _draw(
            seen, residual, training.questions, self.question_prior, training.question_rows, generator
        )
        self.student_prior = _draw_prior(self.students, generator)
        self.question_prior = _draw_prior(self.questions, generator)


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
    features: Tensor, residual: Tensor, index: Tensor, prior: Prior, rows: int, generator: torch.Generator
) -> Tensor:
    """Return a draw of every row's vector given all else: a Bayesian linear regression for each, (rows, width)."""
    mean, precision = prior
    width = features.shape[1]
    outer = features[:, :, None] * features[:, None, :]
    matrices = torch.zeros(rows, width, width, dtype=torch.float64).index_add_(0, index, outer) + precision
    right = torch.zeros(rows, width, dtype=torch.float64).index_add_(0, index, features * residual[:, None])
    return _normal(matrices, right + precision @ mean, generator)


def _draw_prior(vectors: Tensor, generator: torch.Generator) -> Prior:
    """Return a draw of mean and precision given the vectors, (rows, width).

    Before any vector is seen, the precision has a Wishart law of scale 1 and width + 1 degrees, and the mean is 0 with
    `ROWS` times that precision.
    """
    rows, width = vectors.shape
    mean = vectors.mean(dim=0)
    apart = vectors - mean
    shift = ROWS * rows / (ROWS + rows) * torch.outer(mean, mean)
    scale = torch.linalg.inv(torch.eye(width, dtype=torch.float64) + apart.T @ apart + shift)
    precision = _wishart(scale, width + 1 + rows, generator)
    strength = (ROWS + rows) * precision
    return _normal(strength[None], (strength @ (rows / (ROWS + rows) * mean))[None], generator)[0], precision


def _wishart(scale: Tensor, degrees: int, generator: torch.Generator) -> Tensor:
    """Return a draw from a Wishart law by the decomposition of Bartlett (1933), (width, width)."""
    width = len(scale)
    shapes = (degrees - torch.arange(width, dtype=torch.float64)) / 2
    lower = torch.randn(width, width, dtype=torch.float64, generator=generator).tril(-1)
    lower += torch.diag((2 * torch._standard_gamma(shapes, generator=generator)).sqrt())
    factor = torch.linalg.cholesky(scale) @ lower
    return factor @ factor.T


def _normal(precision: Tensor, right: Tensor, generator: torch.Generator) -> Tensor:
    """Return draws from normals of given precisions, (rows, width, width), and precision times mean, (rows, width)."""
    factor = torch.linalg.cholesky(precision)
    centre = torch.cholesky_solve(right[:, :, None], factor)
    noise = torch.randn(centre.shape, dtype=torch.float64, generator=generator)
    return (centre + torch.linalg.solve_triangular(factor.mT, noise, upper=True))[:, :, 0]
