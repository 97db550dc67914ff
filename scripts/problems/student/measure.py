"""The two metrics of predicted probabilities, and the majority that they are held against."""

from torch import Tensor

from scripts.problems.student.answers import Answers

THRESHOLD = 0.5  # from this probability on, a right answer is predicted


def accuracy(probability: Tensor, correct: Tensor) -> Tensor:
    """Return the share of answers predicted rightly, over the last dimension; 0 to 1, higher is better."""
    return ((probability >= THRESHOLD) == (correct == 1)).double().mean(dim=-1)


def cost(probability: Tensor, correct: Tensor) -> Tensor:
    """Return the sum of squared errors over the last dimension; lower is better."""
    return (probability - correct).square().double().sum(dim=-1)


def measure(probability: Tensor, held_out: Answers) -> dict[str, float]:
    """Return `accuracy` and `cost` of the predicted probabilities, (answers,)."""
    correct = held_out.correct
    return {"accuracy": accuracy(probability, correct).item(), "cost": cost(probability, correct).item()}


def majority(training: Answers, held_out: Answers) -> float:
    """Return the accuracy of predicting the more frequent answer of the training part for every held-out one."""
    constant = training.correct.mean().expand(len(held_out))
    return accuracy(constant, held_out.correct).item()


def facts(training: Answers, validation: Answers) -> dict[str, float]:
    """Return the sizes of the data and the accuracy of the majority, which the handout prints."""
    return {
        "training_answers": len(training),
        "validation_answers": len(validation),
        "students": training.student_rows,
        "questions": training.question_rows,
        "right_share": training.correct.double().mean().item(),
        "majority": majority(training, validation),
    }
