"""Summarize what was measured for a problem as the numbers and texts that its section may print."""

from reprose import loading
from reprose.effort import effort
from reprose.registry import write_numbers
from reprose.results import load_results
from reprose.step import Step, run


def main() -> None:
    """Run the step `summarize`."""
    run(summarize, inputs=("results",), outputs=("numbers",))


def summarize(step: Step) -> None:
    """Write the registry of numbers."""
    summary = loading.problem(step.key["problem"], "summary")
    results = load_results(step.key)
    write_numbers(step.output("numbers"), [*summary.summarize(results), *effort(results)])


if __name__ == "__main__":
    main()
