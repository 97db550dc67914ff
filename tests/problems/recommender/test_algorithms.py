"""The algorithms of the recommender, each against an oracle of its own."""

import numpy as np
import pytest
import torch

from recommender_cases import GOOD, WANTED, descended, few, fit
from scripts.problems.recommender import ratings
from scripts.problems.recommender.alternating import alternate, solve, start
from scripts.problems.recommender.closed import film_means, truncated_svd
from scripts.problems.recommender.predict import errors
from scripts.problems.recommender.ratings import Ratings


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


@pytest.mark.parametrize("piece", [1, 60, ratings.PIECE])
def test_pieces_hold_every_rating_once(monkeypatch, piece):
    monkeypatch.setattr(ratings, "PIECE", piece)
    lists = few().by_film
    pieces = list(lists.pieces(rank=3))
    assert np.array_equal(np.concatenate([one.rows for one in pieces]), np.concatenate([b.rows for b in lists.buckets]))
    assert sorted(np.concatenate([one.places[one.others < 30] for one in pieces])) == list(range(400))


@pytest.mark.parametrize("piece", [1, 60, ratings.PIECE])
def test_batched_solves_agree_with_a_dense_ridge_solve_of_every_row(monkeypatch, piece):
    monkeypatch.setattr(ratings, "PIECE", piece)
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
    wanted = WANTED.replace(algorithm="sgd", sweeps=1, burn_in=0, decay=1.0)
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
    settings = [GOOD["sgd"].replace(regularization=value, sweeps=8) for value in (0.5, 2.0, 8.0)]
    for wanted, together in zip(settings, descended(settings, part), strict=True):
        assert np.allclose(together["films"], fit(wanted, part)["films"], atol=1e-5)
