"""Summarize what was measured for a problem as the numbers and texts that its section may print."""

from reprose import loading
from reprose.registry import write_numbers
from reprose.results import load_results
from reprose.step import Step, run


def main() -> None:
    """Run the step `summarize`."""
    run(summarize, inputs=("results",), outputs=("numbers",))


def summarize(step: Step) -> None:
    """Write the registry of numbers."""
    summary = loading.problem(step.key["problem"], "summary")
    write_numbers(step.output("numbers"), summary.summarize(load_results(step.key)))


if __name__ == "__main__":
    main()
