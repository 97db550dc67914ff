"""The numbers that the handout may print."""

from reprose import Number, Results, constant, measured
from scripts.problems.low_rank.hyperparameters import METHODS
from scripts.problems.low_rank.measure import FAULTS

SPECTRA = ("distinct", "tied", "deficient")  # the variants
ROUNDING = 1e15  # rounding errors are printed in units of 1e-15


def summarize(results: Results) -> list[Number]:
    """Return for each spectrum the faults of all projections, and how far each method is above the bound."""
    numbers = []
    for spectrum in SPECTRA:
        variant, source = results.variant(spectrum), f"{results.problem}/{spectrum}/choose"
        runs = [metrics for trial in variant.trials for metrics in trial["metrics"].values()]
        numbers += [
            constant(f"{spectrum}.{fault}", ROUNDING * max(run[fault] for run in runs), 1, source) for fault in FAULTS
        ]
        for trial in variant.trials:
            numbers += _from_method(f"{spectrum}.{trial['values']['method']}", trial["metrics"], source)
        numbers.append(constant(f"{spectrum}.runs", len(runs), 0, source))
        factored = max(run.get("factored", 0.0) for run in runs)
        numbers.append(constant(f"{spectrum}.factored", ROUNDING * factored, 1, source))
    return [*numbers, *_extremes(results, numbers), *_sizes(results)]


def _from_method(key: str, metrics: dict, source: str) -> list[Number]:
    excess = {int(seed): found["excess"] for seed, found in metrics.items()}
    extremes = [found[name] for found in metrics.values() for name in ("least_excess", "largest_excess")]
    return [
        measured(f"{key}.excess", excess, 4, "lower", source),
        constant(f"{key}.least_excess", ROUNDING * min(extremes), 1, source),
        constant(f"{key}.deviation", ROUNDING * max(map(abs, extremes)), 1, source),
    ]


def _extremes(results: Results, numbers: list[Number]) -> list[Number]:
    """Return the largest of all faults, and the smallest excess of a subspace that the theorem does not name."""
    source = f"{results.problem}/summarize"
    names = {*FAULTS, "svd.deviation", "factored"}
    largest = max(number.value for number in numbers if number.key.partition(".")[2] in names)
    least = min(
        number.value for number in numbers if number.key.endswith(".least_excess") and number.key.split(".")[1] != "svd"
    )
    return [constant("largest_fault", largest, 1, source), constant("least_excess", least, 1, source)]


def _sizes(results: Results) -> list[Number]:
    """Return the sizes of the matrices, how many projections were made, and the sweeps of alternating least squares."""
    variant, source = results.variant(SPECTRA[0]), f"{results.problem}/{SPECTRA[0]}/choose"
    history = next(iter(variant.histories.values()))
    columns = len(history["bound"])
    runs = sum(len(trial["metrics"]) for name in SPECTRA for trial in results.variant(name).trials)
    return [
        constant("columns", columns, 0, source),
        constant("rows", len(history["values"]) // columns, 0, source),
        constant("matrices", len(SPECTRA) * len(variant.trials[0]["metrics"]), 0, source),
        constant("projections", runs * columns, 0, source),
        constant("methods", len(METHODS), 0, source),
        constant("sweeps", variant.values["sweeps"], 0, source),
    ]
