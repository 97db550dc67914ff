"""The numbers that the handout may print."""

from collections.abc import Mapping

from reprose import Number, Results, constant, measured

SOLVED = 1e-6  # a loss below this is at the global minimum, 0
ROUNDING = 1e15  # rounding errors are printed in units of 1e-15
SETTINGS = {"nonconvex": ("width", "steps"), "relu": ("width",), "cost": ("width",), "autoencoder": ("width", "code")}

Table = Mapping[int, Mapping[str, float]]


def summarize(results: Results) -> list[Number]:
    """Return the numbers of the five answers, in their order."""
    return (
        _settings(results)
        + _minima(results)
        + _starts(results)
        + _accuracies(results)
        + _costs(results)
        + _codes(results)
    )


def _settings(results: Results) -> list[Number]:
    return [
        constant(f"{name}.{key}", results.variant(name).values[key], 0, f"{results.problem}/{name}/choose")
        for name, keys in SETTINGS.items()
        for key in keys
    ]


def _minima(results: Results) -> list[Number]:
    """Return where gradient descent ends on a non-convex and on a convex loss, and that it stands still there."""
    numbers = []
    for name in ("nonconvex", "convex"):
        source, metrics = f"{results.problem}/{name}/choose", results.variant(name).metrics
        losses, slopes = _samples(metrics, "loss"), _samples(metrics, "gradient")
        spread = max(losses.values()) - min(losses.values())
        numbers += [
            measured(f"{name}.loss", losses, 3, "lower", source),
            constant(f"{name}.seeds", len(losses), 0, source),
            constant(f"{name}.least", min(losses.values()), 3, source),
            constant(f"{name}.most", max(losses.values()), 3, source),
            constant(f"{name}.spread", spread, 3, source),
            constant(f"{name}.solved", sum(loss < SOLVED for loss in losses.values()), 0, source),
            constant(f"{name}.largest_gradient", ROUNDING * max(slopes.values()), 1, source),
        ]
    return numbers


def _starts(results: Results) -> list[Number]:
    """Return what weights that start at zero have become, beside those of a random start."""
    numbers = []
    for name in ("zero_relu", "zero_sigmoid", "relu"):
        source, variant = f"{results.problem}/{name}/choose", results.variant(name)
        numbers += [
            _number(f"{name}.loss", variant.metrics, "loss", 3, "lower", source),
            _number(f"{name}.rank", variant.metrics, "rank", 0, "", source),
            _number(f"{name}.largest_weight", variant.metrics, "largest_weight", 3, "", source),
            _number(f"{name}.unit_spread", variant.metrics, "unit_spread", 3, "", source),
        ]
    source, metrics = f"{results.problem}/zero_sigmoid/choose", results.variant("zero_sigmoid").metrics
    (spread,) = _samples(metrics, "unit_spread").values()
    (baseline,) = _samples(metrics, "baseline").values()
    return [
        *numbers,
        constant("zero_sigmoid.rounded_spread", ROUNDING * spread, 1, source),
        constant("baseline", baseline, 3, source),
    ]


def _accuracies(results: Results) -> list[Number]:
    return [
        _share(f"{name}.accuracy", results.variant(name).test, "accuracy", f"{results.problem}/{name}/evaluate")
        for name in ("relu", "linear", "zero_relu", "zero_sigmoid")
    ]


def _costs(results: Results) -> list[Number]:
    """Return multiply-adds per point, forward and backward, for every depth."""
    numbers, source = [], f"{results.problem}/cost/choose"
    for place, trial in enumerate(results.variant("cost").trials, 1):
        (metrics,) = trial["metrics"].values()
        key = f"cost.depth_{place}"
        numbers += [
            constant(f"{key}.layers", trial["values"]["layers"], 0, source),
            constant(f"{key}.forward", metrics["forward"], 0, source),
            constant(f"{key}.backward", metrics["backward"], 0, source),
            constant(f"{key}.ratio", metrics["backward"] / metrics["forward"], 3, source),
        ]
    return numbers


def _codes(results: Results) -> list[Number]:
    """Return the share of the test part's variance that a code of one number keeps."""
    numbers = []
    for name in ("autoencoder", "pca"):
        variant, source = results.variant(name), f"{results.problem}/{name}"
        numbers.append(_share(f"{name}.explained", variant.test, "explained", f"{source}/evaluate"))
        numbers.append(_share(f"{name}.training_explained", variant.metrics, "explained", f"{source}/choose"))
    return numbers


def _samples(table: Table, metric: str) -> dict[int, float]:
    return {seed: metrics[metric] for seed, metrics in table.items()}


def _share(key: str, table: Table, metric: str, source: str) -> Number:
    """Return a share of which more is better, in per cent."""
    percent = {seed: {metric: 100 * value} for seed, value in _samples(table, metric).items()}
    return _number(key, percent, metric, 1, "higher", source, "%")


def _number(key: str, table: Table, metric: str, digits: int, better: str, source: str, unit: str = "") -> Number:
    """Return a metric by seed; where only one seed exists, the result does not depend on it and is a constant."""
    found = _samples(table, metric)
    if len(found) > 1:
        return measured(key, found, digits, better, source, unit)
    (value,) = found.values()
    return Number(key, {}, value, digits, unit=unit, better=better, source=source)
