"""Train the runs of one batch and write their weights, histories and validation metrics."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reprose.base import arrays
from reprose.base.canonical import to_pretty_json
from reprose.base.faults import named
from reprose.code.versions import ABSENT
from reprose.config import loading
from reprose.config.settings import typed
from reprose.steps.epochs import Epochs
from reprose.steps.frame import Step, run
from reprose.training import checks, generators, loop
from reprose.training.checkpoint import Checkpoint
from reprose.training.contract import Arrays, Run, Session
from reprose.training.from_winners import fill, weights
from reprose.training.outcomes import Keeper
from reprose.training.tensorboard import EventWriter

if TYPE_CHECKING:
    from reprose.code.witness import Witness


def main(key: Mapping[str, Any], witness: "Witness") -> None:
    """Run the step `train`."""
    run(train, key, witness)


def train(step: Step) -> None:
    """Train every trial of the key with every seed of the key."""
    key = step.key
    data = {part: arrays.load(step.input(part)) for part in ("train", "validation")}
    epochs = Epochs(step.name)
    with EventWriter(Path("logs", key["tier"], "tensorboard", key["problem"], key["variant"])) as events:
        begin, runs = loading.member(loading.problem(key["problem"], "train"), "train"), runs_of(step)
        used = weights(key["uses"], step.inputs["used_weights"], loading.estimators(key))
        trainings = checks.checked(begin(runs, data, used, key["compute"]["device"]), runs, named(begin))
        outcomes = loop.train(trainings, session(step, events, epochs, data["validation"]))
    epochs.end()
    arrays.save_groups(step.output("weights"), {name: outcome.weights for name, outcome in outcomes.items()})
    arrays.save_groups(step.output("histories"), {name: outcome.history for name, outcome in outcomes.items()})
    metrics = {name: dict(outcome.metrics) for name, outcome in outcomes.items()}
    step.output("metrics").write_text(to_pretty_json(metrics), encoding="utf-8")
    step.seal("weights")


def session(step: Step, events: EventWriter, epochs: Epochs, validation: Arrays) -> Session:
    """Return what surrounds the training."""
    torch = partial(step.witness.package, "torch")
    torch(step.key["versions"].get("torch", ABSENT) != ABSENT)  # before random numbers are seeded
    return Session(
        Checkpoint(step.checkpoint_folder, torch=torch),
        events.record,
        epochs.tell,
        keep=Keeper(validation, loading.measure(step.key), loading.estimators(step.key)),
        may_diverge=step.key["may_diverge"],
        random=generators.Generators(torch),
        check=checks.expectation(step.witness.expected, f"problems.{step.key['problem']}"),
    )


def runs_of(step: Step) -> list[Run]:
    """Return the runs of the key, with the values that they take from winners filled in."""
    key = step.key
    kind = loading.problem(key["problem"], "hyperparameters").Hyperparameters
    where = f"config.yaml: problems.{key['problem']}.variants.{key['variant']}: trial"
    wanted = [(*each, typed(kind, each[1], f"{where} {each[0]}")) for each in fill(key["trials"], step.inputs["used"])]
    return [Run(label, seed, values, settings) for label, values, settings in wanted for seed in key["seeds"]]
