"""Training: a new last layer on cached features, or all layers of AlexNet from ImageNet's weights."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import nn

from models.alexnet import AlexNet, multiply_adds
from problems.transfer.estimate import announce
from problems.transfer.hyperparameters import Hyperparameters
from problems.transfer.images import CLASSES, Images, to_images
from problems.transfer.learning import dropping, predict, score, train_epoch
from problems.transfer.network import copy_of, new_network, new_optimizer
from reprose.experiment import Arrays, Outcome, Run, Session, settings

HISTORY = ("loss", "eval_loss", "eval_accuracy")
Made = dict[str, Any]  # weights, history and metrics of one run, as a checkpoint can hold them


def train(
    runs: Sequence[Run], data: Mapping[str, Arrays], used: Mapping[str, Arrays], session: Session
) -> dict[str, Outcome]:
    """Return the outcome of each run; a job that was cut off goes on at its last checkpoint."""
    training, validation = (to_images(data[part], session.device) for part in ("train", "validation"))
    wanted = {run.name: settings(Hyperparameters, run.values, _where(run)) for run in runs}
    state: dict[str, Any] = session.checkpoint.load() or {"finished": {}, "running": None}
    left = [run for run in runs if run.name not in state["finished"]]
    announce([wanted[run.name] for run in left], state["running"], data["train"], training, len(validation))
    for run in left:
        made = _train_run(run, wanted[run.name], data["train"], training, validation, session, state)
        state |= {"finished": state["finished"] | {run.name: made}, "running": None}
        session.checkpoint.save(state)
    return {run.name: _outcome(state["finished"][run.name]) for run in runs}


def _train_run(
    run: Run,
    wanted: Hyperparameters,
    given: Arrays,
    training: Images,
    validation: Images,
    session: Session,
    state: dict[str, Any],
) -> Made:
    """Train one run; `state["running"]` is where a job that was cut off goes on."""
    network = new_network(wanted.layers, given, run.seed, session.device)
    optimizer = new_optimizer(network, wanted)
    running = state["running"] or {"history": [], "best": {}}
    if "network" in running:
        network.load_state_dict(running["network"])
        optimizer.load_state_dict(running["optimizer"])
    history, best = running["history"], running["best"]
    for epoch in range(len(history) + 1, wanted.epochs + 1):
        with dropping(run.seed, epoch, session.device):
            loss = train_epoch(network, optimizer, training, wanted, run.seed, epoch)
        found = score(predict(network, validation), validation.labels)
        history.append([loss, found["loss"], found["accuracy"]])
        session.record(run.name, epoch, dict(zip(HISTORY, history[-1], strict=True)))
        if not best or found["accuracy"] > best["metrics"]["accuracy"]:
            weights = copy_of(network.state_dict()) if wanted.keep_weights else {}
            best = {"weights": weights, "metrics": {**found, "best_epoch": epoch}}
        if session.checkpoint.due():
            weights = {"network": network.state_dict(), "optimizer": optimizer.state_dict()}
            state["running"] = {"history": history, "best": best, **weights}
            session.checkpoint.save(state)
    curves = torch.tensor(history, dtype=torch.float64)  # (epochs, metrics)
    metrics = {**best["metrics"], **_facts(network, training, validation)}
    return {"weights": best["weights"], "history": curves, "metrics": metrics}


def _facts(network: nn.Module, training: Images, validation: Images) -> dict[str, float]:
    """Return the sizes that the handout prints."""
    facts = {
        "training_images": len(training),
        "validation_images": len(validation),
        "trained_weights": sum(weight.numel() for weight in network.parameters()),
    }
    if isinstance(network, AlexNet):
        width = network.features[0].out_channels
        facts |= {"image_size": training.size, "multiply_adds": multiply_adds(width, CLASSES, training.size)}
    return facts


def _outcome(made: Made) -> Outcome:
    weights = {name: weight.numpy() for name, weight in made["weights"].items()}
    history = {name: made["history"][:, place].numpy() for place, name in enumerate(HISTORY)}
    return Outcome(weights, history, made["metrics"])


def _where(run: Run) -> str:
    return f"config.yaml: problems.transfer: run {run.name}"
