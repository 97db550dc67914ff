"""Full-batch training of a stack of networks that differ in their seeds alone."""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from problems.concepts.hyperparameters import Hyperparameters
from problems.concepts.network import gradient, sizes, start
from reprose.errors import ReproseError

EVERY = 10  # steps from one entry of the history to the next
DECAYS = (0.9, 0.999)  # of Adam's two moments

State = dict[str, Any]


def descend(
    names: list[str],
    seeds: list[int],
    wanted: Hyperparameters,
    points: Tensor,
    targets: Tensor,
    state: State,
    watch: Callable[[int, list[float]], None],
) -> dict[str, Tensor]:
    """Return the trained parameters of the runs `names`, and `loss` and `step`, (entries, seeds), of every tenth step.

    Training goes on from `state`, which is empty at first. `watch` is called with each step that enters the history,
    and its losses; `state` is then fit to be saved.
    """
    if not state:
        parameters = start(sizes(points.shape[1], wanted), seeds, wanted)
        moments = {name: torch.zeros(2, *value.shape, dtype=value.dtype) for name, value in parameters.items()}
        state |= {"step": 0, "parameters": parameters, "moments": moments, "losses": [], "noted": []}
    while state["step"] < wanted.steps:
        losses, slopes = gradient(state["parameters"], points, targets, wanted)
        state["step"] += 1
        _move(state, slopes, wanted)
        if state["step"] % EVERY == 0 or state["step"] == wanted.steps:
            state["losses"].append(losses)  # from before the step
            state["noted"].append(state["step"])
            _require_finite(names, losses, state["step"], wanted)
            watch(state["step"], losses.tolist())
    loss, noted = torch.stack(state["losses"]), torch.tensor(state["noted"], dtype=torch.float64)
    return {**state["parameters"], "loss": loss, "step": noted[:, None].expand_as(loss)}


def _move(state: State, slopes: dict[str, Tensor], wanted: Hyperparameters) -> None:
    """Take one step against the gradient."""
    for name, slope in slopes.items():
        if wanted.optimizer == "adam":
            slope = _adapted(state["moments"][name], slope, state["step"])
        state["parameters"][name] = state["parameters"][name] - wanted.learning_rate * slope


def _adapted(moments: Tensor, slope: Tensor, step: int) -> Tensor:
    """Update Adam's moments in place and return the direction of its step."""
    for moment, decay, value in zip(moments, DECAYS, (slope, slope.square()), strict=True):
        moment.lerp_(value, 1 - decay)
    first, second = (moment / (1 - decay**step) for moment, decay in zip(moments, DECAYS, strict=True))
    return first / (second.sqrt() + 1e-8)


def _require_finite(names: list[str], losses: Tensor, step: int, wanted: Hyperparameters) -> None:
    for name, loss in zip(names, losses.tolist(), strict=True):
        if not math.isfinite(loss):
            raise ReproseError(
                f"concepts: run {name}: the loss is {loss} in step {step}, expected a finite number. Lower"
                f" learning_rate in config.yaml (now {wanted.learning_rate})."
            )
