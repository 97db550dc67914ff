"""What a training returns, as it is kept: arrays, and metrics that `measure` finds where the training gives none."""

from dataclasses import dataclass, replace
from types import ModuleType

from reprose.config.runs import Run
from reprose.training.contract import Arrays, Measure, Outcome, kept_outcome, measured_on


@dataclass(frozen=True)
class Keeper:
    """Turns what a problem returns into what its job leaves behind."""

    validation: Arrays
    measure: Measure | None = None  # the problem's own, if it has one
    estimators: ModuleType | None = None  # reprose.training.estimators, where the problem may return some

    def __call__(self, run: Run, outcome: Outcome) -> Outcome:
        """Return the outcome with arrays alone and with metrics; measured as the test part will be."""
        packed = self.estimators.packed(outcome.weights) if self.estimators else outcome.weights
        kept = kept_outcome(run, replace(outcome, weights=packed))
        if kept.metrics or not self.measure:
            return kept
        seen = self.estimators.revived(kept.weights) if self.estimators else kept.weights
        return replace(kept, metrics=measured_on(self.measure, run, seen, self.validation).metrics)
