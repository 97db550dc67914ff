"""The engine of Reprose. It knows no problem and no data set.

What a problem's author needs is imported from here: `from reprose import Run, measured`. Each name is taken from its
home when it is first used, so that `import reprose` costs nothing. The fingerprint of a step reads the homes off the
block for type checkers, so each name stands there and in `HOMES`.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reprose.base.errors import ReproseError as ReproseError
    from reprose.commands.results import load as load
    from reprose.config.runs import Run as Run
    from reprose.config.settings import Settings as Settings
    from reprose.data.source import Archive as Archive
    from reprose.data.source import Source as Source
    from reprose.numbers.frames import table as table
    from reprose.numbers.intervals import spread as spread
    from reprose.numbers.registry import Item as Item
    from reprose.numbers.registry import Number as Number
    from reprose.numbers.registry import Table as Table
    from reprose.numbers.registry import Text as Text
    from reprose.numbers.registry import constant as constant
    from reprose.numbers.registry import measured as measured
    from reprose.numbers.summary import trials as trials
    from reprose.training.contract import Arrays as Arrays
    from reprose.training.contract import Evaluation as Evaluation
    from reprose.training.contract import Outcome as Outcome
    from reprose.training.contract import Results as Results
    from reprose.training.contract import Trainee as Trainee
    from reprose.training.contract import Trainings as Trainings
    from reprose.training.contract import VariantResults as VariantResults

HOMES = {
    "ReproseError": "reprose.base.errors",
    "load": "reprose.commands.results",
    "Run": "reprose.config.runs",
    "Settings": "reprose.config.settings",
    "Archive": "reprose.data.source",
    "Source": "reprose.data.source",
    "table": "reprose.numbers.frames",
    "spread": "reprose.numbers.intervals",
    "Item": "reprose.numbers.registry",
    "Number": "reprose.numbers.registry",
    "Table": "reprose.numbers.registry",
    "Text": "reprose.numbers.registry",
    "constant": "reprose.numbers.registry",
    "measured": "reprose.numbers.registry",
    "trials": "reprose.numbers.summary",
    "Arrays": "reprose.training.contract",
    "Evaluation": "reprose.training.contract",
    "Outcome": "reprose.training.contract",
    "Results": "reprose.training.contract",
    "Trainee": "reprose.training.contract",
    "Trainings": "reprose.training.contract",
    "VariantResults": "reprose.training.contract",
}


def __getattr__(name: str) -> object:
    """Return what `name` means in its home."""
    if name not in HOMES:
        raise AttributeError(f"module 'reprose' has no '{name}'. There are: {', '.join(sorted(HOMES))}.")
    return getattr(import_module(HOMES[name]), name)


def __dir__() -> list[str]:
    """Return the names that are not private, before their first use too."""
    return sorted([*globals(), *HOMES])
