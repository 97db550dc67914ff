"""The numbers of a problem that summarizes nothing itself: every metric, and each setting, of every variant."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from reprose.numbers.items import PREFIX
from reprose.numbers.keys import word
from reprose.numbers.printing import written_decimals
from reprose.numbers.registry import Item, Number, Table, Text, constant, measured
from reprose.training.contract import Results, VariantResults

DIGITS = 3  # significant ones


def summarize(results: Results, select: Mapping[str, str]) -> list[Item]:
    """Return what was measured: "variant.test.metric", "variant.validation.metric", "variant.setting".

    The table "variants" has one row for each variant. `select` says which way its metric is better.
    """
    items: list[Item] = []
    rows: dict[str, dict[str, Number]] = {}
    for name, variant in results.variants.items():
        numbers = list(_metrics(results.problem, name, variant, select))
        rows[name] = {number.key.partition(".")[2].replace(".", " "): number for number in numbers}
        items += [*numbers, *_settings(results.problem, name, variant)]
    columns = list(dict.fromkeys(column for row in rows.values() for column in row))
    cells = tuple((name, *(row.get(column, "--") for column in columns)) for name, row in rows.items())
    return [*items, Table("variants", ("variant", *columns), cells, f"{results.problem}/summarize", labels=1)]


def _metrics(problem: str, name: str, variant: VariantResults, select: Mapping[str, str]) -> Iterator[Number]:
    kept = {metric for arrays in variant.artifacts.values() for metric in arrays}
    for part, rule, found in (("test", "evaluate", variant.test), ("validation", "choose", variant.metrics)):
        for metric in dict.fromkeys(metric for metrics in found.values() for metric in metrics):
            samples = {seed: metrics[metric] for seed, metrics in found.items() if metric in metrics}
            better = select["better"] if metric == select["metric"] else ""
            mean_of = metric if part == "test" and PREFIX + metric in kept else ""
            key, source = f"{name}.{part}.{word(metric)}", f"{problem}/{name}/{rule}"
            yield measured(key, samples, _digits(samples.values()), better, source, mean_of=mean_of)


def _settings(problem: str, name: str, variant: VariantResults) -> Iterator[Item]:
    for setting, value in variant.values.items():
        key, source = f"{name}.{word(setting)}", f"{problem}/{name}/choose"
        if isinstance(value, int | float) and not isinstance(value, bool):
            yield constant(key, value, written_decimals(value), source)
        else:
            yield Text(key, _said(value), source)


def _said(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(_said, value)) or "none"
    return {None: "none", True: "yes", False: "no"}.get(value) or str(value)


def _digits(values: Any) -> int:
    """Return the decimals that show some significant digits of the largest of some values."""
    most = max(map(abs, values))
    return max(0, DIGITS - 1 - math.floor(math.log10(most))) if most else DIGITS
