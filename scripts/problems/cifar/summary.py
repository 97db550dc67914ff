"""The numbers that the handout may print."""

from collections.abc import Mapping

import numpy as np

from reprose import Item, Number, Results, Text, constant, measured
from scripts.problems.cifar.comparisons import NETWORKS, SEARCHED, SHOWN, by_seed, first_seed

DIGITS = 1  # decimals of an accuracy, in per cent
EXTREMES = ("best", "worst")  # of the ten classes
SETTINGS = {"epochs": 0, "batch_size": 0, "momentum": 2, "weight_decay": 4}  # shared by all networks


def summarize(results: Results) -> list[Item]:
    """Return the numbers of the four networks, then those of the best network's mistakes."""
    numbers: list[Item] = [*_constants(results)]
    for name in NETWORKS:
        numbers += _from_search(results, name) + _from_winner(results, name)
    numbers += _mistakes(results)
    return numbers


def _constants(results: Results) -> list[Number]:
    chosen, tested = (f"{results.problem}/tutorial/{rule}" for rule in ("choose", "evaluate"))
    tutorial, search = results.variant("tutorial"), results.variant("tutorial_search")
    facts, test = next(iter(tutorial.metrics.values())), next(iter(tutorial.test.values()))
    small, source = next(iter(search.metrics.values())), f"{results.problem}/tutorial_search/choose"
    noise = (test["accuracy"] * (1 - test["accuracy"]) / test["test_images"]) ** 0.5  # standard error of an accuracy
    return [
        constant("training_images", facts["training_images"], 0, chosen),
        constant("validation_images", facts["validation_images"], 0, chosen),
        constant("test_images", test["test_images"], 0, tested),
        constant("search.training_images", small["training_images"], 0, source),
        constant("search.validation_images", small["validation_images"], 0, source),
        constant("test_noise", 100 * noise, DIGITS, tested, "%"),
        constant("shift", tutorial.values["shift"], 0, chosen),
    ]


def _from_search(results: Results, name: str) -> list[Item]:
    """Return the values tried of every setting, and the lowest and the highest validation accuracy."""
    search, source = results.variant(f"{name}_search"), f"{results.problem}/{name}_search/choose"
    found = [100 * value for trial in search.trials for value in by_seed(trial["metrics"], "accuracy").values()]
    items: list[Item] = [
        constant(f"{name}.search.trials", len(search.trials), 0, source),
        constant(f"{name}.search.epochs", search.values["epochs"], 0, source),
        constant(f"{name}.search.worst", min(found), DIGITS, source, "%"),
        constant(f"{name}.search.best", max(found), DIGITS, source, "%"),
    ]
    for setting in SEARCHED[name]:
        values = sorted({trial["values"][setting] for trial in search.trials})
        items.append(Text(f"{name}.search.{setting}.text", ", ".join(f"{value:g}" for value in values), source))
    return items


def _from_winner(results: Results, name: str) -> list[Number]:
    """Return settings and accuracies of the winner, trained on all training images."""
    variant = results.variant(name)
    chosen, tested = (f"{results.problem}/{name}/{rule}" for rule in ("choose", "evaluate"))
    digits = {**SETTINGS, **SEARCHED[name], **dict.fromkeys(SHOWN[name], 0)}
    numbers = [constant(f"{name}.{key}", variant.values[key], places, chosen) for key, places in digits.items()]
    parameters = next(iter(variant.metrics.values()))["parameters"]
    numbers.append(constant(f"{name}.parameters", parameters, 0, chosen))
    numbers.append(constant(f"{name}.seeds", len(variant.metrics), 0, chosen))
    for part, table, metric, source in (
        ("training", variant.metrics, "training_accuracy", chosen),
        ("validation", variant.metrics, "accuracy", chosen),
        ("test", variant.test, "accuracy", tested),
    ):
        samples = {seed: 100 * share for seed, share in by_seed(table, metric).items()}
        mean_of = metric if part == "test" else ""
        numbers.append(measured(f"{name}.{part}_accuracy", samples, DIGITS, "higher", source, "%", mean_of))
        numbers.append(constant(f"{name}.{part}_accuracy.least", min(samples.values()), DIGITS, source, "%"))
    return numbers


def _mistakes(results: Results) -> list[Item]:
    """Return the best and the worst class, and the pair of classes that is confused most, over all seeds together."""
    variant, source = results.variant("tutorial"), f"{results.problem}/tutorial/evaluate"
    tables = {seed: arrays["confusion"] for seed, arrays in variant.artifacts.items()}
    total = np.sum(list(tables.values()), axis=0)
    share = total.diagonal() / total.sum(axis=1)
    wrong = np.triu(total + total.T, 1)  # both directions of a pair together
    first, second = np.unravel_index(wrong.argmax(), wrong.shape)
    errors = total.sum() - total.trace()
    names = variant.artifacts[first_seed(variant)]["names"].tolist()
    classes = {"best": share.argmax(), "worst": share.argmin(), "pair.first": first, "pair.second": second}
    return [
        *(Text(f"{key}.name", names[place], source) for key, place in classes.items()),
        *(
            measured(f"{key}.accuracy", _accuracy(tables, classes[key]), DIGITS, "higher", source, "%")
            for key in EXTREMES
        ),
        constant("pair.share", 100 * wrong.max() / max(errors, 1), 0, source, "%"),
    ]


def _accuracy(tables: Mapping[int, np.ndarray], place: int) -> dict[int, float]:
    """Return how many of one class's images are classified correctly, in per cent, by seed."""
    return {seed: 100 * table[place, place] / table[place].sum() for seed, table in tables.items()}
