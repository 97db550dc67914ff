"""Training and evaluation of the recommender: what is learned, kept, stacked and refused."""

import numpy as np
import pytest

from problem_runs import assert_equal, session
from recommender_cases import GOOD, PROBLEM, WANTED, few, fit, planted, run
from reprose.base.errors import ReproseError
from reprose.training.contract import Outcome
from scripts.datasets import ml_100k
from scripts.problems.recommender.closed import film_means
from scripts.problems.recommender.evaluate import evaluate
from scripts.problems.recommender.predict import errors, measure, predict
from scripts.problems.recommender.ratings import Ratings, to_ratings
from scripts.problems.recommender.train import stacks


def test_the_error_is_the_mean_square_by_hand():
    weights = {"films": np.array([[1.0, 2.0], [0.0, 1.0]]), "users": np.array([[2.0, 1.0]])}
    part = Ratings(np.array([0, 0]), np.array([0, 1]), np.array([3.0, 2.0]), 1, 2)
    assert predict(weights, part.users, part.films).tolist() == [4.0, 1.0]
    assert measure(weights, part, part)["error"] == ((4 - 3) ** 2 + (1 - 2) ** 2) / 2


def test_predictions_in_pieces_are_those_of_all_pairs_at_once(monkeypatch):
    part = few()
    weights = fit(WANTED, part)
    together = predict(weights, part.users, part.films)
    monkeypatch.setattr("scripts.problems.recommender.predict.PIECE", 7)
    assert np.array_equal(predict(weights, part.users, part.films), together)


def test_unseen_films_are_counted_with_what_they_add_to_the_error():
    training = Ratings(np.array([0]), np.array([0]), np.array([4.0]), 1, 3)
    test = Ratings(np.array([0, 0]), np.array([0, 2]), np.array([5.0, 2.0]), 1, 3)
    found = measure(film_means(training, "zero"), test, training)
    assert found == {"error": 2.5, "unseen_films": 2.0, "unseen_ratings": 1.0, "unseen_error": 2.0}


@pytest.mark.parametrize("algorithm", GOOD)
def test_every_method_recovers_planted_ratings_better_than_film_means(algorithm):
    training, test = planted()
    baseline = errors(film_means(training, "mean"), test).mean()
    assert errors(fit(GOOD[algorithm], training), test).mean() < 0.75 * baseline


def test_with_offsets_and_samples_what_is_left_is_little_more_than_the_noise():
    training, test = planted(noise=0.2)
    assert errors(fit(GOOD["bayes"], training), test).mean() < 2 * 0.2**2


@pytest.mark.parametrize("algorithm", GOOD)
def test_every_method_beats_film_means_on_the_sample(tmp_path, data, algorithm):
    wanted = GOOD[algorithm].replace(rank=2, regularization=0.2 if algorithm == "biased" else 3.0)
    outcome = PROBLEM.train([run(wanted)], data, session(tmp_path))["single/1"]
    means = film_means(to_ratings(data["train"], 1), "mean")
    baseline = evaluate(run(), means, data).metrics["error"]
    assert evaluate(run(wanted), outcome.weights, data).metrics["error"] < baseline


@pytest.mark.parametrize("algorithm", GOOD)
def test_the_same_seed_gives_the_same_weights_and_another_does_not(algorithm):
    part = few()
    first, again, other = (fit(GOOD[algorithm].replace(sweeps=6, burn_in=2), part, seed) for seed in (1, 1, 2))
    assert all(np.array_equal(first[name], again[name]) for name in first)
    assert any(not np.array_equal(first[name], other[name]) for name in first)


def test_what_a_job_that_was_cut_off_has_fitted_is_not_fitted_again(tmp_path, data):
    runs = [run(WANTED.replace(rank=rank), trial=f"rank={rank}") for rank in (1, 2, 3)]
    whole = PROBLEM.train(runs, data, session(tmp_path / "whole"))
    PROBLEM.train(runs[:2], data, session(tmp_path / "cut", interval=0.0))
    resumed = PROBLEM.train(runs, data, session(tmp_path / "cut"))
    for name in whole:
        assert_equal(resumed[name], whole[name])


def test_the_history_has_the_loss_of_every_fifth_sweep_and_of_the_last(tmp_path, data):
    outcome = PROBLEM.train([run(WANTED.replace(sweeps=12))], data, session(tmp_path))["single/1"]
    assert len(outcome.history["loss"]) == 3
    assert outcome.metrics["loss"] == outcome.history["loss"][-1]
    assert outcome.metrics["error"] == pytest.approx(outcome.history["error"][-1])


def test_only_descents_of_equal_shape_are_stacked():
    descent = WANTED.replace(algorithm="sgd")
    runs = [run(descent.replace(regularization=value), trial=f"{value}") for value in (1.0, 2.0)]
    runs += [run(descent.replace(rank=5), trial="five"), run(trial="als"), run(WANTED.replace(rank=4), trial="other")]
    assert [[one.trial for one in stack] for stack in stacks(runs)] == [["1.0", "2.0"], ["five"], ["als"], ["other"]]


def test_a_seed_names_the_split_of_a_view_of_many(table):
    views = ml_100k.repeated_splits(table, seeds=[3, 5], held_out=0.2, tuning=0.1)
    alone = ml_100k.homework_split(table, seed=4, held_out=0.2)
    assert np.array_equal(to_ratings(views["train"], 4).films, alone["train"]["items"])
    with pytest.raises(ReproseError, match="seed 6 names no split of its view. Found: 3, 4, 5"):
        to_ratings(views["train"], 6)


def test_a_descent_that_leaves_the_numbers_stops_at_once(tmp_path, data):
    wanted = WANTED.replace(algorithm="sgd", learning_rate=9.0)
    with pytest.raises(ReproseError, match="run single/1, epoch 5: .*, expected a finite number"):
        PROBLEM.train([run(wanted)], data, session(tmp_path))


@pytest.mark.parametrize(("name", "value"), [("rank", 0), ("regularization", 0.0), ("burn_in", 10), ("fill", "four")])
def test_an_impossible_hyperparameter_is_an_error(name, value):
    with pytest.raises(ReproseError, match=f"{name} is {value!r}, expected "):
        WANTED.replace(**{name: value})


def test_an_outcome_holds_arrays_and_numbers_only(tmp_path, data):
    outcome = PROBLEM.train([run()], data, session(tmp_path))["single/1"]
    assert isinstance(outcome, Outcome)
    assert all(isinstance(array, np.ndarray) for array in outcome.weights.values())
    assert outcome.metrics["held_out_ratings"] == len(data["validation"]["users"])


def test_a_descent_that_was_cut_off_goes_on_within_its_stack_to_the_same_bits(tmp_path, data):
    descent = WANTED.replace(algorithm="sgd", sweeps=17)
    runs = [run(descent.replace(regularization=value), trial=f"{value}") for value in (1.0, 2.0)]
    runs.append(run(descent.replace(rank=5), trial="other stack"))
    PROBLEM.assert_resumes(tmp_path, data, runs, [("1.0/1", 15), ("2.0/1", 12), ("other stack/1", 15)])
