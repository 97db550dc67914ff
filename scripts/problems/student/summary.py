"""The numbers that the handout may print."""

from reprose import Number, ReproseError, Results, VariantResults, constant, measured
from scripts.problems.student.comparisons import PRINTED_EPOCHS, TESTED, best_of_size, by_seed, longest_curves

DIGITS = 4  # decimals of an accuracy
RATE = 4  # decimals of a learning rate or penalty, at most
COUNTS = ("students", "questions", "training_answers", "validation_answers")
SETTINGS = {"hidden": 0, "learning_rate": RATE, "epochs": 0}
VALUES = {"tuned": SETTINGS, "document": SETTINGS, "document_last": {"hidden": 0}}  # variant -> settings -> digits
VALUES |= dict.fromkeys(("regularized", "document_regularized", "rasch"), {"penalty": RATE})
VALUES["improved"] = dict.fromkeys(("traits", "sweeps", "burn_in"), 0)


def summarize(results: Results) -> list[Number]:
    """Return the numbers of all variants, in the order of the questions."""
    numbers = _constants(results) + _from_search(results)
    for name in TESTED:
        numbers += _from_variant(results, name)
    for name, plain in (("regularized", "tuned"), ("document_regularized", "document")):
        numbers += [*_from_grid(results, name, "penalty", RATE), _gain(results, name, plain)]
    return numbers + _from_grid(results, "improved", "traits", 0) + _objectives(results) + _trace(results)


def _constants(results: Results) -> list[Number]:
    document = results.variant("document")
    chosen, tested = (f"{results.problem}/document/{rule}" for rule in ("choose", "evaluate"))
    facts, test = next(iter(document.metrics.values())), next(iter(document.test.values()))
    filled = facts["training_answers"] / (facts["students"] * facts["questions"])
    return [
        *(constant(name, facts[name], 0, chosen) for name in COUNTS),
        constant("test_answers", test["test_answers"], 0, tested),
        constant("seeds", len(document.metrics), 0, chosen),
        constant("answered", filled, 3, chosen),
        constant("right_share", facts["right_share"], 3, chosen),
        constant("majority.validation_accuracy", facts["majority"], DIGITS, chosen),
        constant("majority.test_accuracy", test["majority"], DIGITS, tested),
    ]


def _from_search(results: Results) -> list[Number]:
    search = results.variant("search")
    source = f"{results.problem}/search/choose"
    numbers = [
        constant("search.trials", len(search.trials), 0, source),
        constant("search.seeds", len(search.metrics), 0, source),
        constant("search.most_epochs", max(trial["values"]["epochs"] for trial in search.trials), 0, source),
        *_settings("search", search.values, SETTINGS, source),
        measured("search.accuracy", by_seed(search.metrics, "accuracy"), DIGITS, "higher", source),
    ]
    for place, trial in enumerate(best_of_size(search), 1):
        key, accuracies = f"search.size_{place}", by_seed(trial["metrics"], "accuracy")
        numbers.append(measured(f"{key}.accuracy", accuracies, DIGITS, "higher", source))
        numbers += _settings(key, trial["values"], SETTINGS, source)
        last = dict(zip(accuracies, longest_curves(search, trial, "eval_accuracy")[:, -1].tolist(), strict=True))
        numbers.append(measured(f"{key}.last_accuracy", last, DIGITS, "higher", source))
    return numbers


def _from_variant(results: Results, name: str) -> list[Number]:
    """Return settings and accuracies of the winner; where only one seed exists, the result does not depend on it."""
    variant = results.variant(name)
    chosen, tested = (f"{results.problem}/{name}/{rule}" for rule in ("choose", "evaluate"))
    numbers = _settings(name, variant.values, VALUES[name], chosen)
    for part, table, source in (("validation", variant.metrics, chosen), ("test", variant.test, tested)):
        key, accuracies = f"{name}.{part}_accuracy", by_seed(table, "accuracy")
        mean_of = "accuracy" if part == "test" else ""
        if name == "rasch":
            numbers.append(constant(key, next(iter(accuracies.values())), DIGITS, source, mean_of=mean_of))
        else:
            numbers.append(measured(key, accuracies, DIGITS, "higher", source, mean_of=mean_of))
            numbers += _spread(key, accuracies, source)
    if "training_cost" in next(iter(variant.metrics.values())):
        numbers += _sizes(name, variant.metrics, chosen)
    return numbers


def _spread(key: str, samples: dict[int, float], source: str) -> list[Number]:
    ends = {"least": min(samples.values()), "most": max(samples.values())}
    return [constant(f"{key}.{end}", value, DIGITS, source) for end, value in ends.items()]


def _from_grid(results: Results, name: str, varied: str, digits: int) -> list[Number]:
    """Return the validation accuracy of every trial of a grid over one hyperparameter."""
    numbers, source = [], f"{results.problem}/{name}/choose"
    for place, trial in enumerate(results.variant(name).trials, 1):
        key = f"{name}.{varied}_{place}"
        numbers.append(constant(f"{key}.{varied}", trial["values"][varied], digits, source))
        numbers.append(measured(f"{key}.accuracy", by_seed(trial["metrics"], "accuracy"), DIGITS, "higher", source))
        if varied == "penalty":
            numbers += _sizes(key, trial["metrics"], source)
    return numbers


def _gain(results: Results, name: str, plain: str) -> Number:
    """Return how many more test answers a variant predicts rightly than `plain`, by seed."""
    better, worse = results.variant(name).test, results.variant(plain).test
    answers = {
        seed: (metrics["accuracy"] - worse[seed]["accuracy"]) * metrics["test_answers"]
        for seed, metrics in better.items()
        if seed in worse
    }
    return measured(f"{name}.gained_answers", answers, 1, "higher", f"{results.problem}/{name}/evaluate", "answers")


def _sizes(key: str, metrics: dict, source: str) -> list[Number]:
    """Return the training cost of the last epoch and the sum of squared weights after it."""
    return [
        measured(f"{key}.training_cost", by_seed(metrics, "training_cost"), 0, "lower", source),
        measured(f"{key}.squared_weights", by_seed(metrics, "squared_weights"), 1, "", source),
    ]


def _objectives(results: Results) -> list[Number]:
    """Return both objectives of the tuned model per answer, after the first and the last epoch, and the best epoch."""
    tuned, source, numbers = results.variant("tuned"), f"{results.problem}/tuned/choose", []
    facts = next(iter(tuned.metrics.values()))
    for metric, part in (("cost", "training"), ("eval_cost", "validation")):
        curves = {seed: curve / facts[f"{part}_answers"] for seed, curve in tuned.history(metric).items()}
        for reading, place in (("first", 0), ("last", -1)):
            samples = {seed: float(curve[place]) for seed, curve in curves.items()}
            numbers.append(measured(f"tuned.{part}_error.{reading}", samples, DIGITS, "lower", source))
    lowest = {seed: float(curve.argmin()) + 1 for seed, curve in tuned.history("eval_cost").items()}
    return [*numbers, measured("tuned.lowest_epoch", lowest, 0, "", source)]


def _trace(results: Results) -> list[Number]:
    """Return cost and validation accuracy of the epochs that the document prints."""
    document, source, numbers = results.variant("document"), f"{results.problem}/document/choose", []
    for metric, name, digits, better in (("cost", "cost", 1, "lower"), ("eval_accuracy", "accuracy", DIGITS, "higher")):
        curves = document.history(metric)
        for epoch in PRINTED_EPOCHS:
            _require_epoch(document, epoch)
            samples = {seed: float(curve[epoch]) for seed, curve in curves.items()}
            numbers.append(measured(f"document.epoch_{epoch}.{name}", samples, digits, better, source))
    return numbers


def _require_epoch(document: VariantResults, epoch: int) -> None:
    if document.values["epochs"] <= epoch:
        raise ReproseError(
            f"config.yaml: problems.student.variants.document: epochs is {document.values['epochs']}, expected more"
            f" than {epoch}, the last epoch that the document prints (counted from 0)."
        )


def _settings(name: str, values: dict, digits: dict[str, int], source: str) -> list[Number]:
    return [constant(f"{name}.{key}", values[key], places, source) for key, places in digits.items()]
