"""Train the runs of one batch and write their weights, histories and validation metrics."""

from pathlib import Path

from reprose import arrays, loading
from reprose.canonical import to_pretty_json
from reprose.checkpoint import Checkpoint
from reprose.events import EventWriter
from reprose.experiment import Outcome, Run, Session, check_finite
from reprose.step import Step, run
from reprose.winners import fill

INPUTS = ("train", "train_seal", "validation", "validation_seal", "used", "used_weights", "used_weights_seal")


def main() -> None:
    """Run the step `train`."""
    run(train, inputs=INPUTS, outputs=("weights", "weights_seal", "histories", "metrics"))


def train(step: Step) -> None:
    """Train every trial of the key with every seed of the key."""
    key = step.key
    data = {part: arrays.load(step.input(part)) for part in ("train", "validation")}
    folder = Path("results", key["tier"], "checkpoints", step.key_digest[:32])
    with EventWriter(Path("logs", key["tier"], "tensorboard", key["problem"], key["variant"])) as events:
        session = Session(Checkpoint(folder), key["compute"]["device"], events.record)
        trainer = loading.problem(key["problem"], "train")
        outcomes: dict[str, Outcome] = trainer.train(runs_of(step), data, weights_used(step), session)
    for name, outcome in outcomes.items():
        check_finite(outcome.metrics, f"{step.name}, run {name}")
    arrays.save_groups(step.output("weights"), {name: outcome.weights for name, outcome in outcomes.items()})
    arrays.save_groups(step.output("histories"), {name: outcome.history for name, outcome in outcomes.items()})
    metrics = {name: dict(outcome.metrics) for name, outcome in outcomes.items()}
    step.output("metrics").write_text(to_pretty_json(metrics), encoding="utf-8")
    step.seal("weights")


def runs_of(step: Step) -> list[Run]:
    """Return the runs of the key, with the values that they take from winners filled in."""
    trials = fill(step.key["trials"], step.inputs["used"])
    return [Run(label, seed, values) for label, values in trials for seed in step.key["seeds"]]


def weights_used(step: Step) -> dict[str, dict]:
    """Return the winners' weights that the variant uses ("seed|name" -> array), by the name that config.yaml gives."""
    files = {path.parent.parent.name + "/" + path.parent.name: path for path in step.inputs["used_weights"]}
    whole = {name: reference for name, reference in step.key["uses"].items() if reference in files}
    return {name: arrays.load(files[reference]) for name, reference in whole.items()}


if __name__ == "__main__":
    main()
