"""The numbers of the toy problem."""

from reprose import Number, Results, measured


def summarize(results: Results) -> list[Number]:
    """Return the test error of each variant."""
    numbers = []
    for name, variant in results.variants.items():
        errors = {seed: metrics["error"] for seed, metrics in variant.test.items()}
        numbers.append(measured(f"{name}.error", errors, 4, "lower", f"toy/{name}/evaluate"))
    return numbers
