"""The results of a problem in Python, as in a notebook: `reprose.load("student")`. What is stale is an error.

What is stale is asked of a Python of its own: a notebook goes on for days, and its modules are of the time when they
were imported.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from reprose.base.canonical import read_json
from reprose.base.errors import ReproseError
from reprose.base.project import find_project
from reprose.numbers.registry import Item, read_numbers
from reprose.training.contract import Results
from reprose.training.results import load_results

FIELDS = ("variant", "trial", "chosen", "seed", "part", "metric", "value")


@dataclass(frozen=True)
class Loaded:
    """What a build made for one problem."""

    numbers: Mapping[str, Item]  # key -> number (`value`, `samples` by seed, `low`, `high`) or text (`value`)
    figures: Mapping[str, Path]  # name -> PDF
    results: Results  # what figures.py and summary.py get: histories, settings, metrics, arrays

    @property
    def metrics(self) -> pd.DataFrame:
        """Return one row for each variant, trial, seed, part ("validation" or "test") and metric.

        `chosen` says whether the trial is the variant's winner; only that one meets the test part.
        """
        return pd.DataFrame(_rows(self.results), columns=list(FIELDS))


def load(problem: str, tier: str = "") -> Loaded:
    """Return the results of `problem` in the project that the current folder belongs to.

    Without `tier`, it is that of commands that name none. Results that are not built, or that an edit of settings, code
    or data has made stale, are an error.
    """
    root = find_project(Path.cwd())
    words = ["-m", "reprose.commands.up_to_date", problem, *([tier] if tier else [])]
    done = subprocess.run([sys.executable, *words], cwd=root, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ReproseError(done.stderr.strip().removeprefix("error: "))
    made = json.loads(done.stdout.splitlines()[-1])
    inputs = {role: [root / path for path in paths] for role, paths in made["inputs"].items()}
    artifacts = {job: root / path for job, path in made["artifacts"].items()}
    numbers = read_numbers(root / made["numbers"], artifacts) if "numbers" in made else {}
    figures = _figures(root / made["figures"]) if "figures" in made else {}
    return Loaded(numbers, figures, load_results(made["key"], inputs))


def _figures(manifest: Path) -> dict[str, Path]:
    return {Path(name).stem: manifest.parent / name for name in read_json(manifest) if name.endswith(".pdf")}


def _rows(results: Results) -> Iterator[tuple[Any, ...]]:
    for name, variant in results.variants.items():
        for trial in variant.trials:
            start = (name, trial["trial"], trial["chosen"])
            for seed, metrics in sorted(trial["metrics"].items(), key=lambda item: int(item[0])):
                yield from ((*start, int(seed), "validation", metric, value) for metric, value in metrics.items())
        for seed, metrics in variant.test.items():
            yield from ((name, variant.winner, True, seed, "test", metric, value) for metric, value in metrics.items())
