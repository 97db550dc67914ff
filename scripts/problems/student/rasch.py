"""One-parameter item response theory (Rasch, 1960): ability of a student against difficulty of a question."""

import numpy as np
import torch
from scipy.optimize import minimize
from scipy.special import expit
from torch import Tensor

from reprose import ReproseError
from scripts.problems.student.answers import Answers


def fit(training: Answers, penalty: float) -> dict[str, Tensor]:
    """Return `ability` and `difficulty`, which maximize the likelihood times normal priors of precision `penalty`."""
    students, questions = training.students.numpy(), training.questions.numpy()
    correct, rows = training.correct.double().numpy(), training.student_rows

    def objective(values: np.ndarray) -> tuple[float, np.ndarray]:
        ability, difficulty = values[:rows], values[rows:]
        odds = ability[students] - difficulty[questions]  # (answers,)
        loss = np.logaddexp(0, odds).sum() - correct @ odds + penalty / 2 * values @ values
        error = expit(odds) - correct
        slopes = [np.bincount(students, error, rows), -np.bincount(questions, error, training.question_rows)]
        return loss, np.concatenate(slopes) + penalty * values

    found = minimize(objective, np.zeros(rows + training.question_rows), jac=True, method="L-BFGS-B")
    if not found.success:
        raise ReproseError(
            f"student: item response theory with penalty {penalty} did not converge ({found.message}). Raise the"
            " penalty in config.yaml."
        )
    ability, difficulty = (torch.from_numpy(part.copy()) for part in np.split(found.x, [rows]))
    return {"ability": ability, "difficulty": difficulty}


def probability(weights: dict[str, Tensor], asked: Answers) -> Tensor:
    """Return the probability of a right answer for each of `asked`, (answers,)."""
    return torch.sigmoid(weights["ability"][asked.students] - weights["difficulty"][asked.questions])
