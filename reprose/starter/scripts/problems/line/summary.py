"""The numbers that the report may print."""

from reprose import Number, Results, constant, measured


def summarize(results: Results) -> list[Number]:
    """Return the test error and the decay of each variant."""
    numbers = []
    for name, variant in results.variants.items():
        source = f"{results.problem}/{name}"
        errors = {seed: metrics["error"] for seed, metrics in variant.test.items()}
        numbers.append(measured(f"{name}.error", errors, 4, "lower", f"{source}/evaluate"))
        numbers.append(constant(f"{name}.decay", variant.values["decay"], 2, f"{source}/choose"))
    return numbers
