"""The numbers that the handout may print."""

from reprose import Number, Results, constant, measured
from scripts.problems.recommender.comparisons import (
    ALGORITHMS,
    BY_RANK,
    SAME_LOSS,
    TUNED,
    Trial,
    best,
    find,
    same_loss_by_rank,
    samples,
    shared_penalty,
    tuned_by_rank,
)

DIGITS = 4
COUNTS = ("users", "films", "training_ratings", "held_out_ratings", "unseen_films", "unseen_ratings")
SETTINGS = (
    ("als", "sweeps", 0),
    ("sgd", "sweeps", 0),
    ("sgd", "decay", 2),
    ("bayes", "sweeps", 0),
    ("bayes", "burn_in", 0),
)
METRICS = ("error", "train_error", "unseen_error")


def summarize(results: Results) -> list[Number]:
    """Return the sizes, the errors by fill, by rank and by rule, and both algorithms on the same loss."""
    numbers = _constants(results) + _fills(results)
    for algorithm in BY_RANK:
        numbers += _by_rank(results, algorithm)
    for algorithm in SAME_LOSS:
        numbers += _on_same_loss(results, algorithm)
    for algorithm in ALGORITHMS:
        numbers += _by_rule(results, algorithm)
    return numbers


def _constants(results: Results) -> list[Number]:
    source = f"{results.problem}/means_document/choose"
    counts = find(results, "means", "document").metrics
    (first, *_) = counts.values()
    found = [constant(name, first[name], 0, source) for name in COUNTS]
    for algorithm, name, digits in SETTINGS:
        value = find(results, algorithm, "document").values[name]
        found.append(constant(f"{algorithm}.{name}", value, digits, _chosen(results, algorithm, "document")))
    honest = find(results, "als", "honest").trials[0]["metrics"]
    (tuning, *_) = honest.values()
    source = _chosen(results, "als", "honest")
    trials = {name: len(find(results, name, "document").trials) for name in SAME_LOSS}
    return [
        *found,
        *(constant(f"{name}.trials", count, 0, _chosen(results, name, "document")) for name, count in trials.items()),
        constant("tuning_ratings", tuning["held_out_ratings"], 0, source),
        constant("fewer_training_ratings", tuning["training_ratings"], 0, source),
        constant("shared_penalty", shared_penalty(results), 2, _chosen(results, "als", "document")),
    ]


def _fills(results: Results) -> list[Number]:
    """Return the error of film means for every fill of films that nobody rated, and what those films add to it."""
    source = _chosen(results, "means", "document")
    return [
        _number(f"means.{trial['values']['fill']}.{metric}", trial, metric, source)
        for trial in find(results, "means", "document").trials
        for metric in METRICS
    ]


def _by_rank(results: Results, algorithm: str) -> list[Number]:
    """Return errors and settings of the best trial of every rank, by the document's rule."""
    source = _chosen(results, algorithm, "document")
    numbers = []
    for rank, trial in tuned_by_rank(find(results, algorithm, "document")).items():
        key = f"{algorithm}.d{rank}"
        numbers += [_number(f"{key}.{metric}", trial, metric, source) for metric in METRICS]
        numbers += _settings(key, algorithm, trial, source)
    return numbers


def _on_same_loss(results: Results, algorithm: str) -> list[Number]:
    """Return, at the shared lambda, the lowest loss (4) of every rank and the errors that come with it."""
    source = _chosen(results, algorithm, "document")
    numbers = []
    for rank, trial in same_loss_by_rank(results, algorithm).items():
        key = f"same.{algorithm}.d{rank}"
        numbers += [_number(f"{key}.{metric}", trial, metric, source) for metric in ("error", "train_error")]
        numbers.append(_number(f"{key}.loss", trial, "loss", source, digits=0))
    return numbers


def _by_rule(results: Results, algorithm: str) -> list[Number]:
    """Return test errors: chosen on the test ratings, chosen on validation, and of ten splits."""
    trial = best(find(results, algorithm, "document").trials)
    source = _chosen(results, algorithm, "document")
    numbers = [_number(f"{algorithm}.document.{metric}", trial, metric, source) for metric in METRICS]
    numbers += _settings(f"{algorithm}.document", algorithm, trial, source)
    if algorithm != "means":  # nothing was tuned
        (chosen,) = (trial for trial in find(results, algorithm, "honest").trials if trial["chosen"])
        source = _chosen(results, algorithm, "honest")
        numbers.append(_number(f"{algorithm}.honest.validation", chosen, "error", source))
        numbers += _settings(f"{algorithm}.honest", algorithm, chosen, source)
        numbers.append(_tested(results, algorithm, "honest"))
    return [*numbers, _tested(results, algorithm, "repeated")]


def _tested(results: Results, algorithm: str, rule: str) -> Number:
    found = {seed: metrics["error"] for seed, metrics in find(results, algorithm, rule).test.items()}
    source = f"{results.problem}/{algorithm}_{rule}/evaluate"
    return measured(f"{algorithm}.{rule}.error", found, DIGITS, "lower", source, mean_of="error")


def _number(key: str, trial: Trial, metric: str, source: str, digits: int = DIGITS) -> Number:
    """Return a metric of a trial; with one seed only, it depends on no seed and is a constant."""
    found = samples(trial, metric)
    if len(found) == 1:
        (value,) = found.values()
        return Number(key, {}, value, digits, better="lower", source=source)
    return measured(key, found, digits, "lower", source)


def _settings(key: str, algorithm: str, trial: Trial, source: str) -> list[Number]:
    values = trial["values"]
    return [constant(f"{key}.{name}", values[name], digits, source) for name, digits in TUNED[algorithm].items()]


def _chosen(results: Results, algorithm: str, rule: str) -> str:
    return f"{results.problem}/{algorithm}_{rule}/choose"
