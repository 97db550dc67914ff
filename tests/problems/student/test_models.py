"""The models of the student problem, each against a reference of its own."""

import numpy as np
import pytest
import torch
from scipy.special import expit

from problem_runs import assert_equal, session
from scripts.problems.student import plain, rasch, traits
from scripts.problems.student.answers import to_answers
from scripts.problems.student.autoencoder import plan
from student_cases import PROBLEM, WANTED, run, trained


def reference(data, wanted, seed):
    """Train one network as the handout shows it; return what each epoch gave, and the weights."""
    training, held_out = to_answers(data["train"], "cpu"), to_answers(data["validation"], "cpu")
    torch.manual_seed(seed)
    network = plain.Autoencoder(60, wanted.hidden)
    inputs, answered = torch.zeros(90, 60), torch.zeros(90, 60, dtype=torch.bool)
    inputs[training.students, training.questions] = training.correct
    answered[training.students, training.questions] = True
    optimizer = torch.optim.SGD(network.parameters(), lr=wanted.learning_rate)
    costs, accuracies = [], []
    for _ in range(wanted.epochs):
        costs.append(plain.train_epoch(network, optimizer, inputs, answered, wanted.penalty))
        with torch.no_grad():
            output = network(inputs)[held_out.students, held_out.questions]
        accuracies.append(np.mean((output.numpy() >= 0.5) == (held_out.correct.numpy() == 1)))
    encoder, decoder = (layer.weight.detach().numpy() for layer in (network.encoder, network.decoder))
    return costs, accuracies, encoder.T, decoder


def test_stacked_replicas_equal_networks_that_are_trained_alone(tmp_path, data):
    settings = {
        "plain": WANTED,
        "fast": WANTED.replace(learning_rate=0.3),
        "shrunk": WANTED.replace(penalty=0.05),
        "shrunk_hard": WANTED.replace(penalty=1.0, learning_rate=0.3),
        "wide": WANTED.replace(hidden=11),
    }
    runs = [run(wanted, seed, trial) for trial, wanted in settings.items() for seed in (1, 2)]
    made = PROBLEM.train(runs, data, session(tmp_path))
    for each in runs:
        costs, accuracies, encoder, decoder = reference(data, settings[each.trial], each.seed)
        found = made[each.name]
        assert found.history["cost"] == pytest.approx(costs, rel=1e-5)
        assert found.history["eval_accuracy"] == pytest.approx(accuracies, abs=1e-9)
        assert found.weights["encoder"] == pytest.approx(encoder, abs=1e-5)
        assert found.weights["decoder"] == pytest.approx(decoder, abs=1e-5)
        assert found.metrics["squared_weights"] == pytest.approx((encoder**2).sum() + (decoder**2).sum(), rel=1e-4)


def test_fewer_epochs_are_the_same_training_cut_short(tmp_path, data):
    runs = [run(WANTED.replace(epochs=epochs), trial=str(epochs)) for epochs in (1, 3, 4)]
    made = PROBLEM.train(runs, data, session(tmp_path / "shared"))
    for each in runs:
        assert_equal(made[each.name], trained(tmp_path / each.trial, data, WANTED.replace(epochs=int(each.trial))))


def test_stacks_are_of_one_width_and_hold_every_run_once():
    runs = [
        run(WANTED.replace(hidden=hidden, epochs=epochs), seed, f"{hidden} {epochs}")
        for hidden in (10, 500)
        for epochs in (2, 5)
        for seed in range(11)
    ]
    stacks = plan(runs)
    planned = [each.name for stack in stacks for replica in stack for each in replica.runs]
    assert sorted(planned) == sorted(each.name for each in runs)
    assert [[replica.wanted.hidden for replica in stack] for stack in stacks] == [[10] * 11, [500] * 9, [500] * 2]
    assert {replica.wanted.epochs for stack in stacks for replica in stack} == {5}


def test_rasch_finds_the_optimum_of_its_likelihood(data):
    training = to_answers(data["train"], "cpu")
    weights = rasch.fit(training, 0.3)
    ability, difficulty = weights["ability"].numpy(), weights["difficulty"].numpy()
    students, questions, correct = (data["train"][name] for name in ("students", "questions", "correct"))
    surprise = correct - expit(ability[students] - difficulty[questions])
    assert np.bincount(students, surprise) == pytest.approx(0.3 * ability, abs=0.02)
    assert np.bincount(questions, -surprise) == pytest.approx(0.3 * difficulty, abs=0.02)


def test_truncated_draws_have_the_signs_and_the_mean_of_their_law():
    means, correct = torch.tensor([1.5, -2.0, 0.3]), torch.tensor([1.0, 1.0, 0.0])
    generator = torch.Generator().manual_seed(0)
    draws = torch.stack([traits._latent(means.double(), correct, generator) for _ in range(20_000)])
    assert ((draws > 0) == (correct == 1)).all()
    normal = torch.distributions.Normal(0, 1)
    sign = 2 * correct - 1
    expected = means + sign * torch.exp(normal.log_prob(means)) / normal.cdf(sign * means)
    assert draws.mean(dim=0).numpy() == pytest.approx(expected.numpy(), abs=0.02)


def test_a_drawn_vector_is_the_posterior_of_a_linear_regression():
    generator = torch.Generator().manual_seed(0)
    features = torch.randn(30, 2, dtype=torch.float64, generator=generator)
    residual, index = features @ torch.tensor([1.0, -2.0]).double(), torch.zeros(30, dtype=torch.int64)
    mean, precision = torch.tensor([0.5, 0.0]).double(), torch.tensor([[2.0, 0.7], [0.7, 3.0]]).double()
    prior = (mean, precision)
    draws = torch.cat([traits._draw(features, residual, index, prior, 1, generator) for _ in range(5000)])
    matrix = (features.T @ features + precision).numpy()
    centre = np.linalg.solve(matrix, (features.T @ residual + precision @ mean).numpy())
    assert draws.mean(dim=0).numpy() == pytest.approx(centre, abs=0.02)
    assert np.cov(draws.numpy().T) == pytest.approx(np.linalg.inv(matrix), abs=0.005)


def test_a_drawn_precision_has_the_mean_and_the_variance_of_a_wishart_law():
    generator, scale = torch.Generator().manual_seed(0), torch.tensor([[2.0, 0.6], [0.6, 0.5]]).double()
    draws = torch.stack([traits._wishart(scale, 7, generator) for _ in range(20_000)])
    assert draws.mean(dim=0).numpy() == pytest.approx(7 * scale.numpy(), rel=0.02)
    variance = 7 * (scale.square() + torch.outer(scale.diag(), scale.diag()))
    assert draws.var(dim=0).numpy() == pytest.approx(variance.numpy(), rel=0.05)


def test_a_drawn_prior_is_the_posterior_of_the_law_that_its_vectors_come_from():
    generator = torch.Generator().manual_seed(0)
    vectors = torch.tensor([[1.0, 2.0], [3.0, 2.0], [2.0, 5.0]]).double()
    drawn = [traits._draw_prior(vectors, generator) for _ in range(20_000)]
    means, precisions = (torch.stack(part) for part in zip(*drawn, strict=True))
    values = vectors.numpy()  # the posterior by hand: 3 rows beside 1 row of the prior, 3 degrees and scale 1
    centre = values.sum(axis=0) / 4
    scatter = np.eye(2) + (values - values.mean(axis=0)).T @ (values - values.mean(axis=0))
    scatter += 3 / 4 * np.outer(values.mean(axis=0), values.mean(axis=0))
    assert precisions.mean(dim=0).numpy() == pytest.approx(6 * np.linalg.inv(scatter), rel=0.03)
    assert means.mean(dim=0).numpy() == pytest.approx(centre, abs=0.02)
    assert np.cov(means.numpy().T) == pytest.approx(scatter / (4 * (6 - 2 - 1)), rel=0.1)
