"""Summarize what was measured for a problem as the numbers and texts that its section may print."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from reprose.config import loading
from reprose.numbers.cost import effort
from reprose.numbers.registry import write_numbers
from reprose.steps.frame import Step, run
from reprose.training.results import load_results

if TYPE_CHECKING:
    from reprose.code.witness import Witness


def main(key: Mapping[str, Any], witness: "Witness") -> None:
    """Run the step `summarize`."""
    run(summarize, key, witness)


def summarize(step: Step) -> None:
    """Write the registry of numbers."""
    summary = loading.problem(step.key["problem"], "summary")
    results = load_results(step.key, step.inputs)
    write_numbers(step.output("numbers"), [*summary.summarize(results), *effort(results)])
