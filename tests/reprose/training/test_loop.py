import subprocess
import sys

import numpy as np
import pytest
import sklearn.linear_model

from problem_runs import assert_equal
from reprose.base.errors import ReproseError
from reprose.training import loop
from reprose.training.checkpoint import Checkpoint
from reprose.training.contract import Outcome, Run, Session, Trainee


class Walk(Trainee):
    """A random walk: the smallest training that depends on all that it went through."""

    keeps = ("place", "stream")

    def __init__(self, seed, epochs=4):
        self.stream = np.random.RandomState(seed)
        self.place = 0.0
        self.epochs = epochs

    def epoch(self):
        self.place += self.stream.normal()
        return {"place": self.place, "square": np.float64(self.place**2)}

    def outcome(self):
        weights = {"place": np.array([self.place], dtype=np.float32), "file": np.zeros(1)}  # no name is taken
        return Outcome(weights, {"last": np.float64(self.place)})


class Pair(Walk):
    """Two walks as one training; the second is measured in every second epoch only."""

    def epoch(self):
        found = super().epoch()
        return {"a/1": found, **({"a/2": found} if self.done % 2 else {})}

    def outcome(self):
        return {"a/1": super().outcome(), "a/2": super().outcome()}


def run(seed=1, trial="a"):
    return Run(trial, seed, {"rate": 0.5, "width": 3})


def session(folder, record=None, interval=0.0, progress=None):
    made = Session(Checkpoint(folder, interval))
    return Session(made.checkpoint, record or made.record, progress or made.progress)


def walks(*seeds, begun=None):
    for seed in seeds:

        def begin(seed=seed):
            if begun is not None:
                begun.append(seed)
            return Walk(seed)

        yield run(seed), begin


def stop_at(name, epoch):
    def record(run, now, metrics):
        if (run, now) == (name, epoch):
            raise KeyboardInterrupt

    return record


def test_every_run_is_trained_to_its_end_with_its_history(tmp_path):
    made = loop.train(walks(1, 2), session(tmp_path))
    assert list(made) == ["a/1", "a/2"]
    history = made["a/2"].history["place"]
    assert history.dtype == np.float64
    assert history.shape == (4,)
    assert history[-1] == made["a/2"].metrics["last"]
    assert type(made["a/2"].metrics["last"]) is float


@pytest.mark.parametrize(("cut", "begun_again"), [(("a/1", 3), [1, 2]), (("a/2", 1), [2]), (("a/2", 4), [2])])
def test_a_job_that_was_cut_off_goes_on_where_it_was_saved_to_the_same_bits(tmp_path, cut, begun_again):
    whole = loop.train(walks(1, 2), session(tmp_path / "whole"))
    with pytest.raises(KeyboardInterrupt):
        loop.train(walks(1, 2), session(tmp_path / "cut", stop_at(*cut)))
    seen, begun = [], []
    kept = session(tmp_path / "cut", lambda name, epoch, metrics: seen.append((name, epoch)))
    resumed = loop.train(walks(1, 2, begun=begun), kept)
    assert seen[0] == cut  # the cut came before that epoch was saved
    assert begun == begun_again  # a finished run is not even begun
    for name in whole:
        assert_equal(resumed[name], whole[name])


def test_nothing_is_saved_before_the_interval_has_passed(tmp_path):
    loop.train(walks(1, 2), session(tmp_path, interval=3600))
    assert not list(tmp_path.iterdir())


def test_a_fit_in_one_call_is_saved_and_not_done_again(tmp_path):
    calls = []

    def fit():
        calls.append(1)
        weights = {"table": np.asfortranarray(np.arange(6).reshape(2, 3)), "words": np.array(["a", "bc"])}
        return Outcome(weights, {"error": 1.0}, {"loss": np.array([3.0])})

    first = loop.train([(run(), fit)], session(tmp_path))["a/1"]
    again = loop.train([(run(), fit)], session(tmp_path))["a/1"]
    assert calls == [1]
    assert_equal(first, again)
    assert again.weights["table"].flags.f_contiguous  # the same bytes in a file


def test_a_stack_gives_metrics_and_outcomes_of_each_of_its_runs(tmp_path):
    stack = [run(1), run(2)]
    whole = loop.train([(stack, lambda: Pair(3))], session(tmp_path / "whole"))
    assert [len(whole[name].history["place"]) for name in ("a/1", "a/2")] == [4, 2]
    with pytest.raises(KeyboardInterrupt):
        loop.train([(stack, lambda: Pair(3))], session(tmp_path / "cut", stop_at("a/1", 3)))
    resumed = loop.train([(stack, lambda: Pair(3))], session(tmp_path / "cut"))
    for name in whole:
        assert_equal(resumed[name], whole[name])


def test_what_is_saved_of_other_runs_is_not_taken_for_these(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        loop.train(walks(1), session(tmp_path, stop_at("a/1", 3)))
    found = loop.train(walks(2), session(tmp_path))["a/2"]
    assert_equal(found, loop.train(walks(2), session(tmp_path / "fresh"))["a/2"])


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_metric_that_is_no_number_stops_the_run_and_names_it_with_its_settings(tmp_path, value):
    trainee = Walk(1)
    trainee.epoch = lambda: {"loss": 1.0, "error": value}
    with pytest.raises(ReproseError) as caught:
        loop.train([(run(), lambda: trainee)], session(tmp_path))
    said = str(caught.value)
    assert f"run a/1, epoch 1: the metric 'error' is {value}, expected a finite number" in said
    assert "rate 0.5, width 3" in said


def test_a_final_metric_that_is_no_number_is_an_error_too(tmp_path):
    with pytest.raises(ReproseError, match="run a/1: the metric 'error' is nan, expected a finite number"):
        loop.train([(run(), lambda: Outcome({}, {"error": float("nan")}))], session(tmp_path))


def test_progress_is_told_from_the_start_with_the_number_of_epochs(tmp_path):
    told = []
    surroundings = session(tmp_path, progress=lambda *found: told.append(found), interval=3600)
    loop.train([(run(), lambda: Walk(1, 2)), ([run(2), run(3)], lambda: Fixed())], surroundings)
    assert told == [("a/1", 0, 2), ("a/1", 1, 2), ("a/1", 2, 2), ("a/2 and 1 more", 0, None)]


class Fixed(Trainee):
    """A training that is over before it begins, and does not know how long it takes."""

    over = True

    def epoch(self):
        raise NotImplementedError

    def outcome(self):
        return {name: Outcome({}, {}) for name in ("a/2", "a/3")}


def diverging(folder, record=None, interval=0.0):
    made = session(folder, record, interval)
    return Session(made.checkpoint, made.record, made.progress, made.keep, may_diverge=True)


class Blowing(Walk):
    """A walk whose metric is no number from the third epoch on."""

    def epoch(self):
        return super().epoch() if self.done < 2 else {"place": float("inf")}


def test_a_trial_that_diverges_is_recorded_and_the_others_go_on(tmp_path):
    runs = [(run(1), lambda: Blowing(1)), (run(2), lambda: Walk(2))]
    made = loop.train(runs, diverging(tmp_path))
    assert made["a/1"].metrics == {"diverged": 2}
    assert len(made["a/1"].history["place"]) == 2 and not made["a/1"].weights
    assert_equal(made["a/2"], loop.train(walks(2), session(tmp_path / "alone"))["a/2"])
    assert loop.train(runs, diverging(tmp_path))["a/1"].metrics == {"diverged": 2}  # from the checkpoint


def test_a_run_of_a_stack_that_diverges_leaves_the_others_as_they_are(tmp_path):
    class Half(Pair):
        def epoch(self):
            found = super().epoch()
            return {**found, "a/1": {"place": float("nan")}} if "a/1" in found and self.done > 0 else found

    stack = [run(1), run(2)]
    whole = loop.train([(stack, lambda: Pair(3))], session(tmp_path / "whole"))
    made = loop.train([(stack, lambda: Half(3))], diverging(tmp_path / "half"))
    assert made["a/1"].metrics == {"diverged": 1}
    assert_equal(made["a/2"], whole["a/2"])
    with pytest.raises(KeyboardInterrupt):
        loop.train([(stack, lambda: Half(3))], diverging(tmp_path / "cut", stop_at("a/2", 2)))
    resumed = loop.train([(stack, lambda: Half(3))], diverging(tmp_path / "cut"))
    assert resumed["a/1"].metrics == {"diverged": 1}


def test_a_fit_in_one_call_may_diverge_too(tmp_path):
    made = loop.train([(run(), lambda: Outcome({}, {"error": float("nan")}))], diverging(tmp_path))
    assert made["a/1"].metrics == {"diverged": 0}


class Forest(Walk):
    """A fit in one call that was put into an epoch, with the forest among what is kept."""

    keeps = ("place", "forest")

    def epoch(self):
        self.forest = sklearn.linear_model.LinearRegression()
        return super().epoch()


class Best(Walk):
    """A walk that keeps its best place as NumPy gives it."""

    keeps = ("place", "best")

    def epoch(self):
        found = super().epoch()
        self.best = {"at": [1.0, np.float64(self.place)]}
        return found


class Misspelt(Walk):
    keeps = ("plaec",)


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (Forest, r"forest is a sklearn\S*LinearRegression, which cannot be loaded again. A fit in one call .*Outcome"),
        (Best, r"best.at\[1\] is a numpy.float64, which cannot be loaded again. Allowed: arrays.* Say float"),
        (Misspelt, "'plaec' is no attribute"),
    ],
)
def test_what_no_checkpoint_can_hold_is_told_at_the_first_epoch_long_before_one_is_due(tmp_path, kind, told):
    where = rf"reprose/training/test_loop.py: {kind.__name__}.keeps: "
    with pytest.raises(ReproseError, match=where + told) as caught:
        loop.train([(run(), lambda: kind(1))], session(tmp_path, interval=1000))
    assert caught.value.__notes__ == ["trial a, seed 1, epoch 1"]


def test_the_look_at_what_is_kept_needs_no_torch():
    """A training without torch would wait for it, and count its version among what it depends on."""
    code = """
import sys
import numpy as np
from reprose.training.checkpoint import check_keeps

class Fit:
    keeps = ("weights", "stream", "best")
    weights, stream, best = np.zeros(3), np.random.default_rng(1), {"rows": [(1, 0.5, "a", None)]}

check_keeps(Fit())
assert "torch" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)
