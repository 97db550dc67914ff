"""Training: plain stochastic gradient descent for autoencoders, and the two response models beside them."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from problems.student import rasch, traits
from problems.student.answers import Answers, to_answers
from problems.student.autoencoder import Made, plan, train_stack
from problems.student.hyperparameters import Hyperparameters
from problems.student.measure import accuracy, majority, measure
from reprose.experiment import Arrays, Outcome, Run, Session, settings


def train(
    runs: Sequence[Run], data: Mapping[str, Arrays], used: Mapping[str, Arrays], session: Session
) -> dict[str, Outcome]:
    """Return the outcome of each run; a job that was cut off goes on at its last checkpoint."""
    training, validation = (to_answers(data[part], session.device) for part in ("train", "validation"))
    wanted = {run.name: (_settings(run), run.seed) for run in runs}
    state: dict[str, Any] = session.checkpoint.load() or {"finished": {}, "running": None}
    for stack in plan({name: pair for name, pair in wanted.items() if pair[0].model == "autoencoder"}):
        if not all(name in state["finished"] for replica in stack for name in replica.runs):
            state["finished"] |= train_stack(stack, training, validation, session, state)
            state["running"] = None
            session.checkpoint.save(state)
    for name, (values, seed) in wanted.items():
        if name not in state["finished"]:
            respond = _fit_rasch if values.model == "rasch" else _sample_traits
            state["finished"][name] = respond(name, values, seed, training, validation, session)
            session.checkpoint.save(state)
    shared = _facts(training, validation)
    return {name: _outcome(state["finished"][name], shared) for name in wanted}


def _settings(run: Run) -> Hyperparameters:
    return settings(Hyperparameters, run.values, f"config.yaml: problems.student: run {run.name}")


def _fit_rasch(
    name: str, wanted: Hyperparameters, seed: int, training: Answers, validation: Answers, session: Session
) -> Made:
    """Fit item response theory; there is one optimum, so the seed changes nothing."""
    weights = rasch.fit(training, wanted.penalty)
    metrics = measure(rasch.probability(weights, validation), validation)
    return {"weights": weights, "history": {}, "metrics": metrics}


def _sample_traits(
    name: str, wanted: Hyperparameters, seed: int, training: Answers, validation: Answers, session: Session
) -> Made:
    """Sample the posterior, and note the validation accuracy of the mean over the sweeps so far."""
    total = torch.zeros(len(validation), dtype=torch.float64)
    accuracies: list[float] = []

    def watch(sweep: int, students: Tensor, questions: Tensor) -> None:
        total.add_(torch.special.ndtr(traits.latent_means(students, questions, validation)))
        accuracies.append(accuracy(total / sweep, validation.correct).item())
        session.record(name, sweep, {"eval_accuracy": accuracies[-1]})

    weights = traits.sample(training, wanted, seed, watch)
    metrics = measure(traits.probability(weights, validation), validation)
    history = {"eval_accuracy": torch.tensor(accuracies, dtype=torch.float64)}
    return {"weights": weights, "history": history, "metrics": metrics}


def _facts(training: Answers, validation: Answers) -> dict[str, float]:
    """Return the sizes of the data and the accuracy of the majority, which the handout prints."""
    return {
        "training_answers": len(training),
        "validation_answers": len(validation),
        "students": training.student_rows,
        "questions": training.question_rows,
        "right_share": training.correct.double().mean().item(),
        "majority": majority(training, validation),
    }


def _outcome(made: Made, shared: Mapping[str, float]) -> Outcome:
    weights = {name: weight.numpy() for name, weight in made["weights"].items()}
    history = {name: values.numpy() for name, values in made["history"].items()}
    return Outcome(weights, history, {**made["metrics"], **shared})
