"""What a training must give: every slip is told in words, and before the training that it would cost."""

import numpy as np
import pytest

from reprose.base.errors import ReproseError
from reprose.training import checks, loop
from reprose.training.checkpoint import Checkpoint
from reprose.training.contract import Evaluation, Outcome, Run, Session, Trainee

GOOD = Outcome({"weights": np.zeros(1)}, {"error": 1.0})


def run(seed=1):
    return Run("a", seed, {"rate": 0.5})


class Once(Trainee):
    """A training of one epoch, which says what it is given to say."""

    epochs = 1

    def __init__(self, epoch=None, outcome=GOOD):
        self.said, self.given = {"error": 1.0} if epoch is None else epoch, outcome

    def epoch(self):
        return self.said

    def outcome(self):
        return self.given


def trained(made, folder, runs=(), check=None):
    session = Session(Checkpoint(folder))
    session = Session(session.checkpoint, check=check or session.check)
    return loop.train(checks.checked(made, list(runs) or [run()], "train.py: train"), session)


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (None, r"train.py: train returns nothing \(None\). Allowed: it yields each run"),
        ([run()], "train yields a Run. Allowed"),
        ([(run(), GOOD)], "train yields a tuple. Allowed"),
        ([("a/1", lambda: GOOD)], "train yields a str in the place of runs"),
        ([(run(2), lambda: GOOD)], "train yields the run a/2 twice, or was not given it. Given: a/1."),
        ([(run(), lambda: GOOD), (run(), lambda: GOOD)], "train yields the run a/1 twice"),
        ([], "train yields no training of a/1"),
        ([(run(), lambda: None)], r"the training of a/1 returns nothing \(None\). Allowed: a Trainee"),
        ([(run(), lambda: {"x": GOOD})], "run a/1: the fit gives a dict. Allowed: Outcome"),
        ([(run(), lambda: Once(epoch=0.5))], "run a/1: epoch returns a float. Allowed: numbers by name"),
        ([(run(), lambda: Once(epoch={"error": "low"}))], "the metric 'error' is low, expected a finite number"),
        ([(run(), lambda: Once(outcome=None))], r"run a/1: outcome gives nothing \(None\). Allowed: Outcome"),
        ([(run(), lambda: Outcome(np.zeros(1), {}))], "gives an Outcome whose weights are a ndarray. Allowed"),
        ([(run(), lambda: Outcome({}, 0.5))], "gives an Outcome whose metrics are a float. Allowed"),
    ],
)
def test_a_slip_of_a_training_is_told_in_words(tmp_path, made, told):
    with pytest.raises(ReproseError, match=told):
        trained(made, tmp_path)


@pytest.mark.parametrize(
    ("begun", "told"),
    [
        (
            Once(epoch={"error": 1.0}),
            "epoch of a stack returns the names error. Allowed: a dictionary by run: a/1, a/2",
        ),
        (Once(epoch={}, outcome=GOOD), "outcome of a stack returns a Outcome. Allowed: a dictionary by run"),
        ({"a/1": GOOD}, "the fit of a stack returns the names a/1. Allowed: a dictionary by run: a/1, a/2"),
    ],
)
def test_a_stack_says_of_each_run_by_its_name(tmp_path, begun, told):
    runs = [run(1), run(2)]
    with pytest.raises(ReproseError, match=told):
        trained([(runs, lambda: begun)], tmp_path, runs)


def test_a_metric_to_choose_by_that_no_outcome_has_is_told_after_the_first_run(tmp_path):
    begun = []

    def fit(seed):
        begun.append(seed)
        return GOOD

    check = checks.expectation({"metric": "eror", "tested": True}, "problems.toy")
    made = [(run(seed), lambda seed=seed: fit(seed)) for seed in (1, 2)]
    told = "config.yaml: problems.toy.select.metric is 'eror', but run a/1 has no such .* Allowed: error."
    with pytest.raises(ReproseError, match=told):
        trained(made, tmp_path, [run(1), run(2)], check)
    assert begun == [1]


def test_an_outcome_without_weights_is_an_error_where_there_is_a_test_part(tmp_path):
    made = [(run(), lambda: Outcome({}, {"error": 1.0}))]
    with pytest.raises(ReproseError, match="run a/1: the outcome has no weights, but the view has a test part"):
        trained(made, tmp_path, check=checks.expectation({"metric": "error", "tested": True}, "problems.toy"))
    trained(made, tmp_path, check=checks.expectation({"metric": "error", "tested": False}, "problems.toy"))


def test_an_exception_says_in_which_trial_seed_and_epoch_it_came(tmp_path):
    trainee = Once()
    trainee.epoch = lambda: 1 / 0
    with pytest.raises(ZeroDivisionError) as caught:
        trained([(run(), lambda: trainee)], tmp_path)
    assert caught.value.__notes__ == ["trial a, seed 1, epoch 1"]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (None, r"evaluate.py: evaluate returns nothing \(None\). Allowed: Evaluation"),
        ({"error": 1.0}, "evaluate returns a dict. Allowed: Evaluation"),
        (Evaluation(0.5), "evaluate returns an Evaluation whose metrics are a float. Allowed: a dictionary by name"),
        (Evaluation({}, items=np.zeros(2)), "an Evaluation whose items are a ndarray"),
    ],
)
def test_what_is_no_evaluation_is_told_in_words(said, told):
    with pytest.raises(ReproseError, match=told):
        checks.evaluation_of(said, "evaluate.py: evaluate")
