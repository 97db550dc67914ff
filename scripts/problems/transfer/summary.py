"""The numbers that the handout may print."""

from collections.abc import Mapping
from typing import Any

from reprose import Number, Results, VariantResults, constant, measured
from scripts.problems.transfer.images import CLASSES

DIGITS = 3  # decimals of a loss
PERCENT = 1  # decimals of an accuracy, in per cent
RATE = 5  # decimals of a learning rate, at most
VARIANTS = ("frozen", "fine_tuned")
SETTINGS = {"learning_rate": RATE, "epochs": 0, "batch_size": 0, "momentum": 2}
BACKWARD = 3  # a training step costs so many forward passes: the gradients by inputs and by weights, besides itself


def summarize(results: Results) -> list[Number]:
    """Return the numbers of both variants, of the search, and of what they cost."""
    numbers = _constants(results) + _costs(results)
    for name in VARIANTS:
        numbers += _settings(results, name) + _validation(results, name) + _test(results, name)
    return numbers + _rates(results, "frozen") + _rates(results, "search")


def _constants(results: Results) -> list[Number]:
    source = f"{results.problem}/fine_tuned/choose"
    facts, last = _facts(results.variant("fine_tuned")), _facts(results.variant("frozen"))
    tested = next(iter(results.variant("fine_tuned").test.values()))
    images = [constant(name, facts[name], 0, source) for name in ("training_images", "validation_images")]
    accuracy, count = tested["accuracy"], tested["test_images"]
    noise = (accuracy * (1 - accuracy) / count) ** 0.5  # standard error of an accuracy
    return [
        *images,
        constant("test_images", count, 0, f"{results.problem}/fine_tuned/evaluate"),
        constant("test_noise", 100 * noise, PERCENT, f"{results.problem}/fine_tuned/evaluate", "%"),
        constant("classes", CLASSES, 0, source),
        constant("image_size", facts["image_size"], 0, source),
        constant("all_weights", facts["trained_weights"], 0, source),
        constant("new_weights", last["trained_weights"], 0, f"{results.problem}/frozen/choose"),
        constant("features", last["trained_weights"] / CLASSES - 1, 0, f"{results.problem}/frozen/choose"),
        constant("chance", 100 / CLASSES, 0, source, "%"),
        constant("seeds", len(results.variant("fine_tuned").metrics), 0, source),
    ]


def _costs(results: Results) -> list[Number]:
    """Return millions of multiplications per image, and how many times those of (a) fine-tuning takes."""
    tuned, source = results.variant("fine_tuned"), f"{results.problem}/fine_tuned/choose"
    facts = _facts(tuned)
    training, validation = facts["training_images"], facts["validation_images"]
    ratio = tuned.values["epochs"] * (BACKWARD * training + validation) / (training + validation)
    return [
        constant("cost.image", facts["multiply_adds"] / 1e6, 0 if facts["multiply_adds"] > 1e8 else 1, source),
        constant("cost.ratio", ratio, 0, source),
    ]


def _settings(results: Results, name: str) -> list[Number]:
    values, source = results.variant(name).values, f"{results.problem}/{name}/choose"
    return [constant(f"{name}.{key}", values[key], digits, source) for key, digits in SETTINGS.items()]


def _validation(results: Results, name: str) -> list[Number]:
    """Return accuracy and loss of the epoch that is kept, which one it is, and both losses where the curves end."""
    variant, source = results.variant(name), f"{results.problem}/{name}/choose"
    numbers = [
        _accuracy(f"{name}.validation_accuracy", variant.metrics, source),
        measured(f"{name}.validation_loss", _by_seed(variant.metrics, "loss"), DIGITS, "lower", source),
        measured(f"{name}.best_epoch", _by_seed(variant.metrics, "best_epoch"), 1, "", source),
    ]
    most = 100 * max(_by_seed(variant.metrics, "accuracy").values())
    numbers.append(constant(f"{name}.validation_accuracy.most", most, PERCENT, source, "%"))
    for metric, part in (("loss", "training"), ("eval_loss", "validation")):
        for reading, place in (("first", 0), ("last", -1)):
            samples = {seed: float(curve[place]) for seed, curve in variant.history(metric).items()}
            numbers.append(measured(f"{name}.{part}_loss.{reading}", samples, DIGITS, "lower", source))
    lowest = {seed: float(curve.min()) for seed, curve in variant.history("eval_loss").items()}
    when = {seed: float(curve.argmin()) + 1 for seed, curve in variant.history("eval_loss").items()}
    numbers.append(measured(f"{name}.validation_loss.lowest", lowest, DIGITS, "lower", source))
    return [*numbers, measured(f"{name}.lowest_epoch", when, 1, "", source)]


def _test(results: Results, name: str) -> list[Number]:
    test, source = results.variant(name).test, f"{results.problem}/{name}/evaluate"
    return [
        _accuracy(f"{name}.test_accuracy", test, source, "accuracy"),
        measured(f"{name}.test_loss", _by_seed(test, "loss"), DIGITS, "lower", source),
    ]


def _rates(results: Results, name: str) -> list[Number]:
    """Return the validation accuracy of every learning rate tried."""
    numbers, source, trials = [], f"{results.problem}/{name}/choose", results.variant(name).trials
    for place, trial in enumerate(trials, 1):
        key = f"{name}.rate_{place}"
        numbers.append(constant(f"{key}.learning_rate", trial["values"]["learning_rate"], RATE, source))
        numbers.append(_accuracy(f"{key}.accuracy", trial["metrics"], source))
    return [*numbers, constant(f"{name}.rates", len(trials), 0, source)]


def _accuracy(key: str, table: Mapping[Any, Mapping[str, float]], source: str, mean_of: str = "") -> Number:
    percent = {seed: 100 * share for seed, share in _by_seed(table, "accuracy").items()}
    return measured(key, percent, PERCENT, "higher", source, "%", mean_of)


def _facts(variant: VariantResults) -> Mapping[str, float]:
    return next(iter(variant.metrics.values()))


def _by_seed(table: Mapping[Any, Mapping[str, float]], metric: str) -> dict[int, float]:
    return {int(seed): metrics[metric] for seed, metrics in table.items()}
