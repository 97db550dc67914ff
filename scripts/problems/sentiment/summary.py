"""The numbers and the reviews that the handout may print."""

from collections.abc import Mapping

from reprose import Item, Number, Results, Text, constant, measured
from scripts.problems.sentiment.comparisons import MIXED, NETWORKS, SHOWN, by_seed

DIGITS = 3  # decimals of losses; accuracies are printed in per cent, with one
COUNTS = ("training_reviews", "held_out_reviews", "vocabulary", "matched_words", "longest", "repeated", "pieces")
SHARES = ("matched_tokens", "held_out_matched", "held_out_unknown", "positive")
LENGTHS = ("training_length", "held_out_length")
WATCHED = ("loss", "accuracy", "train_loss", "train_accuracy")
TESTED = ("loss", *(f"{name}accuracy" for name in ("", "reversed_", "shuffled_", "short_", "long_")))


def summarize(results: Results) -> list[Item]:
    """Return facts of the data, then the numbers of all networks, then the reviews."""
    hidden = constant("hidden", results.variant("gru").values["hidden"], 0, f"{results.problem}/gru/choose")
    items: list[Item] = [hidden, *_facts(results, "gru", "course"), *_facts(results, "gru_honest", "honest")]
    for name in NETWORKS:
        items += [*_watched(results, name), *_settings(results, f"{name}_honest"), *_tested(results, f"{name}_honest")]
    for name in MIXED:
        items += _watched(results, name)
    return items + _reviews(results)


def _facts(results: Results, variant: str, key: str) -> list[Number]:
    source = f"{results.problem}/{variant}/choose"
    found = next(iter(results.variant(variant).metrics.values()))
    return [
        *(constant(f"{key}.{name}", found[name], 0, source) for name in COUNTS),
        *(constant(f"{key}.{name}", 100 * found[name], 1, source, "%") for name in SHARES),
        *(constant(f"{key}.{name}", found[name], 1, source) for name in LENGTHS),
    ]


def _watched(results: Results, variant: str) -> list[Number]:
    """Return the metrics of the epoch with the best validation loss."""
    source = f"{results.problem}/{variant}/choose"
    metrics = results.variant(variant).metrics
    numbers = [_metric(f"{variant}.{name}", metrics, name, source) for name in WATCHED]
    padding = {seed: 100 * share for seed, share in by_seed(metrics, "padding").items()}
    return [
        *numbers,
        measured(f"{variant}.best_epoch", by_seed(metrics, "best_epoch"), 1, "", source),
        measured(f"{variant}.padding", padding, 1, "lower", source, "%"),
    ]


def _settings(results: Results, variant: str) -> list[Item]:
    """Return the chosen learning rate and batch size, and the values that were tried."""
    source = f"{results.problem}/{variant}/choose"
    found = results.variant(variant)
    items: list[Item] = [
        constant(f"{variant}.learning_rate", found.values["learning_rate"], 4, source),
        constant(f"{variant}.batch_size", found.values["batch_size"], 0, source),
        constant(f"{variant}.settings", len(found.trials), 0, source),
        constant(f"{variant}.epochs", found.values["epochs"], 0, source),
        constant(f"{variant}.patience", found.values["patience"], 0, source),
    ]
    for name in ("learning_rate", "batch_size"):
        tried = sorted({trial["values"][name] for trial in found.trials})
        items.append(Text(f"{variant}.{name}.tried.text", ", ".join(f"{value:g}" for value in tried), source))
    return items


def _tested(results: Results, variant: str) -> list[Number]:
    """Return the metrics on the held-out training sentences, and those on the test part."""
    chosen, tested = (f"{results.problem}/{variant}/{rule}" for rule in ("choose", "evaluate"))
    found = results.variant(variant)
    test = next(iter(found.test.values()))
    noise = (test["accuracy"] * (1 - test["accuracy"]) / test["test_reviews"]) ** 0.5  # standard error of an accuracy
    return [
        *(_metric(f"{variant}.validation_{name}", found.metrics, name, chosen) for name in ("loss", "accuracy")),
        *(_metric(f"{variant}.test_{name}", found.test, name, tested, kept=name != "loss") for name in TESTED),
        constant(f"{variant}.test_reviews", test["test_reviews"], 0, tested),
        constant(f"{variant}.test_noise", 100 * noise, 1, tested, "%"),
    ]


def _metric(
    key: str, table: Mapping[int, Mapping[str, float]], name: str, source: str, *, kept: bool = False
) -> Number:
    """Return a loss, or an accuracy in per cent; `kept`: evaluation has kept the items that it is the mean of."""
    samples = by_seed(table, name)
    if name.endswith("loss"):
        return measured(key, samples, DIGITS, "lower", source)
    return measured(
        key, {seed: 100 * share for seed, share in samples.items()}, 1, "higher", source, "%", name if kept else ""
    )


def _reviews(results: Results) -> list[Item]:
    """Return the random reviews, what people said of them, and the probability of a positive one by each seed."""
    source = f"{results.problem}/{SHOWN}/evaluate"
    artifacts = results.variant(SHOWN).artifacts
    first = next(iter(artifacts.values()))
    items: list[Item] = []
    for place, (review, label) in enumerate(zip(first["reviews"], first["labels"], strict=True)):
        key = f"review_{place + 1}"
        probability: Mapping[int, float] = {seed: arrays["probability"][place] for seed, arrays in artifacts.items()}
        items += [
            Text(f"{key}.text", str(review), source),
            Text(f"{key}.label.text", "positive" if label else "negative", source),
            constant(f"{key}.label", int(label), 0, source),
            measured(f"{key}.probability", probability, 2, "", source),
        ]
    return items
