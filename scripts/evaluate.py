"""Evaluate the winner of a variant on the test part; no other step reads that part."""

from reprose import arrays, loading
from reprose.canonical import read_json, to_pretty_json
from reprose.experiment import Evaluation, Run, check_finite
from reprose.step import Step, run

PARTS = ("train", "validation", "test")


def main() -> None:
    """Run the step `evaluate`."""
    inputs = [name for part in PARTS for name in (part, f"{part}_seal")]
    run(evaluate, inputs=(*inputs, "winner", "weights", "weights_seal"), outputs=("metrics", "artifacts"))


def evaluate(step: Step) -> None:
    """Evaluate the winner's weights of every seed."""
    data = {part: arrays.load(step.input(part)) for part in PARTS}
    values = read_json(step.input("winner"))
    evaluator = loading.problem(step.key["problem"], "evaluate")
    made: dict[str, Evaluation] = {}
    for seed, weights in arrays.load_groups(step.input("weights")).items():
        made[seed] = evaluator.evaluate(Run("winner", int(seed), values), weights, data)
    for seed, evaluation in made.items():
        check_finite(evaluation.metrics, f"{step.name}, seed {seed}")
    metrics = {seed: dict(evaluation.metrics) for seed, evaluation in made.items()}
    step.output("metrics").write_text(to_pretty_json(metrics), encoding="utf-8")
    arrays.save_groups(step.output("artifacts"), {seed: evaluation.artifacts for seed, evaluation in made.items()})


if __name__ == "__main__":
    main()
