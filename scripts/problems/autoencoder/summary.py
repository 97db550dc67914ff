"""The numbers that the handout may print."""

from collections.abc import Mapping

from reprose import Number, Results, VariantResults, constant, measured
from scripts.problems.autoencoder.comparisons import SEARCHED, TRAINED, exact, excess, of_width

DIGITS = 5  # decimals of an error
RATE = 4  # decimals of a learning rate, at most
SHARE = 1  # decimals of a percentage
ERRORS = {"train_error": "train_error", "test_error": "error"}  # number -> metric of evaluation


def summarize(results: Results) -> list[Number]:
    """Return the numbers of all variants, in the order of the questions."""
    numbers = _constants(results) + _from_search(results) + _from_pca(results)
    for model in TRAINED:
        numbers += _errors(results, model)
        numbers += _excess(results, model)
    for model in ("relu", "awake"):
        numbers += _deaths(results, model)
    return numbers


def _constants(results: Results) -> list[Number]:
    variant = results.variant("awake_32")
    chosen, tested = (f"{results.problem}/awake_32/{rule}" for rule in ("choose", "evaluate"))
    whole = {name: exact(variant, name) for name in ("train_images", "test_images", "inked_pixels")}
    return [
        *(constant(name, value, 0, tested) for name, value in whole.items()),
        *(constant(name, variant.values[name], 0, chosen) for name in ("epochs", "warmup", "batch_size")),
        constant("bias", variant.values["bias"], 2, chosen),
        constant("seeds", len(variant.metrics), 0, chosen),
    ]


def _from_search(results: Results) -> list[Number]:
    search, source = results.variant("linear_32_search"), f"{results.problem}/linear_32_search/choose"
    facts = next(iter(search.metrics.values()))
    rates = sorted({trial["values"]["learning_rate"] for trial in search.trials})
    tried = [constant(f"search.rate_{place}", rate, RATE, source) for place, rate in enumerate(rates, 1)]
    for model in SEARCHED:
        for hidden, variant in of_width(results, model, "_search"):
            tried += _tried(
                f"search.{model}_{hidden}", variant, rates, f"{results.problem}/{model}_{hidden}_search/choose"
            )
    return [
        *tried,
        *(constant(f"search.{name}", facts[name], 0, source) for name in ("training_images", "validation_images")),
        constant("search.seeds", len(search.metrics), 0, source),
        constant("search.epochs", search.values["epochs"], 0, source),
        constant("search.rates", len(rates), 0, source),
    ]


def _tried(key: str, variant: VariantResults, rates: list[float], source: str) -> list[Number]:
    """Return the validation error of every learning rate, in the order of `rates`, and which was chosen."""
    numbers = []
    for trial in variant.trials:
        name = f"{key}.rate_{rates.index(trial['values']['learning_rate']) + 1}"
        numbers.append(measured(f"{name}.error", _samples(trial["metrics"], "error"), DIGITS, "lower", source))
        numbers.append(constant(f"{name}.chosen", float(trial["chosen"]), 0, source))
    return numbers


def _from_pca(results: Results) -> list[Number]:
    numbers = []
    for hidden, variant in of_width(results, "pca"):
        key, source = f"pca_{hidden}", f"{results.problem}/pca_{hidden}/evaluate"
        for name, metric in ERRORS.items():
            mean_of = metric if metric == "error" else ""
            numbers.append(constant(f"{key}.{name}", exact(variant, metric), DIGITS, source, mean_of=mean_of))
    return numbers


def _errors(results: Results, model: str) -> list[Number]:
    numbers = []
    for hidden, variant in of_width(results, model):
        key = f"{model}_{hidden}"
        chosen, tested = (f"{results.problem}/{key}/{rule}" for rule in ("choose", "evaluate"))
        numbers.append(constant(f"{key}.learning_rate", variant.values["learning_rate"], RATE, chosen))
        for name, metric in ERRORS.items():
            samples, mean_of = _samples(variant.test, metric), metric if metric == "error" else ""
            numbers.append(measured(f"{key}.{name}", samples, DIGITS, "lower", tested, mean_of=mean_of))
    return numbers


def _excess(results: Results, model: str) -> list[Number]:
    """Return by how many per cent a network misses PCA; F1 also with the best decoder for its codes."""
    numbers = []
    names = {"train_excess": ("train_error", "train_error"), "test_excess": ("error", "error")}
    if model == "linear":
        names["refit_excess"] = ("refit_error", "train_error")
    for hidden, variant in of_width(results, model):
        key, bounds = f"{model}_{hidden}", results.variant(f"pca_{hidden}")
        for name, (metric, bound) in names.items():
            found = _samples(variant.test, metric)
            samples = {seed: excess(error, exact(bounds, bound)) for seed, error in found.items()}
            numbers.append(measured(f"{key}.{name}", samples, SHARE, "lower", f"{results.problem}/{key}/evaluate", "%"))
    return numbers


def _deaths(results: Results, model: str) -> list[Number]:
    """Return how many units of F2 are dead, what the dead outputs cost, and the error of the best affine decoder."""
    numbers = []
    for hidden, variant in of_width(results, model):
        key, source = f"{model}_{hidden}", f"{results.problem}/{model}_{hidden}/evaluate"
        dead = _samples(variant.test, "dead_outputs")
        numbers.append(measured(f"{key}.dead_outputs", dead, 0, "lower", source))
        affine = _samples(variant.test, "refit_error")
        numbers.append(measured(f"{key}.affine_error", affine, DIGITS, "lower", source))
        errors = _samples(variant.test, "train_error")
        shares = {seed: 100 * part / errors[seed] for seed, part in _samples(variant.test, "dead_error").items()}
        numbers.append(measured(f"{key}.dead_share", shares, 1, "lower", source, "%"))
    return numbers


def _samples(table: Mapping[int, Mapping[str, float]], metric: str) -> dict[int, float]:
    return {int(seed): metrics[metric] for seed, metrics in table.items()}
