"""The numbers and texts that the handout may print."""

import math

from reprose import Item, Number, Results, Text, VariantResults, constant, measured
from scripts.problems.topics.comparisons import (
    AUTOENCODERS,
    METHODS,
    SHOWN_MODEL,
    VARIANTS,
    by_topics,
    name_of,
    samples,
    shown_topics,
)
from scripts.problems.topics.names import given_name

DIGITS = 3
METRICS = {"npmi": DIGITS, "other_npmi": DIGITS, "diversity": DIGITS, "distinct": 1}  # metric -> decimals
SETTINGS = {  # of the autoencoder -> decimals, at most
    "hidden": 0,
    "scale": 1,
    "learning_rate": 4,
    "decoder_rate": 4,
    "momentum": 2,
    "batch_size": 0,
    "linear_scaling": 0,
    "w1": 2,
    "w2": 0,
    "epochs": 0,
    "patience": 0,
    "unseen": 0,
}
COUNTS = ("training_articles", "validation_articles", "vocabulary")


def summarize(results: Results) -> list[Item]:
    """Return the sizes and settings, the metrics of every variant, and the five topics of question (f)."""
    items: list[Item] = _constants(results)
    for name in VARIANTS:
        items += _from_variant(results, name)
    for name in METHODS:
        items += _by_topics(results, name)
    for name in AUTOENCODERS:
        items += _from_training(results, name)
    return items + _shown(results)


def _constants(results: Results) -> list[Item]:
    autoencoder = results.variant("autoencoder")
    chosen, tested = (f"{results.problem}/autoencoder/{rule}" for rule in ("choose", "evaluate"))
    facts, test = next(iter(autoencoder.metrics.values())), next(iter(autoencoder.test.values()))
    dropout = results.variant("dropout").values["dropout"]
    return [
        *(constant(name, facts[name], 0, chosen) for name in COUNTS),
        *(constant(name, autoencoder.values[name], digits, chosen) for name, digits in SETTINGS.items()),
        constant("test_articles", test["test_articles"], 0, tested),
        constant("words_per_article", facts["words_per_article"], 1, chosen),
        constant("filled", 100 * facts["filled"], 2, chosen, "%"),
        constant("seeds", len(autoencoder.metrics), 0, chosen),
        constant("steps_per_epoch", -(-facts["training_articles"] // autoencoder.values["batch_size"]), 0, chosen),
        constant("dropout_share", dropout, 2, f"{results.problem}/dropout/choose"),
        constant("logistic.steps", _steps(results), 0, f"{results.problem}/logistic/choose"),
    ]


def _steps(results: Results) -> int:
    """Return after how many gradient steps the second schedule has alpha = 1."""
    increments = {metrics["increment"] for metrics in results.variant("logistic").metrics.values()}
    return math.ceil(1 / max(increments))


def _from_variant(results: Results, name: str) -> list[Item]:
    """Return the number of topics chosen and the metrics on validation and test."""
    variant = results.variant(name)
    chosen, tested = (f"{results.problem}/{name}/{rule}" for rule in ("choose", "evaluate"))
    items: list[Item] = [constant(f"{name}.topics", variant.values["topics"], 0, chosen)]
    for metric, digits in METRICS.items():
        items.append(measured(f"{name}.{metric}", samples(variant.metrics, metric), digits, "higher", chosen))
        items.append(measured(f"{name}.test_{metric}", samples(variant.test, metric), digits, "higher", tested))
    return items


def _by_topics(results: Results, name: str) -> list[Item]:
    source = f"{results.problem}/{name}/choose"
    return [
        measured(f"{name}.t{place}.{metric}", samples(trial["metrics"], metric), METRICS[metric], "higher", source)
        for place, trial in enumerate(by_topics(results.variant(name)).values(), 1)
        for metric in METRICS
    ] + [
        constant(f"{name}.t{place}.topics", topics, 0, source)
        for place, topics in enumerate(by_topics(results.variant(name)), 1)
    ]


def _from_training(results: Results, name: str) -> list[Item]:
    """Return how long an autoencoder trained, its loss and KL divergence where it was best, and where it ended."""
    variant, source = results.variant(name), f"{results.problem}/{name}/choose"
    found = {
        "epoch": (1, ""),
        "epochs_trained": (1, ""),
        "alpha": (2, ""),
        "loss": (2, "lower"),
        "eval_bound": (2, "lower"),
        "eval_divergence": (2, ""),
        "train_npmi": (DIGITS, "higher"),
    }
    items: list[Item] = [
        measured(f"{name}.{metric}", samples(variant.metrics, metric), digits, better, source)
        for metric, (digits, better) in found.items()
    ]
    if name == "logistic":
        items.append(constant(f"{name}.increment", next(iter(variant.metrics.values()))["increment"], 4, source))
    for reading, place in (("first", 0), ("last", -1)):
        for metric in ("diversity", "npmi", "eval_divergence"):
            items.append(_reading(variant, name, metric, reading, place, source))
    return items


def _reading(variant: VariantResults, name: str, metric: str, reading: str, place: int, source: str) -> Number:
    curves = {seed: float(curve[place]) for seed, curve in variant.history(metric).items()}
    return measured(f"{name}.{reading}_{metric}", curves, DIGITS, "", source)


def _shown(results: Results) -> list[Item]:
    """Return name, words and coherence of the five topics of the first seed of the document's model.

    `named` is 1 where a person gave the name for these words, 0.5 where some of the words are others now (`lost.text`
    are those that are gone), and 0 where no person has seen the topic: its name then is two distinctive words.
    """
    variant, items = results.variant(SHOWN_MODEL), []
    source = f"{results.problem}/{SHOWN_MODEL}/evaluate"
    seed = min(variant.artifacts)
    artifacts = variant.artifacts[seed]
    for place, topic in enumerate(shown_topics(artifacts), 1):
        key, shares, words = f"topic_{place}", artifacts["shares"][topic], artifacts["words"][topic].tolist()
        given = given_name(words)
        items += [
            Text(f"{key}.name", given.name if given else name_of(artifacts, topic), source),
            Text(f"{key}.lost.text", ", ".join(given.lost) if given and given.lost else "none", source),
            constant(f"{key}.named", (0.5 if given.lost else 1) if given else 0, 1, source),
            Text(f"{key}.words", ", ".join(words), source),
            Text(f"{key}.class", str(artifacts["class_names"][shares.argmax()]), source),
            constant(f"{key}.share", 100 * float(shares.max()), 0, source, "%"),
            constant(f"{key}.npmi", float(artifacts["eval_npmi"][topic]), 2, source),
            constant(f"{key}.test_npmi", float(artifacts["npmi"][topic]), 2, source),
        ]
    return [*items, constant("topic_seed", seed, 0, source)]
