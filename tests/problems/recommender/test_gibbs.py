"""The draws of the Gibbs sampler against the distributions that they come from."""

import numpy as np
import pytest
import torch

from recommender_cases import few
from scripts.problems.recommender.gibbs import draw_precision, draw_prior, draw_rows, draw_wishart


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
