"""Training of many autoencoders at once: one width makes a stack; runs that differ only in epochs share a replica."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import torch
from torch import Tensor

from problems.student.answers import Answers, Row
from problems.student.hyperparameters import Hyperparameters
from problems.student.measure import accuracy, cost
from problems.student.stack import Stack, multiply_out, new_stack, predict, take_step
from reprose.errors import ReproseError
from reprose.experiment import Session

WIDTH = 4500  # hidden units of a stack, all replicas together: enough to hide the cost of calling PyTorch
BETWEEN = 50  # steps after which the weights are multiplied out; the factor stays far above the smallest float
HISTORY = ("cost", "eval_accuracy", "eval_cost")

Made = dict[str, Any]  # weights, history and metrics of one run, as a checkpoint can hold them


@dataclass(frozen=True)
class Replica:
    """The runs that are one autoencoder, read after different numbers of epochs: run name -> epochs."""

    wanted: Hyperparameters  # with the most epochs of them
    seed: int
    runs: Mapping[str, int]


def plan(runs: Mapping[str, tuple[Hyperparameters, int]]) -> list[list[Replica]]:
    """Return stacks of replicas that together make all `runs` (name -> settings and seed)."""
    shared: dict[tuple[Hyperparameters, int], dict[str, int]] = {}
    for name, (wanted, seed) in runs.items():
        shared.setdefault((replace(wanted, epochs=1), seed), {})[name] = wanted.epochs
    alike: dict[tuple[int, int], list[Replica]] = {}
    for (wanted, seed), epochs in shared.items():
        longest = max(epochs.values())
        alike.setdefault((wanted.hidden, longest), []).append(Replica(replace(wanted, epochs=longest), seed, epochs))
    return [part for (hidden, _), group in alike.items() for part in _cut(group, max(1, WIDTH // hidden))]


def train_stack(
    replicas: Sequence[Replica], training: Answers, validation: Answers, session: Session, state: dict[str, Any]
) -> dict[str, Made]:
    """Return what each run of a stack gives; `state["running"]` is where a job that was cut off goes on."""
    stack = new_stack([(replica.wanted, replica.seed) for replica in replicas], training.question_rows, session.device)
    running = state["running"] or {"history": torch.zeros(0, len(HISTORY), len(replicas)), "made": {}}
    for name, weights in running.get("stack", {}).items():
        setattr(stack, name, weights)
    students = training.rows()
    history, made = running["history"].double(), running["made"]
    for epoch in range(len(history) + 1, replicas[0].wanted.epochs + 1):
        costs = _train_epoch(stack, students)
        probability = predict(stack, students, validation)
        measured = [costs, accuracy(probability, validation.correct), cost(probability, validation.correct)]
        history = torch.cat([history, torch.stack(measured).cpu()[None]])  # (epochs, metrics, replicas)
        for place, replica in enumerate(replicas):
            _note(replica, epoch, history[:, :, place], session)
            for name, last in replica.runs.items():
                if last == epoch:
                    made[name] = _made(replica.wanted, stack, place, history[:, :, place])
        if session.checkpoint.due():
            state["running"] = {"history": history, "made": made, "stack": _weights(stack)}
            session.checkpoint.save(state)
    return made


def _train_epoch(stack: Stack, students: Sequence[Row]) -> Tensor:
    """Take one step for each student, in order; return the sums of their costs, each before its step, (replicas,)."""
    costs = torch.zeros(stack.scale.numel(), dtype=torch.float64, device=stack.scale.device)
    for count, student in enumerate(students, 1):
        costs += take_step(stack, student)
        if count % BETWEEN == 0:
            multiply_out(stack)
    multiply_out(stack)
    return costs


def _note(replica: Replica, epoch: int, history: Tensor, session: Session) -> None:
    """Record an epoch under the name of the longest run; a cost that is no number stops the training."""
    name = max(replica.runs, key=lambda run: replica.runs[run])
    metrics = dict(zip(HISTORY, history[-1].tolist(), strict=True))
    if not bool(history[-1].isfinite().all()):
        raise ReproseError(
            f"student: run {name}: {metrics} in epoch {epoch}, expected finite numbers. Lower learning_rate in"
            f" config.yaml (now {replica.wanted.learning_rate})."
        )
    session.record(name, epoch, metrics)


def _made(wanted: Hyperparameters, stack: Stack, place: int, history: Tensor) -> Made:
    weights = {name: weight[:, place].cpu().clone() for name, weight in _weights(stack).items()}
    size = sum(weights[name].square().sum().item() for name in ("encoder", "decoder"))
    last = dict(zip(HISTORY, history[-1].tolist(), strict=True))
    return {
        "weights": weights if wanted.keep_weights else {},
        "history": {name: history[:, place].clone() for place, name in enumerate(HISTORY)},
        "metrics": {
            "accuracy": last["eval_accuracy"],
            "cost": last["eval_cost"],
            "training_cost": last["cost"],
            "squared_weights": size,
        },
    }


def _weights(stack: Stack) -> dict[str, Tensor]:
    """Return what training changes; multiplied out, so that the scale is 1."""
    settings = ("learning_rate", "penalty", "scale")
    return {item.name: getattr(stack, item.name) for item in fields(Stack) if item.name not in settings}


def _cut(group: list[Replica], size: int) -> list[list[Replica]]:
    return [group[start : start + size] for start in range(0, len(group), size)]
