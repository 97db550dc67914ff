"""The recommender on made-up ratings: each algorithm against an oracle of its own, training, numbers and figures."""

from dataclasses import asdict, replace

import numpy as np
import pytest
import torch

from datasets import ml_100k
from problems.recommender.alternating import alternate, alternate_with_offsets, solve, start
from problems.recommender.closed import film_means, truncated_svd
from problems.recommender.comparisons import ALGORITHMS, find
from problems.recommender.descent import descend
from problems.recommender.evaluate import evaluate
from problems.recommender.figures import draw
from problems.recommender.gibbs import draw_precision, draw_prior, draw_rows, draw_wishart, sample_table
from problems.recommender.hyperparameters import Hyperparameters
from problems.recommender.predict import errors, measure, predict
from problems.recommender.ratings import Ratings, to_ratings
from problems.recommender.summary import summarize
from problems.recommender.train import stacks, train
from reprose.checkpoint import Checkpoint
from reprose.errors import ReproseError
from reprose.experiment import Outcome, Results, Run, Session, VariantResults

WANTED = Hyperparameters(
    algorithm="als",
    rank=3,
    fill="mean",
    regularization=2.0,
    scale=0.3,
    sweeps=10,
    burn_in=4,
    learning_rate=0.01,
    decay=0.97,
    batch_size=100,
)
# Settings with which each algorithm does well on a few thousand ratings of few dimensions.
GOOD = {
    "als": WANTED,
    "sgd": replace(WANTED, algorithm="sgd", sweeps=60),
    "biased": replace(WANTED, algorithm="biased", regularization=0.1),
    "bayes": replace(WANTED, algorithm="bayes", sweeps=60, burn_in=20),
}


def ignore(*_):
    """Watch nothing."""


def few(seed=0, users=30, films=40, count=400):
    """Return random ratings of random pairs; the last two films and the last user have none."""
    generator = np.random.default_rng(seed)
    pairs = generator.choice((users - 1) * (films - 2), size=count, replace=False)
    stars = generator.integers(1, 6, count).astype(float)
    return Ratings(pairs // (films - 2), pairs % (films - 2), stars, users, films)


def planted(noise=0.3, seed=1, users=90, films=110, rank=2):
    """Return training and test ratings from vectors of `rank` numbers and offsets, between 1 and 5."""
    generator = np.random.default_rng(seed)
    table = generator.normal(0, 0.6, (users, rank)) @ generator.normal(0, 0.8, (rank, films))
    table += 3 + 0.4 * generator.normal(size=(users, 1)) + 0.4 * generator.normal(size=films)
    table = np.clip(table + noise * generator.normal(size=table.shape), 1, 5)
    chosen = generator.permutation(users * films)[:5000]
    parts = (chosen[:4000], chosen[4000:])
    return [Ratings(rows // films, rows % films, table.ravel()[rows], users, films) for rows in parts]


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ml_100k")
    ml_100k.make_sample(folder, seed=5, users=120, items=150, ratings=4800)
    return ml_100k.read(folder)


@pytest.fixture(scope="module")
def data(table):
    return ml_100k.tuning_split(table, seed=1, held_out=0.2, tuning=0.1)


def run(wanted=WANTED, seed=1, trial="single"):
    return Run(trial, seed, asdict(wanted))


def session(folder, record=ignore, interval=3600.0):
    return Session(Checkpoint(folder, interval), "cpu", record)


def fit(wanted, training, seed=1):
    match wanted.algorithm:
        case "als":
            return alternate(training, wanted, seed, ignore)
        case "biased":
            return alternate_with_offsets(training, wanted, seed, ignore)
        case "bayes":
            return sample_table(training, wanted, seed, ignore)
    return descend(training, [wanted], seed, ignore)[0]


def test_the_error_is_the_mean_square_by_hand():
    weights = {"films": np.array([[1.0, 2.0], [0.0, 1.0]]), "users": np.array([[2.0, 1.0]])}
    part = Ratings(np.array([0, 0]), np.array([0, 1]), np.array([3.0, 2.0]), 1, 2)
    assert predict(weights, part.users, part.films).tolist() == [4.0, 1.0]
    assert measure(weights, part, part)["error"] == ((4 - 3) ** 2 + (1 - 2) ** 2) / 2


def test_unseen_films_are_counted_with_what_they_add_to_the_error():
    training = Ratings(np.array([0]), np.array([0]), np.array([4.0]), 1, 3)
    test = Ratings(np.array([0, 0]), np.array([0, 2]), np.array([5.0, 2.0]), 1, 3)
    found = measure(film_means(training, "zero"), test, training)
    assert found == {"error": 2.5, "unseen_films": 2.0, "unseen_ratings": 1.0, "unseen_error": 2.0}


@pytest.mark.parametrize(("fill", "expected"), [("zero", 0.0), ("middle", 3.0), ("mean", 11 / 3)])
def test_film_means_are_means_and_the_fill_where_nobody_rated(fill, expected):
    training = Ratings(np.array([0, 1, 1]), np.array([0, 0, 2]), np.array([5.0, 2.0, 4.0]), 2, 4)
    weights = film_means(training, fill)
    assert weights["films"][:, 0] == pytest.approx([3.5, expected, 4.0, expected])
    assert np.array_equal(weights["users"], np.ones((2, 1)))


@pytest.mark.parametrize("rank", [1, 5, 20])
def test_the_sparse_svd_agrees_with_numpy_on_the_dense_matrix(rank):
    part = few()
    dense = np.zeros((40, 30))
    dense[part.films, part.users] = part.stars
    left, values, right = np.linalg.svd(dense)
    weights = truncated_svd(part, rank)
    assert np.allclose(weights["films"] @ weights["users"].T, left[:, :rank] * values[:rank] @ right[:rank])


@pytest.mark.parametrize("side", ["by_film", "by_user"])
def test_lists_hold_every_rating_once_and_only_of_their_row(side):
    part = few()
    rows, others = (part.films, part.users) if side == "by_film" else (part.users, part.films)
    lists = getattr(part, side)
    places = []
    for bucket in lists.buckets:
        given = bucket.others < (others.max() + 2 if side == "by_film" else 40)
        row = np.broadcast_to(bucket.rows[:, None], bucket.places.shape)
        places += bucket.places[given].tolist()
        assert np.array_equal(rows[bucket.places[given]], row[given])
        assert np.array_equal(others[bucket.places[given]], bucket.others[given])
    assert sorted(places) == list(range(len(part)))


def test_batched_solves_agree_with_a_dense_ridge_solve_of_every_row():
    part = few()
    generator = np.random.default_rng(2)
    features, penalties = generator.normal(size=(30, 4)), generator.uniform(0.5, 3, 40)
    tensors = [torch.from_numpy(array) for array in (features, part.stars, penalties)]
    found = solve(part.by_film, *tensors).numpy()
    for film in range(40):
        mine = part.films == film
        x, y = features[part.users[mine]], part.stars[mine]
        stacked = np.vstack([x, np.sqrt(penalties[film]) * np.eye(4)])  # ridge as ordinary least squares
        expected = np.linalg.lstsq(stacked, np.concatenate([y, np.zeros(4)]), rcond=None)[0]
        assert np.allclose(found[film], expected)
    assert not found[38:].any()


def test_every_sweep_of_als_lowers_the_loss():
    part, losses = few(), []

    def watch(weights):
        penalty = WANTED.regularization * sum(np.sum(weights[side] ** 2) for side in ("films", "users"))
        losses.append(errors(weights, part).sum() + penalty)

    alternate(part, WANTED, 1, watch)
    assert len(losses) == WANTED.sweeps
    assert np.all(np.diff(losses) < 0)


def test_a_step_of_descent_follows_the_gradient_that_autograd_finds():
    part = few()
    wanted = replace(WANTED, algorithm="sgd", sweeps=1, burn_in=0, decay=1.0)
    films, users = (side.requires_grad_() for side in start(part, wanted, 1))
    order = np.random.RandomState(1).permutation(len(part))
    for batch in np.split(order, 4):
        missing = (films[part.films[batch]] * users[part.users[batch]]).sum(1) - torch.from_numpy(part.stars[batch])
        loss = missing.square().sum() + len(batch) / len(part) * wanted.regularization * (
            films.square().sum() + users.square().sum()
        )
        gradients = torch.autograd.grad(loss, (films, users))
        with torch.no_grad():
            for side, gradient in zip((films, users), gradients, strict=True):
                side -= wanted.learning_rate * gradient
    found = fit(wanted, part)
    assert np.allclose(found["films"], films.detach().numpy(), atol=1e-5)
    assert np.allclose(found["users"], users.detach().numpy(), atol=1e-5)


def test_stacked_settings_descend_as_each_does_alone():
    part = few()
    settings = [replace(GOOD["sgd"], regularization=value, sweeps=8) for value in (0.5, 2.0, 8.0)]
    for wanted, together in zip(settings, descend(part, settings, 1, ignore), strict=True):
        assert np.allclose(together["films"], fit(wanted, part)["films"], atol=1e-5)


def test_wishart_draws_have_the_mean_of_their_distribution():
    stream = np.random.default_rng(0)
    scale = np.array([[2.0, 0.5], [0.5, 1.0]])
    mean = np.mean([draw_wishart(scale, 7, stream) for _ in range(4000)], axis=0)
    assert np.allclose(mean, 7 * scale, rtol=0.05)


def test_the_drawn_prior_is_near_the_normal_that_the_rows_come_from():
    stream = np.random.default_rng(0)
    covariance = np.array([[1.0, 0.6], [0.6, 2.0]])
    rows = torch.from_numpy(stream.multivariate_normal([1.0, -2.0], covariance, size=4000))
    drawn = [draw_prior(rows, stream) for _ in range(50)]
    assert np.allclose(np.mean([mean.numpy() for mean, _ in drawn], axis=0), [1, -2], atol=0.1)
    assert np.allclose(np.linalg.inv(np.mean([part.numpy() for _, part in drawn], axis=0)), covariance, atol=0.15)


def test_drawn_rows_have_the_moments_of_their_posterior():
    part = few(users=6, films=8, count=20)
    stream = np.random.default_rng(3)
    features, mean = stream.normal(size=(6, 2)), np.array([0.5, -1.0])
    spread = np.array([[2.0, 0.3], [0.3, 1.0]])
    tensors = [torch.from_numpy(array) for array in (features, part.stars)]
    prior = (torch.from_numpy(mean), torch.from_numpy(spread))
    draws = np.stack([draw_rows(part.by_film, *tensors, 1.5, prior, stream).numpy() for _ in range(4000)])
    for film in (0, 7):  # a rated one, and one that nobody rated
        mine = part.films == film
        x, y = features[part.users[mine]], part.stars[mine]
        precision = 1.5 * x.T @ x + spread
        expected = np.linalg.solve(precision, 1.5 * x.T @ y + spread @ mean)
        assert np.allclose(draws[:, film].mean(axis=0), expected, atol=0.06)
        assert np.allclose(np.cov(draws[:, film].T), np.linalg.inv(precision), atol=0.08)


def test_the_drawn_precision_is_near_that_of_the_residuals():
    stream = np.random.default_rng(0)
    residuals = torch.from_numpy(stream.normal(scale=0.5, size=20_000))
    assert draw_precision(residuals, stream) == pytest.approx(4, rel=0.05)


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
    wanted = replace(GOOD[algorithm], rank=2, regularization=0.2 if algorithm == "biased" else 3.0)
    outcome = train([run(wanted)], data, {}, session(tmp_path))["single/1"]
    means = film_means(to_ratings(data["train"], 1), "mean")
    baseline = evaluate(run(), means, data).metrics["error"]
    assert evaluate(run(wanted), outcome.weights, data).metrics["error"] < baseline


@pytest.mark.parametrize("algorithm", GOOD)
def test_the_same_seed_gives_the_same_weights_and_another_does_not(algorithm):
    part = few()
    first, again, other = (fit(replace(GOOD[algorithm], sweeps=6, burn_in=2), part, seed) for seed in (1, 1, 2))
    assert all(np.array_equal(first[name], again[name]) for name in first)
    assert any(not np.array_equal(first[name], other[name]) for name in first)


def test_a_resumed_job_gives_the_same_bits_as_an_uninterrupted_one(tmp_path, data):
    runs = [run(replace(WANTED, rank=rank), trial=f"rank={rank}") for rank in (1, 2, 3)]
    whole = train(runs, data, {}, session(tmp_path / "whole"))
    train(runs[:2], data, {}, session(tmp_path / "cut", interval=0.0))
    resumed = train(runs, data, {}, session(tmp_path / "cut"))
    for name in whole:
        assert resumed[name].metrics == whole[name].metrics
        assert all(np.array_equal(resumed[name].weights[k], whole[name].weights[k]) for k in whole[name].weights)


def test_the_history_has_the_loss_of_every_fifth_sweep_and_of_the_last(tmp_path, data):
    outcome = train([run(replace(WANTED, sweeps=12))], data, {}, session(tmp_path))["single/1"]
    assert len(outcome.history["loss"]) == 3
    assert outcome.metrics["loss"] == outcome.history["loss"][-1]
    assert outcome.metrics["error"] == pytest.approx(outcome.history["error"][-1])


def test_only_descents_of_equal_shape_are_stacked():
    descent = replace(WANTED, algorithm="sgd")
    runs = [run(replace(descent, regularization=value), trial=f"{value}") for value in (1.0, 2.0)]
    runs += [run(replace(descent, rank=5), trial="five"), run(trial="als"), run(replace(WANTED, rank=4), trial="other")]
    assert [[one.trial for one in stack] for stack in stacks(runs)] == [["1.0", "2.0"], ["five"], ["als"], ["other"]]


def test_a_seed_names_the_split_of_a_view_of_many(table):
    views = ml_100k.repeated_splits(table, seeds=[3, 5], held_out=0.2, tuning=0.1)
    alone = ml_100k.homework_split(table, seed=4, held_out=0.2)
    assert np.array_equal(to_ratings(views["train"], 4).films, alone["train"]["items"])
    with pytest.raises(ReproseError, match="seed 6 names no split of its view. Found: 3, 4, 5"):
        to_ratings(views["train"], 6)


def test_a_descent_that_leaves_the_numbers_stops_at_once(tmp_path, data):
    wanted = replace(WANTED, algorithm="sgd", learning_rate=9.0)
    with pytest.raises(ReproseError, match="run single/1: .* after sweep 1, expected a finite number. Lower learning"):
        train([run(wanted)], data, {}, session(tmp_path))


@pytest.mark.parametrize(("name", "value"), [("rank", 0), ("regularization", 0.0), ("burn_in", 10), ("fill", "four")])
def test_an_impossible_hyperparameter_is_an_error(name, value):
    with pytest.raises(ReproseError, match=f"{name} is {value}, expected "):
        replace(WANTED, **{name: value})


def results():
    """Return results with errors that are easy to check: a tenth of the rank, plus a hundredth of the seed."""
    variants = {}
    for algorithm in ALGORITHMS:
        for rule in ("document", "honest", "repeated"):
            seeds = (1,) if algorithm in ("means", "svd") and rule != "repeated" else (1, 2)
            trials = [_trial(algorithm, rank, place, seeds) for place, rank in enumerate((1, 2, 5, 10, 20, 50))]
            if algorithm == "means":
                trials = [
                    {**_trial(algorithm, 1, place, seeds, fill), "trial": fill} for place, fill in enumerate(FILLS)
                ]
            test = {seed: {"error": 0.9 + seed / 100} for seed in seeds}
            metrics = {int(seed): found for seed, found in trials[0]["metrics"].items()}
            variants[f"{algorithm}_{rule}"] = VariantResults(
                trials, trials[0]["trial"], trials[0]["values"], metrics, {}, test, {}
            )
    return Results("recommender", "sample", variants)


FILLS = ("zero", "middle", "mean")


def _trial(algorithm, rank, place, seeds, fill="mean"):
    counts = {"users": 9, "films": 8, "training_ratings": 7, "held_out_ratings": 6}
    counts |= {"unseen_films": 5, "unseen_ratings": 4, "unseen_error": 0.1, "loss": 5000.0 + place}
    metrics = {str(seed): {"error": rank / 10 + seed / 100, "train_error": 0.5, **counts} for seed in seeds}
    values = asdict(replace(WANTED, algorithm=algorithm, rank=rank, fill=fill))
    return {
        "trial": f"rank={rank},fill={fill}",
        "values": values,
        "metrics": metrics,
        "mean": 0.1,
        "std": 0,
        "chosen": place == 0,
    }


def test_the_summary_takes_the_best_trial_of_every_rank():
    numbers = {number.key: number for number in summarize(results())}
    assert numbers["als.d5.error"].samples == pytest.approx({1: 0.51, 2: 0.52})
    assert numbers["als.document.rank"].value == 1
    assert numbers["svd.d5.error"].n == 0
    assert numbers["same.sgd.d1.loss"].value == 5000
    assert numbers["sgd.honest.d5.validation"].samples == pytest.approx({1: 0.51, 2: 0.52})
    assert numbers["sgd.honest.d5.validation"].source == "recommender/sgd_honest/choose"
    assert numbers["bayes.repeated.error"].source == "recommender/bayes_repeated/evaluate"


def test_there_is_a_figure_for_each_part():
    figures = draw(results())
    assert sorted(figures) == ["als", "same_loss", "sgd", "splits", "svd"]
    for figure in figures.values():
        assert figure.get_figwidth() == 4.6
        figure.canvas.draw()


def test_a_missing_variant_is_an_error_that_names_config():
    found = results()
    del found.variants["als_honest"]
    with pytest.raises(ReproseError, match="config.yaml: problems.recommender.variants: 'als_honest' is missing"):
        find(found, "als", "honest")


def test_two_algorithms_without_a_common_penalty_cannot_be_compared():
    found = results()
    for trial in found.variants["sgd_document"].trials:
        trial["values"]["regularization"] = 99.0
    with pytest.raises(ReproseError, match="als_document and sgd_document have no `regularization` in common"):
        summarize(found)


def test_an_outcome_holds_arrays_and_numbers_only(tmp_path, data):
    outcome = train([run()], data, {}, session(tmp_path))["single/1"]
    assert isinstance(outcome, Outcome)
    assert all(isinstance(array, np.ndarray) for array in outcome.weights.values())
    assert outcome.metrics["held_out_ratings"] == len(data["validation"]["users"])
