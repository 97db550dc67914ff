"""Training of many autoencoders at once: one width makes a stack; runs that differ only in epochs share a replica."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from reprose import Outcome, Run, Trainee
from scripts.problems.student.answers import Answers
from scripts.problems.student.hyperparameters import Hyperparameters
from scripts.problems.student.measure import accuracy, cost, facts
from scripts.problems.student.stack import multiply_out, new_stack, predict, take_step

WIDTH = 4500  # hidden units of a stack, all replicas together: enough to hide the cost of calling PyTorch
BETWEEN = 50  # steps after which the weights are multiplied out; the factor stays far above the smallest float


@dataclass(frozen=True)
class Replica:
    """The runs that are one autoencoder, read after different numbers of epochs."""

    runs: Sequence[Run]

    @property
    def wanted(self) -> Hyperparameters:
        """Return the settings with the most epochs."""
        return max((run.settings for run in self.runs), key=lambda wanted: wanted.epochs)

    @property
    def seed(self) -> int:
        """Return the seed that all of them have."""
        return self.runs[0].seed


def plan(runs: Sequence[Run]) -> list[list[Replica]]:
    """Return stacks of replicas that together make all `runs`."""
    shared: dict[tuple[Hyperparameters, int], list[Run]] = {}
    for run in runs:
        shared.setdefault((run.settings.replace(epochs=1), run.seed), []).append(run)
    alike: dict[tuple[int, int], list[Replica]] = {}
    for replica in map(Replica, shared.values()):
        alike.setdefault((replica.wanted.hidden, replica.wanted.epochs), []).append(replica)
    return [part for (hidden, _), group in alike.items() for part in _cut(group, max(1, WIDTH // hidden))]


class Autoencoders(Trainee):
    """The training of one stack of replicas."""

    keeps = ("stack", "ended")

    def __init__(self, replicas: Sequence[Replica], training: Answers, validation: Answers) -> None:
        pairs = [(replica.wanted, replica.seed) for replica in replicas]
        self.stack = new_stack(pairs, training.question_rows, str(training.questions.device))
        self.places = {run.name: (run.settings, place) for place, each in enumerate(replicas) for run in each.runs}
        self.training, self.validation, self.students = training, validation, training.rows()
        self.epochs = replicas[0].wanted.epochs
        self.ended: dict[str, tuple[dict[str, Tensor], dict[str, float]]] = {}  # weights, metrics

    def epoch(self) -> dict[str, dict[str, float]]:
        """Train all replicas for an epoch; return the metrics of every run that is not over, and keep what ends."""
        costs = self._descend()
        probability = predict(self.stack, self.students, self.validation)
        correct = self.validation.correct
        measured = torch.stack([costs, accuracy(probability, correct), cost(probability, correct)]).T.tolist()
        found = {}
        for name, (wanted, place) in self.places.items():
            if self.done < wanted.epochs:
                found[name] = dict(zip(("cost", "eval_accuracy", "eval_cost"), measured[place], strict=True))
            if self.done + 1 == wanted.epochs:
                self.ended[name] = self._end(wanted, place, found[name])
        return found

    def outcome(self) -> dict[str, Outcome]:
        """Return the weights and metrics of each run after its last epoch."""
        shared = facts(self.training, self.validation)
        return {
            name: Outcome({key: weight.numpy() for key, weight in weights.items()}, metrics | shared)
            for name, (weights, metrics) in self.ended.items()
        }

    def _end(
        self, wanted: Hyperparameters, place: int, last: dict[str, float]
    ) -> tuple[dict[str, Tensor], dict[str, float]]:
        """Return the weights and the metrics of a run whose last epoch is over."""
        weights = {name: weight[:, place].cpu().clone() for name, weight in self.stack.state_dict().items()}
        size = sum(weights[name].square().sum().item() for name in ("encoder", "decoder"))
        metrics = {"accuracy": last["eval_accuracy"], "cost": last["eval_cost"], "training_cost": last["cost"]}
        return weights if wanted.keep_weights else {}, {**metrics, "squared_weights": size}

    def _descend(self) -> Tensor:
        """Take one step for each student, in order; return the sums of their costs, each before its step."""
        costs = torch.zeros(self.stack.scale.numel(), dtype=torch.float64, device=self.stack.scale.device)
        for count, student in enumerate(self.students, 1):
            costs += take_step(self.stack, student)  # (replicas,)
            if count % BETWEEN == 0:
                multiply_out(self.stack)
        multiply_out(self.stack)
        return costs


def _cut(group: list[Replica], size: int) -> list[list[Replica]]:
    return [group[start : start + size] for start in range(0, len(group), size)]
