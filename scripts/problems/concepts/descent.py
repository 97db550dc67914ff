"""Full-batch training of a stack of networks that differ in their seeds alone."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from reprose import Arrays, Outcome, Run, Trainee
from scripts.problems.concepts.measure import fit, inspect
from scripts.problems.concepts.network import gradient, sizes, start

EVERY = 10  # steps from one entry of the history to the next
DECAYS = (0.9, 0.999)  # of Adam's two moments


class Descent(Trainee):
    """The training of one stack; what the loop calls an epoch are ten steps."""

    keeps = ("parameters", "moments", "steps")

    def __init__(self, runs: Sequence[Run], data: Arrays) -> None:
        self.runs, self.data, self.wanted = runs, data, runs[0].settings
        self.points = torch.from_numpy(data["points"])  # (points, inputs)
        self.targets = self.points if self.wanted.code else torch.from_numpy(data["labels"])[:, None]
        self.epochs = math.ceil(self.wanted.steps / EVERY)
        self.steps = 0
        self.parameters = start(sizes(self.points.shape[1], self.wanted), [run.seed for run in runs], self.wanted)
        self.moments = {
            name: torch.zeros(2, *value.shape, dtype=value.dtype) for name, value in self.parameters.items()
        }

    def epoch(self) -> dict[str, dict[str, float]]:
        """Take ten steps, or those that are left; return the loss of each run before the last of them."""
        for _ in range(min(EVERY, self.wanted.steps - self.steps)):
            losses, slopes = gradient(self.parameters, self.points, self.targets, self.wanted)
            self.steps += 1
            self._move(slopes)
        pairs = zip(self.runs, losses.tolist(), strict=True)
        return {run.name: {"loss": loss, "step": self.steps} for run, loss in pairs}

    def outcome(self) -> dict[str, Outcome]:
        """Return the parameters of each network, of an autoencoder also the mean of the points; and what they do."""
        centre = {"mean": self.points.mean(dim=0).numpy()} if self.wanted.code else {}
        made = {}
        for place, run in enumerate(self.runs):
            own = {name: value[place].clone().numpy() for name, value in self.parameters.items()}
            weights = own | centre
            metrics = fit(weights, self.data, self.wanted) | inspect(weights, self.data, self.wanted)
            made[run.name] = Outcome(weights, metrics)
        return made

    def _move(self, slopes: dict[str, Tensor]) -> None:
        """Take one step against the gradient."""
        for name, slope in slopes.items():
            if self.wanted.optimizer == "adam":
                slope = _adapted(self.moments[name], slope, self.steps)
            self.parameters[name] = self.parameters[name] - self.wanted.learning_rate * slope


def _adapted(moments: Tensor, slope: Tensor, step: int) -> Tensor:
    """Update Adam's moments in place and return the direction of its step."""
    for moment, decay, value in zip(moments, DECAYS, (slope, slope.square()), strict=True):
        moment.lerp_(value, 1 - decay)
    first, second = (moment / (1 - decay**step) for moment, decay in zip(moments, DECAYS, strict=True))
    return first / (second.sqrt() + 1e-8)
