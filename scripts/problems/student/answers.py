"""A part of the answers as tensors."""

from dataclasses import dataclass

import torch
from torch import Tensor

from reprose import Arrays


@dataclass(frozen=True)
class Row:
    """The answers of one student."""

    asked: Tensor  # (asked,) int64, questions that have an answer
    right: Tensor  # (right,) int64, those of them that have a right one
    correct: Tensor  # (asked, 1, 1) float32, 0 or 1


@dataclass(frozen=True)
class Answers:
    """Answers of one part, and how many students and questions there are."""

    students: Tensor  # (answers,) int64
    questions: Tensor  # (answers,) int64
    correct: Tensor  # (answers,) float32, 0 or 1
    student_rows: int
    question_rows: int

    def __len__(self) -> int:
        return len(self.students)

    def rows(self) -> list[Row]:
        """Return the answers of each student, in the order of their ids."""
        order = torch.argsort(self.students, stable=True)
        counts = torch.bincount(self.students, minlength=self.student_rows).tolist()
        parts = (self.questions[order].split(counts), self.correct[order].split(counts))
        return [Row(asked, asked[right == 1], right[:, None, None]) for asked, right in zip(*parts, strict=True)]


def to_answers(arrays: Arrays, device: str) -> Answers:
    """Return the arrays of one part of a view as tensors on `device`."""
    students, questions, correct = (
        torch.from_numpy(arrays[name]).to(device) for name in ("students", "questions", "correct")
    )
    return Answers(students, questions, correct.float(), int(arrays["student_rows"]), int(arrays["question_rows"]))
