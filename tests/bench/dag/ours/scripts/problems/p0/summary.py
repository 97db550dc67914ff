"""The numbers of a line."""

from reprose import Number, Results, measured


def summarize(results: Results) -> list[Number]:
    """Return the test error of each variant."""
    numbers = []
    for name, variant in results.variants.items():
        errors = {seed: metrics["error"] for seed, metrics in variant.test.items()}
        numbers.append(measured(f"{name}.error", errors, 4, "lower", f"p0/{name}/evaluate"))
    return numbers
