"""Evaluate the winner of a variant on the test part; no other step reads that part."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from reprose.base import arrays
from reprose.base.canonical import read_json, to_pretty_json
from reprose.base.faults import named
from reprose.config import loading
from reprose.config.settings import typed
from reprose.numbers.items import kept
from reprose.steps.frame import Step, run
from reprose.training.checks import evaluation_of
from reprose.training.contract import Evaluation, Run, check_finite, measured_on
from reprose.training.tensors import as_arrays

if TYPE_CHECKING:
    from reprose.code.witness import Witness

PARTS = ("train", "validation", "test")


def main(key: Mapping[str, Any], witness: "Witness") -> None:
    """Run the step `evaluate`."""
    run(evaluate, key, witness)


def evaluate(step: Step) -> None:
    """Evaluate the winner's weights of every seed."""
    data = {part: arrays.load(step.input(part)) for part in PARTS}
    values, problem = read_json(step.input("winner")), step.key["problem"]
    settings = typed(loading.problem(problem, "hyperparameters").Hyperparameters, values, str(step.input("winner")))
    evaluate_run, codec = evaluator(step), loading.estimators(step.key)
    made: dict[str, Evaluation] = {}
    for seed, weights in arrays.load_groups(step.input("weights")).items():
        seen = codec.revived(weights) if codec else weights
        made[seed] = evaluate_run(Run("winner", int(seed), values, settings), seen, data)
    for seed, evaluation in made.items():
        check_finite(evaluation.metrics, f"{step.name}, seed {seed}", values)
    metrics = {seed: dict(evaluation.metrics) for seed, evaluation in made.items()}
    step.output("metrics").write_text(to_pretty_json(metrics), encoding="utf-8")
    part = step.input("test_seal").read_text(encoding="utf-8").split()[0]
    artifacts = {
        seed: {
            **as_arrays(f"{step.name}, seed {seed}", evaluation.artifacts),
            **kept(evaluation.items, evaluation.metrics, part, f"{step.name}, seed {seed}"),
        }
        for seed, evaluation in made.items()
    }
    arrays.save_groups(step.output("artifacts"), artifacts)


def evaluator(step: Step) -> Callable[..., Evaluation]:
    """Return the problem's `evaluate`, or what takes its `measure` to the test part."""
    if measure := loading.measure(step.key):
        return lambda run, weights, data: measured_on(measure, run, weights, data["test"])
    own = loading.member(loading.problem(step.key["problem"], "evaluate"), "evaluate")
    return lambda run, weights, data: evaluation_of(own(run, weights, data), named(own))
