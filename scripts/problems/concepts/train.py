"""Training: the seeds of one setting side by side, or principal components."""

from collections.abc import Mapping, Sequence
from functools import partial

from reprose import Arrays, Outcome, Run, Trainings
from scripts.problems.concepts.descent import Descent
from scripts.problems.concepts.measure import fit, principal_components


def train(runs: Sequence[Run], data: Mapping[str, Arrays], used: Mapping[str, Arrays], device: str) -> Trainings:
    """Yield the runs that differ in their seeds alone with what begins their training, and those of components."""
    for trial in dict.fromkeys(run.trial for run in runs):
        stack = [run for run in runs if run.trial == trial]
        if stack[0].settings.model == "pca":
            yield from ((run, partial(fit_components, run, data["train"])) for run in stack)
        else:
            yield stack, partial(Descent, stack, data["train"])


def fit_components(run: Run, data: Arrays) -> Outcome:
    """Return the principal components; they are exact, so the seed changes nothing."""
    weights = principal_components(data["points"], run.settings.code)
    return Outcome(weights, fit(weights, data, run.settings))
