"""Choose the best trial of a variant by validation, and gather what its runs left."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reprose.base import arrays
from reprose.base.canonical import read_json, to_pretty_json
from reprose.steps.frame import Step, run
from reprose.training.choosing import distinct, renamed, tabulate
from reprose.training.from_winners import fill

if TYPE_CHECKING:
    from reprose.code.witness import Witness


def main(key: Mapping[str, Any], witness: "Witness") -> None:
    """Run the step `choose`."""
    run(choose, key, witness)


def choose(step: Step) -> None:
    """Write the table of trials, the winner's hyperparameters and weights by seed, and all histories."""
    trials, labels = distinct(fill(step.key["trials"], step.inputs["used"]))
    metrics: dict[str, dict[str, float]] = {}
    for path in step.inputs["batch_metrics"]:
        metrics |= read_json(path)
    table = tabulate(trials, renamed(metrics, labels), step.key["select"], f"problems.{step.key['problem']}")
    (chosen,) = (row for row in table if row["chosen"])
    step.output("trials").write_text(to_pretty_json(table), encoding="utf-8")
    step.output("winner").write_text(to_pretty_json(chosen["values"]), encoding="utf-8")
    weights = {
        name.rsplit("/", 1)[1]: group
        for name, group in renamed(gathered(step.inputs["batch_weights"]), labels).items()
        if name.rsplit("/", 1)[0] == chosen["trial"]
    }
    arrays.save_groups(step.output("weights"), weights)
    arrays.save_groups(step.output("histories"), renamed(gathered(step.inputs["batch_histories"]), labels))
    step.seal("weights")


def gathered(paths: list[Path]) -> arrays.Groups:
    """Return the groups of all files together, by run name."""
    groups: arrays.Groups = {}
    for path in paths:
        groups |= arrays.load_groups(path)
    return groups
