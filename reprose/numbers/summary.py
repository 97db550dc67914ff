"""The numbers of a problem that summarizes nothing itself: every metric, and each setting, of every variant."""

from collections.abc import Iterator, Mapping
from typing import Any

from reprose.numbers.columns import described
from reprose.numbers.items import PREFIX
from reprose.numbers.keys import word
from reprose.numbers.printing import significant_decimals, written_decimals
from reprose.numbers.registry import Item, Number, Table, Text, constant, measured
from reprose.training.contract import DIVERGED, Results, VariantResults


def summarize(results: Results, select: Mapping[str, str]) -> list[Item]:
    """Return what was measured: "variant.test.metric", "variant.validation.metric", "variant.setting".

    The table "variants" has one row for each variant, and "variant.trials" one for each trial of several. `select` says
    which way its metric is better. Of a view that is only looked at, there are "view.train.rows" and "view.columns".
    """
    items = [item for name, parts in results.views.items() for item in described(name, parts)]
    rows: dict[str, dict[str, Number]] = {}
    for name, variant in results.variants.items():
        numbers = list(_metrics(results.problem, name, variant, select))
        rows[name] = {number.key.partition(".")[2].replace(".", " "): number for number in numbers}
        items += [*numbers, *_settings(results.problem, name, variant)]
        if len(variant.trials) > 1:
            source, metric = f"{results.problem}/{name}/choose", select["metric"]
            items.append(trials(f"{name}.trials", variant, source, metric, select["better"]))
    if not rows:
        return items
    columns = list(dict.fromkeys(column for row in rows.values() for column in row))
    cells = tuple((name, *(row.get(column, "--") for column in columns)) for name, row in rows.items())
    return [*items, Table("variants", ("variant", *columns), cells, f"{results.problem}/summarize", labels=1)]


def trials(key: str, variant: VariantResults, source: str, metric: str, better: str = "") -> Table:
    """Return the trials of a sweep as a table: the settings that differ, a validation metric, and which was chosen."""
    values = [trial["values"] for trial in variant.trials]
    varied = [name for name in values[0] if any(each[name] != values[0][name] for each in values)]
    rows = []
    for place, trial in enumerate(variant.trials):
        samples = {int(seed): found[metric] for seed, found in trial["metrics"].items() if metric in found}
        number: Number | str = "diverged"
        if DIVERGED not in trial:
            number = measured(
                f"{key}.{place}.{word(metric)}", samples, significant_decimals(samples.values()), better, source
            )
        settings = (_setting(f"{key}.{place}.{word(name)}", trial["values"][name], source) for name in varied)
        rows.append((*settings, number, "chosen" if trial["chosen"] else ""))
    return Table(key, (*varied, metric, ""), tuple(rows), source)


def _setting(key: str, value: Any, source: str) -> Number | str:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return constant(key, value, written_decimals(value), source) if is_number else _said(value)


def _metrics(problem: str, name: str, variant: VariantResults, select: Mapping[str, str]) -> Iterator[Number]:
    kept = {metric for arrays in variant.artifacts.values() for metric in arrays}
    for part, rule, found in (("test", "evaluate", variant.test), ("validation", "choose", variant.metrics)):
        for metric in dict.fromkeys(metric for metrics in found.values() for metric in metrics):
            samples = {seed: metrics[metric] for seed, metrics in found.items() if metric in metrics}
            better = select["better"] if metric == select["metric"] else ""
            mean_of = metric if part == "test" and PREFIX + metric in kept else ""
            key, source = f"{name}.{part}.{word(metric)}", f"{problem}/{name}/{rule}"
            yield measured(key, samples, significant_decimals(samples.values()), better, source, mean_of=mean_of)


def _settings(problem: str, name: str, variant: VariantResults) -> Iterator[Item]:
    for setting, value in variant.values.items():
        key, source = f"{name}.{word(setting)}", f"{problem}/{name}/choose"
        made = _setting(key, value, source)
        yield made if isinstance(made, Number) else Text(key, made, source)


def _said(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(_said, value)) or "none"
    return {None: "none", True: "yes", False: "no"}.get(value) or str(value)
