"""The multitask problem on made-up ratings: training, ranking, evaluation, numbers and figures."""

import numpy as np
import pytest
import torch
from scipy.stats import rankdata

from problem_runs import Problem, assert_equal
from reprose.base.errors import ReproseError
from reprose.training.contract import Results, VariantResults
from scripts.datasets import ml_100k
from scripts.problems.multitask.comparisons import CURVES, DOCUMENT, PULLS
from scripts.problems.multitask.evaluate import evaluate
from scripts.problems.multitask.figures import draw
from scripts.problems.multitask.hyperparameters import Hyperparameters
from scripts.problems.multitask.loss import factorization_loss
from scripts.problems.multitask.model import Recommender
from scripts.problems.multitask.pulls import compare_pulls
from scripts.problems.multitask.ranking import mean_reciprocal_rank, ranks
from scripts.problems.multitask.smoothing import smooth
from scripts.problems.multitask.summary import summarize
from scripts.problems.multitask.train import train

WANTED = Hyperparameters(
    shared=True,
    factorization_weight=0.5,
    regression_weight=0.5,
    rank=8,
    hidden=16,
    learning_rate=0.01,
    weight_decay=0.0,
    epochs=6,
    batch_size=0,
    patience=0,
)
MINIBATCHES = WANTED.replace(batch_size=500, epochs=40, patience=5)
PROBLEM = Problem(train, WANTED)
run, trained = PROBLEM.run, PROBLEM.trained


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ml_100k")
    ml_100k.make_sample(folder, seed=5, users=120, items=150, ratings=4800)
    return ml_100k.read(folder)


@pytest.fixture(scope="module")
def data(table):
    return ml_100k.honest_split(table, seed=123, held_out=0.1)


def test_ranks_agree_with_scipy_also_where_scores_are_equal():
    generator = np.random.default_rng(0)
    scores = generator.integers(0, 6, size=(30, 40)).astype(np.float32)
    users, items = generator.integers(0, 30, 700), generator.integers(0, 40, 700)
    expected = rankdata(-scores, axis=1)[users, items]
    found = ranks(torch.from_numpy(scores), torch.from_numpy(users), torch.from_numpy(items))
    assert np.array_equal(found.numpy(), expected)


def test_the_mean_reciprocal_rank_agrees_with_a_loop_over_users(data):
    training, held_out = data["train"], data["validation"]
    scores = np.random.default_rng(1).normal(size=(121, 151)).astype(np.float32)
    means = []
    for user in np.unique(held_out["users"]):
        row = scores[user].copy()
        row[training["items"][training["users"] == user]] = -np.inf
        means.append(np.mean(1 / rankdata(-row)[held_out["items"][held_out["users"] == user]]))
    seen = torch.zeros(121, 151, dtype=torch.bool)
    seen[training["users"], training["items"]] = True
    where = (torch.from_numpy(held_out[name]) for name in ("users", "items"))
    assert mean_reciprocal_rank(torch.from_numpy(scores), seen, *where).item() == pytest.approx(np.mean(means), 1e-12)


def test_films_seen_in_training_share_the_last_ranks():
    scores, seen = torch.tensor([[5.0, 4.0, 3.0, 2.0]]), torch.tensor([[True, True, False, False]])
    one = torch.tensor([0])
    assert mean_reciprocal_rank(scores, seen, one, torch.tensor([2])).item() == 1
    assert mean_reciprocal_rank(scores, seen, one, torch.tensor([0])).item() == 1 / 3.5


def test_smoothing_is_the_mean_with_weights_that_fall_by_six_tenths():
    found = smooth(np.array([1.0, 3.0, 2.0]))
    assert found == pytest.approx([1, (0.6 * 1 + 3) / 1.6, (0.36 * 1 + 0.6 * 3 + 2) / 1.96])


@pytest.mark.parametrize("shared", [True, False])
def test_the_model_predicts_what_its_formulas_say(shared):
    torch.manual_seed(0)
    model = Recommender(9, 11, WANTED.replace(shared=shared))
    torch.nn.init.normal_(model.user_biases)
    torch.nn.init.normal_(model.item_biases)
    users, items = torch.tensor([1, 8, 3]), torch.tensor([10, 2, 2])
    ranking = (model.users, model.items) if shared else (model.ranking_users, model.ranking_items)
    scores = (ranking[0][users] * ranking[1][items]).sum(1, keepdim=True)
    scores = (scores + model.user_biases[users] + model.item_biases[items])[:, 0]
    user, item = model.users[users], model.items[items]
    ratings = model.output(torch.relu(model.hidden(torch.cat([user, item, user * item], dim=1))))[:, 0]
    assert torch.allclose(model.scores()[users, items], scores, atol=1e-6)
    assert torch.allclose(model.ratings(users, items), ratings, atol=1e-6)


def test_margins_of_few_pairs_equal_those_of_many():
    torch.manual_seed(0)
    model = Recommender(90, 110, WANTED)
    torch.nn.init.normal_(model.item_biases)
    users, positives, negatives = torch.randint(1, 90, (3, 400))
    few = [model.margins(*(ids[[row]] for ids in (users, positives, negatives))) for row in range(400)]
    assert torch.allclose(model.margins(users, positives, negatives), torch.cat(few), atol=1e-6)


def test_ratings_of_few_pairs_equal_those_of_many():
    torch.manual_seed(0)
    model = Recommender(90, 110, WANTED)
    users, items = torch.randint(1, 90, (2, 400))
    few = [model.ratings(users[[row]], items[[row]]) for row in range(400)]
    assert torch.allclose(model.ratings(users, items), torch.cat(few), atol=1e-6)


def test_the_ranking_loss_is_a_half_where_nothing_is_known():
    assert factorization_loss(torch.zeros(7)).item() == 0.5


def test_training_follows_the_protocol_step_by_step(tmp_path, data):
    part = data["train"]
    torch.manual_seed(1)
    stream, model = np.random.RandomState(1), Recommender(121, 151, WANTED)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    losses = []
    for _ in range(WANTED.epochs):
        order = np.arange(len(part["users"]))
        stream.shuffle(order)
        negatives = torch.from_numpy(stream.randint(0, 151, len(order)))
        users, items, stars = (torch.from_numpy(part[name][order]) for name in ("users", "items", "ratings"))
        scores = model.scores()
        ranking = (1 - torch.sigmoid(scores[users, items] - scores[users, negatives])).mean()
        loss = 0.5 * ranking + 0.5 * torch.nn.functional.mse_loss(model.ratings(users, items), stars.float())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert trained(tmp_path, data).history["joint_loss"] == pytest.approx(losses, rel=1e-5)


def test_pulls_of_three_and_four_at_a_right_angle():
    own, joint = (
        [torch.tensor([[3.0], [0.0]]), torch.tensor([0.0])],
        [torch.tensor([[3.0], [0.0]]), torch.tensor([4.0])],
    )
    assert compare_pulls(own, joint) == dict(zip(PULLS, (3, 4, 0), strict=True))
    against = [torch.tensor([[1.0], [0.0]]), torch.tensor([0.0])]  # so the other pulls by -2
    assert compare_pulls(own, against) == dict(zip(PULLS, (3, 2, -1), strict=True))


def test_a_pull_of_nothing_has_no_direction():
    nothing, own = [torch.zeros(2)], [torch.tensor([3.0, 4.0])]
    assert compare_pulls(nothing, own) == dict(zip(PULLS, (0, 5, 0), strict=True))
    assert compare_pulls(own, own) == dict(zip(PULLS, (5, 0, 0), strict=True))


def test_recorded_pulls_are_those_of_each_loss_before_the_step(tmp_path, data):
    wanted = WANTED.replace(factorization_weight=0.9, regression_weight=0.1, epochs=1)
    part = data["train"]
    torch.manual_seed(1)
    stream, model = np.random.RandomState(1), Recommender(121, 151, wanted)
    order = np.arange(len(part["users"]))
    stream.shuffle(order)
    negatives = torch.from_numpy(stream.randint(0, 151, len(order)))
    users, items, stars = (torch.from_numpy(part[name][order]) for name in ("users", "items", "ratings"))
    losses = (
        0.9 * factorization_loss(model.margins(users, items, negatives)),
        0.1 * torch.nn.functional.mse_loss(model.ratings(users, items), stars.float()),
    )
    ranking, rating = (
        torch.cat([part.flatten() for part in torch.autograd.grad(loss, [model.users, model.items])]) for loss in losses
    )
    found = trained(tmp_path, data, wanted).history
    expected = (ranking.norm(), rating.norm(), torch.cosine_similarity(ranking, rating, dim=0))
    for name, value in zip(PULLS, expected, strict=True):
        assert found[name] == pytest.approx([value.item()], rel=1e-3, abs=1e-5)


@pytest.mark.parametrize("wanted", [WANTED.replace(shared=False), MINIBATCHES.replace(epochs=1)])
def test_pulls_are_recorded_only_where_one_step_moves_embeddings_that_are_shared(tmp_path, data, wanted):
    assert not set(PULLS) & set(trained(tmp_path, data, wanted).history)


def test_it_learns_what_means_of_users_and_films_cannot(tmp_path, data):
    wanted = MINIBATCHES.replace(shared=False)
    metrics = evaluate(run(wanted), trained(tmp_path, data, wanted).weights, data).metrics
    training, test = data["train"], data["test"]
    mean = training["ratings"].mean()
    films, users = mean_offsets(training, mean)
    popular = np.broadcast_to(np.bincount(training["items"], minlength=151).astype(np.float32), (121, 151))
    seen = torch.zeros(121, 151, dtype=torch.bool)
    seen[training["users"], training["items"]] = True
    where = [torch.from_numpy(test[name]) for name in ("users", "items")]
    baseline = np.mean((mean + users[test["users"]] + films[test["items"]] - test["ratings"]) ** 2)
    assert metrics["error"] < baseline
    assert metrics["mrr"] > mean_reciprocal_rank(torch.from_numpy(popular.copy()), seen, *where).item()


def mean_offsets(part, mean):
    """Return by how much films, then users, exceed the mean; the classic baseline."""

    def offsets(ids, residuals, rows):
        return np.bincount(ids, residuals, rows) / (np.bincount(ids, minlength=rows) + 5)

    films = offsets(part["items"], part["ratings"] - mean, 151)
    return films, offsets(part["users"], part["ratings"] - mean - films[part["items"]], 121)


def test_the_same_seed_gives_the_same_weights_and_another_does_not(tmp_path, data):
    first = trained(tmp_path / "first", data)
    assert_equal(first, trained(tmp_path / "second", data))
    other = trained(tmp_path / "third", data, seed=2)
    assert not np.array_equal(first.weights["users"], other.weights["users"])


def test_training_leaves_the_global_random_streams_alone(tmp_path, data):
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    trained(tmp_path, data)
    assert torch.equal(torch.rand(3), expected)


@pytest.mark.parametrize("wanted", [WANTED, MINIBATCHES.replace(shared=False, epochs=12, patience=3)])
def test_a_resumed_job_gives_the_same_bits_as_an_uninterrupted_one(tmp_path, data, wanted):
    PROBLEM.assert_resumes(tmp_path, data, [run(wanted, seed) for seed in (1, 2)], [("single/2", 4)])


def test_patience_keeps_the_weights_of_the_best_epoch(tmp_path, data):
    outcome = trained(tmp_path, data, MINIBATCHES)
    losses, best = outcome.history["eval_joint_loss"], int(outcome.metrics["epochs"])
    assert best == np.argmin(losses) + 1 < len(losses) <= MINIBATCHES.epochs
    assert outcome.metrics["joint_loss"] == losses.min()
    as_test = {**data, "test": data["validation"]}
    again = evaluate(run(MINIBATCHES), outcome.weights, as_test).metrics
    assert again == {name: outcome.metrics[name] for name in ("error", "mrr")}


def test_a_loss_that_is_not_a_number_stops_the_run_at_once(tmp_path, data):
    with pytest.raises(ReproseError, match="run single/1, epoch 1: .* is nan, expected .* learning_rate 1e.30"):
        trained(tmp_path, data, WANTED.replace(learning_rate=1e30))


@pytest.mark.parametrize(("name", "value"), [("rank", 0), ("epochs", 0), ("learning_rate", 0.0), ("patience", -1)])
def test_an_impossible_hyperparameter_is_an_error(name, value):
    with pytest.raises(ReproseError, match=f"{name} is {value}, expected "):
        WANTED.replace(**{name: value})


def results(seeds=(1, 2)):
    """Return results with curves that are easy to check: 1, 2, 3, plus a tenth of the seed."""
    history = {metric: np.array([1.0, 2.0, 3.0]) for metric in CURVES}
    pulls = dict(zip(PULLS, np.array([[1.0, 1, 1, 2], [8, 2, 1, 1], [0.5, 0, -0.1, -0.3]]), strict=True))
    counts = {"training_ratings": 9, "held_out_ratings": 2, "users": 3, "items": 4, "parameters": 99}
    metrics = {seed: {"error": 0.9, "mrr": 0.05 + seed / 100, "epochs": 7.0, **counts} for seed in seeds}
    variants = {}
    for prefix in ("", "converged_"):
        for name in DOCUMENT:
            values = dict(WANTED.replace(shared="shared" in name, epochs=4))
            curves = {f"single/{seed}": {k: v + seed / 10 for k, v in history.items()} | pulls for seed in seeds}
            tested = metrics if prefix else {}
            variants[prefix + name] = VariantResults([], "single", values, metrics, curves, tested, {})
    return Results("multitask", "sample", variants)


def test_the_summary_reads_the_last_epoch_raw_and_smoothed():
    numbers = {number.key: number for number in summarize(results())}
    raw, smoothed = (numbers[f"shared_ranking.eval_mrr.{reading}"] for reading in ("raw", "smoothed"))
    assert raw.samples == pytest.approx({1: 3.1, 2: 3.2})
    assert smoothed.samples[1] == pytest.approx(0.1 + (0.36 * 1 + 0.6 * 2 + 3) / 1.96)
    assert (raw.better, raw.source) == ("higher", "multitask/shared_ranking/choose")
    assert numbers["converged_shared_ranking.test_error"].source == "multitask/converged_shared_ranking/evaluate"


def test_the_summary_says_how_hard_the_ratings_pull_and_for_how_long():
    numbers = {number.key: number.value for number in summarize(results())}
    pulls = {key: value for key, value in numbers.items() if key.startswith("shared_balanced.gradient")}
    assert {key.removeprefix("shared_balanced.gradient_"): value for key, value in pulls.items()} == {
        **{"ratio.first": 8, "ratio.quarter": 2, "ratio.half": 1, "ratio.last": 0.5},
        **{"cosine.early": 0.5, "cosine.late": -0.3, "leads": 2},
    }
    assert not any(key.startswith("separate_balanced.gradient") for key in numbers)
    assert numbers["shared_balanced.loss_ratio.last"] == 1  # equal weights, and both curves end alike


def test_the_summary_counts_the_epochs_in_which_a_curve_rises_or_lies_above_another():
    found = results()
    falls = {f"single/{seed}": np.array([5.0, 2.5, 2.0]) for seed in (1, 2)}
    for run_name, curve in falls.items():
        found.variants["shared_balanced"].histories[run_name]["regression_error"] = curve
        found.variants["separate_ranking"].histories[run_name]["factorization_loss"] = curve
    numbers = {number.key: number for number in summarize(found)}
    rises = [numbers[f"{name}.regression_error.rises"].samples for name in ("shared_ranking", "shared_balanced")]
    assert rises == [{1: 2, 2: 2}, {1: 0, 2: 0}]
    assert numbers["shared_ranking.regression_error.above_shared_balanced"].samples == {1: 1, 2: 1}
    assert numbers["shared_ranking.factorization_loss.below_separate_ranking"].samples == {1: 2, 2: 2}


def test_no_two_numbers_have_one_key():
    keys = [number.key for number in summarize(results())]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("seeds", [(1, 2), (1,)])
def test_there_is_a_figure_for_each_question_and_one_beyond(seeds):
    figures = draw(results(seeds))
    assert sorted(figures) == ["converged", "curves_a", "curves_b", "curves_c", "gradients"]
    assert all(figure.get_figwidth() == 4.6 for figure in figures.values())
    for figure in figures.values():
        figure.canvas.draw()


def test_a_missing_variant_is_an_error_that_names_config():
    found = results()
    del found.variants["separate_balanced"]
    with pytest.raises(ReproseError, match="config.yaml: problems.multitask.variants: 'separate_balanced' is missing"):
        summarize(found)
