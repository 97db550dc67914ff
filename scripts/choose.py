"""Choose the best trial of a variant by validation, and gather what its runs left."""

from pathlib import Path

from reprose import arrays
from reprose.canonical import read_json, to_pretty_json
from reprose.choosing import tabulate
from reprose.step import Step, run
from reprose.winners import fill

INPUTS = ("batch_metrics", "batch_histories", "batch_weights", "batch_weights_seals", "used")


def main() -> None:
    """Run the step `choose`."""
    run(choose, inputs=INPUTS, outputs=("trials", "winner", "weights", "weights_seal", "histories"))


def choose(step: Step) -> None:
    """Write the table of trials, the winner's hyperparameters and weights by seed, and all histories."""
    metrics: dict[str, dict[str, float]] = {}
    for path in step.inputs["batch_metrics"]:
        metrics |= read_json(path)
    table = tabulate(fill(step.key["trials"], step.inputs["used"]), metrics, step.key["select"])
    (chosen,) = (row for row in table if row["chosen"])
    step.output("trials").write_text(to_pretty_json(table), encoding="utf-8")
    step.output("winner").write_text(to_pretty_json(chosen["values"]), encoding="utf-8")
    weights = {
        name.rsplit("/", 1)[1]: group
        for name, group in gathered(step.inputs["batch_weights"]).items()
        if name.rsplit("/", 1)[0] == chosen["trial"]
    }
    arrays.save_groups(step.output("weights"), weights)
    arrays.save_groups(step.output("histories"), gathered(step.inputs["batch_histories"]))
    step.seal("weights")


def gathered(paths: list[Path]) -> arrays.Groups:
    """Return the groups of all files together, by run name."""
    groups: arrays.Groups = {}
    for path in paths:
        groups |= arrays.load_groups(path)
    return groups


if __name__ == "__main__":
    main()
