"""What a problem's training must give, checked early: a slip is told before the hours that it would cost."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from reprose.base.errors import ReproseError
from reprose.base.faults import kind
from reprose.config.runs import Run
from reprose.training.contract import Evaluation, Outcome, Trainee, Trainings

YIELDED = "it yields each run, or a list of runs that train as one, with a function that begins their training"


def checked(made: Any, runs: Sequence[Run], where: str) -> Trainings:
    """Yield what a problem's `train` returns; what is no training, or none of `runs`, is an error, as is one left out.

    `where` is the file and function, such as "scripts/problems/toy/train.py: train".
    """
    if not isinstance(made, Iterable):
        raise ReproseError(f"{where} returns {kind(made)}. Allowed: {YIELDED}.")
    left = {run.name for run in runs}
    for pair in made:
        if not (isinstance(pair, tuple) and len(pair) == 2 and callable(pair[1])):
            raise ReproseError(f"{where} yields {kind(pair)}. Allowed: {YIELDED}.")
        stack = [pair[0]] if isinstance(pair[0], Run) else pair[0]
        if not isinstance(stack, Sequence) or not all(isinstance(run, Run) for run in stack):
            raise ReproseError(f"{where} yields {kind(pair[0])} in the place of runs. Allowed: {YIELDED}.")
        for run in stack:
            if run.name not in left:
                names = ", ".join(run.name for run in runs)
                raise ReproseError(f"{where} yields the run {run.name} twice, or was not given it. Given: {names}.")
            left.remove(run.name)
        yield pair
    if left:
        raise ReproseError(f"{where} yields no training of {', '.join(sorted(left))}.")


def by_run(said: Any, names: Sequence[str], alone: bool, what: str, is_whole: bool = True) -> dict[str, Any]:
    """Return what a training says of its runs: of one `alone` what it says, of others by their names.

    `what` says it, such as "epoch"; unless it `is_whole`, some runs may be left out.
    """
    if alone and not (isinstance(said, Mapping) and set(said) == set(names)):
        return {names[0]: said}
    if not isinstance(said, Mapping) or set(said) - set(names) or (is_whole and set(names) - set(said)):
        found = f"the names {', '.join(map(str, said)) or 'of none'}" if isinstance(said, Mapping) else kind(said)
        raise ReproseError(f"{what} of a stack returns {found}. Allowed: a dictionary by run: {', '.join(names)}.")
    return dict(said)


def metrics_of(said: Any, what: str) -> Mapping[str, Any]:
    """Return metrics by name; what is no mapping is an error that says `what` returns it."""
    if not isinstance(said, Mapping):
        raise ReproseError(f'{what} returns {kind(said)}. Allowed: numbers by name, such as {{"error": 0.1}}.')
    return said


def outcome_of(said: Any, what: str) -> Outcome:
    """Return the outcome of one run; what is none, or has no mappings in it, is an error that says `what` gives it."""
    if not isinstance(said, Outcome):
        raise ReproseError(f"{what} gives {kind(said)}. Allowed: Outcome(weights, metrics), or a Trainee before it.")
    for name in ("weights", "metrics", "history"):
        is_estimator = name == "weights" and hasattr(said.weights, "fit")
        if not isinstance(getattr(said, name), Mapping) and not is_estimator:
            found = kind(getattr(said, name))
            raise ReproseError(f"{what} gives an Outcome whose {name} are {found}. Allowed: a dictionary by name.")
    return said


def evaluation_of(said: Any, what: str) -> Evaluation:
    """Return the evaluation of one run; what is none, or has no mappings in it, is an error: `what` returns it."""
    if not isinstance(said, Evaluation):
        raise ReproseError(f'{what} returns {kind(said)}. Allowed: Evaluation(metrics), as of {{"error": 0.1}}.')
    for name in ("metrics", "artifacts", "items"):
        if not isinstance(found := getattr(said, name), Mapping):
            raise ReproseError(
                f"{what} returns an Evaluation whose {name} are {kind(found)}. Allowed: a dictionary by name."
            )
    return said


def begun_by(begin: Callable[[], Any], names: Sequence[str]) -> Any:
    """Return what begins a training; nothing is an error."""
    begun = begin()
    if not isinstance(begun, Trainee | Outcome | Mapping):
        raise ReproseError(
            f"what begins the training of {', '.join(names)} returns {kind(begun)}. Allowed: a Trainee, an Outcome, or"
            " of a stack a dictionary of an Outcome by run."
        )
    return begun


def expectation(wanted: Mapping[str, Any], where: str) -> Callable[[str, Outcome], None]:
    """Return the function that raises where the outcome of a run lacks what later steps want of it.

    `wanted` holds the `metric` that the winner is chosen by, and whether it is `tested` and so needs weights.
    """

    def check(name: str, outcome: Outcome) -> None:
        if metric := wanted.get("metric"):
            check_metric(outcome.metrics, metric, f"run {name}", where)
        if wanted.get("tested") and not outcome.weights:
            raise ReproseError(
                f"run {name}: the outcome has no weights, but the view has a test part, on which nothing could be"
                " tested. Give the weights, or say `test: false` in config.yaml."
            )

    return check


def check_metric(found: Mapping[str, float], metric: str, run: str, where: str) -> None:
    """Raise where the metrics of a run lack the one that the winner is chosen by, as config.yaml says at `where`."""
    if metric not in found:
        raise ReproseError(
            f"config.yaml: {where}.select.metric is '{metric}', but {run} has no such validation metric. Allowed:"
            f" {', '.join(sorted(found)) or 'none, as the outcome has no metrics'}."
        )
