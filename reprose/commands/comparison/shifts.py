"""What changed between two sets of numbers, and whether by more than seeds alone can change them."""

from collections.abc import Mapping
from dataclasses import dataclass

from reprose.commands.remembered import Numbers
from reprose.numbers.intervals import Difference, paired_difference, welch_difference
from reprose.numbers.printing import written_decimals
from reprose.numbers.registry import Item, Number, Text

BEYOND, WITHIN, UNTESTED, EXACT = "beyond seed noise", "within seed noise", "one seed: cannot tell", "exact, no seeds"


@dataclass(frozen=True)
class Change:
    """One number that is not what it was."""

    old: Number
    new: Number

    @property
    def paired(self) -> bool:
        """Return whether both sides were measured with the same seeds."""
        return self.old.samples.keys() == self.new.samples.keys()

    @property
    def difference(self) -> Difference | None:
        """Return new - old with its interval; None where a side has no seeds."""
        if not self.old.samples or not self.new.samples:
            return None
        return (paired_difference if self.paired else welch_difference)(self.new.samples, self.old.samples)

    @property
    def verdict(self) -> str:
        """Return whether seeds alone could have made the change."""
        found = self.difference
        if found is None:
            return EXACT
        if found.low is None or found.high is None:
            return UNTESTED
        return BEYOND if found.low > 0 or found.high < 0 else WITHIN

    @property
    def is_visible(self) -> bool:
        """Return whether the change shows at the decimals that are printed."""
        return printed(self.old) != printed(self.new)


@dataclass(frozen=True)
class Section:
    """What changed among the numbers of one problem."""

    problem: str
    changes: list[Change]
    texts: list[tuple[Text, Text]]
    added: list[Item]
    removed: list[Item]
    total: int


def sections(old: Numbers, new: Numbers) -> list[Section]:
    """Return what changed in each problem that both sides have, in alphabetical order."""
    return [_section(name, old[name], new[name]) for name in sorted(old.keys() & new.keys())]


def _section(problem: str, old: Mapping[str, Item], new: Mapping[str, Item]) -> Section:
    both = [(old[key], new[key]) for key in new if key in old]
    numbers = [Change(a, b) for a, b in both if isinstance(a, Number) and isinstance(b, Number)]
    changes = [pair for pair in numbers if (pair.old.value, pair.old.samples) != (pair.new.value, pair.new.samples)]
    texts = [(a, b) for a, b in both if isinstance(a, Text) and isinstance(b, Text) and a.value != b.value]
    alike = {b.key for a, b in both if type(a) is type(b)}
    added, removed = ([item for key, item in side.items() if key not in alike] for side in (new, old))
    return Section(problem, changes, texts, added, removed, sum(isinstance(item, Number) for item in new.values()))


def printed(number: Number) -> str:
    """Return the value of a number with the decimals that a handout prints."""
    return f"{number.value:.{decimals(number)}f}"


def decimals(number: Number) -> int:
    """Return how many decimals of a number count; of a constant, which may be a setting, six digits in any case."""
    written = 0 if number.samples else written_decimals(float(f"{number.value:.6g}"))
    return max(number.digits, written)
