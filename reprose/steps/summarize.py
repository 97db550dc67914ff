"""Summarize what was measured for a problem as the numbers and texts that its section may print."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from reprose.config import loading
from reprose.numbers.cost import effort
from reprose.numbers.registry import Table, write_numbers
from reprose.numbers.table_files import as_csv
from reprose.steps.frame import Step, run
from reprose.training.results import load_results

if TYPE_CHECKING:
    from reprose.code.witness import Witness


def main(key: Mapping[str, Any], witness: "Witness") -> None:
    """Run the step `summarize`."""
    run(summarize, key, witness)


def summarize(step: Step) -> None:
    """Write the registry of numbers."""
    results = load_results(step.key, step.inputs)
    items = [*loading.summarizer(step.key)(results), *effort(results)]
    write_numbers(step.output("numbers"), items)
    for item in items:
        if isinstance(item, Table):
            path = step.outputs["numbers"].with_name(f"{item.key}.csv")
            step.extra(path).write_text(as_csv(item), encoding="utf-8")
