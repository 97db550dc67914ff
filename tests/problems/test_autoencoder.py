"""The autoencoders and the principal component analysis on made-up digits."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from problem_runs import Problem, assert_equal
from reprose.base.errors import ReproseError
from reprose.training.contract import Results, VariantResults
from scripts.datasets import mnist
from scripts.problems.autoencoder.comparisons import MODELS, SEARCHED, TRAINED, WIDTHS
from scripts.problems.autoencoder.diagnosis import best_decoder_error, dead_units
from scripts.problems.autoencoder.evaluate import evaluate, first_of_each
from scripts.problems.autoencoder.figures import draw
from scripts.problems.autoencoder.hyperparameters import Hyperparameters
from scripts.problems.autoencoder.networks import layers, new_network, set_gradients
from scripts.problems.autoencoder.principal import moments, principal_components
from scripts.problems.autoencoder.reconstruct import reconstruction_error
from scripts.problems.autoencoder.summary import summarize
from scripts.problems.autoencoder.train import Fit, train

WANTED = Hyperparameters(model="linear", hidden=8, learning_rate=0.01, epochs=3, warmup=1, batch_size=32, bias=0.0)
RELU = WANTED.replace(model="relu", hidden=16, learning_rate=0.003, bias=0.1)
PCA = WANTED.replace(model="pca")
PROBLEM = Problem(train, WANTED)
run, trained = PROBLEM.run, PROBLEM.trained


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mnist")
    mnist.make_sample(folder, seed=5, train=300, test=50)
    return mnist.whole_split(mnist.read(folder), validation=60)


@pytest.fixture(scope="module")
def images(data):
    return data["train"]["images"].reshape(300, -1)


def test_pca_leaves_the_variance_that_the_singular_values_say(images):
    pixels = images / 255
    values = np.linalg.svd(pixels - pixels.mean(axis=0), compute_uv=False)
    for hidden in (1, 8, 40):
        error = reconstruction_error(principal_components(images, hidden), images, "pca")
        assert error == pytest.approx((values[hidden:] ** 2).sum() / images.size, rel=1e-5)


def test_pca_projects_as_the_singular_vectors_do(images):
    pixels = images / 255
    _, _, directions = np.linalg.svd(pixels - pixels.mean(axis=0), full_matrices=False)
    weights = principal_components(images, 8)
    assert weights["decoder"] @ weights["encoder"] == pytest.approx(directions[:8].T @ directions[:8], abs=1e-5)
    assert weights["decoder_bias"] == pytest.approx(pixels.mean(axis=0), abs=1e-6)


def test_pca_does_not_depend_on_the_order_of_the_images(images):
    shuffled = images[np.random.default_rng(0).permutation(len(images))]
    one, other = principal_components(images, 8), principal_components(shuffled, 8)
    assert all(np.array_equal(one[name], other[name]) for name in one)


def test_moments_are_those_of_numpy(images):
    mean, covariance = moments(images)
    assert mean == pytest.approx(images.mean(axis=0) / 255)
    assert covariance == pytest.approx(np.cov(images.T / 255, bias=True), abs=1e-12)


def test_the_linear_network_comes_close_to_pca_and_never_below(tmp_path, data, images):
    bound = reconstruction_error(principal_components(images, 8), images, "pca")
    wanted = WANTED.replace(epochs=80)
    for seed in (1, 2):
        outcome = trained(tmp_path / str(seed), data, wanted, seed)
        error = reconstruction_error(outcome.weights, images, "linear")
        refitted = best_decoder_error(outcome.weights, images, "linear")
        assert bound < refitted < error < 1.1 * bound


def test_the_best_decoder_is_that_of_least_squares(tmp_path, data, images):
    pixels = images / 255
    for wanted in (WANTED, RELU):
        weights = trained(tmp_path / wanted.model, data, wanted).weights
        codes = pixels @ weights["encoder"].T + weights["encoder_bias"]
        codes = np.maximum(codes, 0) if wanted.model == "relu" else codes
        design = np.concatenate([codes, np.ones((300, 1))], axis=1)
        missed = pixels - design @ np.linalg.lstsq(design, pixels, rcond=None)[0]
        found = best_decoder_error(weights, images, wanted.model)
        assert found == pytest.approx(np.square(missed).mean(), rel=1e-5)


def test_a_step_is_adam_on_the_mean_squared_error(tmp_path, data, images):
    wanted = RELU.replace(epochs=1, warmup=0, batch_size=300, bias=0.0)
    weights = trained(tmp_path, data, wanted).weights
    with torch.random.fork_rng():
        torch.manual_seed(1)
        network = new_network(wanted, 784)
    pixels = torch.from_numpy(images).float() / 255
    functional.mse_loss(network(pixels), pixels).backward()
    torch.optim.Adam(network.parameters(), lr=wanted.learning_rate / 2 * (1 + np.cos(np.pi / 2))).step()
    encoder, decoder = layers(network)
    assert weights["encoder"] == pytest.approx(encoder.weight.detach().numpy(), abs=1e-5)
    assert weights["decoder_bias"] == pytest.approx(decoder.bias.detach().numpy(), abs=1e-5)


@pytest.mark.parametrize("wanted", [WANTED, RELU])
def test_gradients_are_those_of_autograd(wanted, images):
    network, pixels = _seeded(wanted), torch.from_numpy(images).float() / 255
    expected = functional.mse_loss(network(pixels), pixels)
    slopes = torch.autograd.grad(expected, list(network.parameters()))
    assert set_gradients(network, pixels).item() == expected.item()
    for weight, slope in zip(network.parameters(), slopes, strict=True):
        assert torch.allclose(weight.grad, slope, rtol=1e-5, atol=1e-9)


def test_the_learning_rate_rises_in_a_line_and_falls_to_almost_nothing():
    wanted = WANTED.replace(epochs=4, warmup=1)
    blank = np.zeros((320, 784), dtype=np.uint8)
    fit = Fit(run(wanted), {"train": blank, "validation": blank}, "cpu")
    shares = [fit.rate(step) / wanted.learning_rate for step in range(1, 41)]
    assert shares[:10] == pytest.approx(np.arange(1, 11) / 10)
    assert max(shares) == 1
    assert all(np.diff(shares[9:]) < 0)
    assert 0 < shares[-1] < 0.01


def test_dead_units_by_hand():
    images = np.array([[255, 0, 51], [0, 0, 102]], dtype=np.uint8)
    weights = {
        "encoder": np.array([[1.0, 0, 0], [-1, 0, -1]], dtype=np.float32),
        "encoder_bias": np.zeros(2, dtype=np.float32),
        "decoder": np.array([[1.0, 0], [-1, 0], [-1, 1]], dtype=np.float32),
        "decoder_bias": np.zeros(3, dtype=np.float32),
    }
    dead = dead_units(weights, images)
    assert dead["codes"].tolist() == [False, True]
    assert dead["outputs"].tolist() == [False, False, True]  # the second pixel never has ink
    assert dead["error"] == pytest.approx([0, 0, (0.2**2 + 0.4**2) / 6])


def test_the_bias_asked_for_leaves_all_other_initial_weights_alone():
    plain, awake = (layers(_seeded(RELU.replace(bias=bias))) for bias in (0.0, 0.1))
    assert torch.equal(plain[0].weight, awake[0].weight)
    assert torch.equal(plain[1].weight, awake[1].weight)
    assert awake[1].bias.unique().tolist() == pytest.approx([0.1])
    assert len(plain[1].bias.unique()) > 700


def _seeded(wanted):
    with torch.random.fork_rng():
        torch.manual_seed(1)
        return new_network(wanted, 784)


@pytest.mark.parametrize("wanted", [WANTED, RELU, PCA])
def test_every_model_learns_what_the_mean_image_cannot(tmp_path, data, wanted):
    metrics = evaluate(run(wanted), trained(tmp_path, data, wanted.replace(epochs=60)).weights, data).metrics
    test = data["test"]["images"] / 255
    assert metrics["error"] < 0.8 * np.square(test - data["train"]["images"].mean(axis=0) / 255).mean()


@pytest.mark.parametrize("wanted", [WANTED, RELU, PCA])
def test_evaluation_measures_as_validation_did(tmp_path, data, wanted):
    outcome = trained(tmp_path, data, wanted)
    found = evaluate(run(wanted), outcome.weights, {**data, "test": data["validation"]})
    assert found.metrics["error"] == outcome.metrics["error"]
    if wanted.model != "pca":
        assert found.metrics["error"] == pytest.approx(outcome.history["eval_error"][-1], rel=1e-5)
    assert found.artifacts["originals"].shape == found.artifacts["reconstructions"].shape == (10, 784)


def test_the_first_image_of_every_digit_is_shown():
    assert first_of_each(np.array([3, 1, 3, 0, 1])).tolist() == [3, 1, 0]


@pytest.mark.parametrize("wanted", [WANTED, RELU])
def test_the_same_seed_gives_the_same_weights_and_another_does_not(tmp_path, data, wanted):
    first = trained(tmp_path / "first", data, wanted)
    assert_equal(first, trained(tmp_path / "second", data, wanted))
    other = trained(tmp_path / "third", data, wanted, seed=2)
    assert not any(np.array_equal(first.weights[name], other.weights[name]) for name in first.weights)


def test_training_leaves_the_global_random_stream_alone(tmp_path, data):
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    trained(tmp_path, data)
    assert torch.equal(torch.rand(3), expected)


def test_a_resumed_job_gives_the_same_bits_as_an_uninterrupted_one(tmp_path, data):
    runs = [run(wanted, seed, wanted.model) for wanted, seed in ((WANTED, 1), (WANTED, 2), (RELU, 1), (PCA, 1))]
    PROBLEM.assert_resumes(tmp_path, data, runs, (("linear/2", 3), ("relu/1", 2)))


def test_a_loss_that_is_not_a_number_stops_the_run_at_once(tmp_path, data, monkeypatch):
    monkeypatch.setattr("scripts.problems.autoencoder.train.to_pixels", lambda images: images / 0)
    with pytest.raises(ReproseError, match="run single/1, epoch 1: the metric 'loss' is nan, expected a finite number"):
        trained(tmp_path, data)


@pytest.mark.parametrize(
    ("name", "value"),
    [("model", "forest"), ("hidden", 0), ("epochs", 0), ("learning_rate", 0.0), ("warmup", 3), ("bias", -0.1)],
)
def test_an_impossible_hyperparameter_is_an_error(name, value):
    with pytest.raises(ReproseError, match=f"{name} is {value!r}, expected "):
        WANTED.replace(**{name: value})


def results(seeds=(1, 2)):
    """Return results whose errors are easy to check: the model's place times 0.001, plus h and the seed."""

    def variant(model, hidden):
        values = dict(WANTED.replace(hidden=hidden, model="relu" if model == "awake" else model))
        own = (1,) if model == "pca" else seeds
        base = 0.001 * (1 + MODELS[::-1].index(model)) + 0.1 / hidden
        images = np.zeros((10, 784), dtype=np.float32)
        common = {"refit_error": base, "train_images": 9, "test_images": 4}
        common |= {"dead_codes": 1, "dead_outputs": 2, "dead_error": 0.1 * base, "inked_pixels": 700}
        test = {seed: {"error": base + seed / 1e4, "train_error": base + seed / 1e5, **common} for seed in own}
        shown = {"originals": images, "reconstructions": images, "dead_error": images[0]}
        history = {f"single/{seed}": {"loss": 0.1 / np.arange(1, 4) + seed / 1e4} for seed in own}
        metrics = {seed: {"error": base, "training_images": 9, "validation_images": 3} for seed in own}
        return VariantResults([], "single", values, metrics, history, test, dict.fromkeys(own, shown))

    variants = {f"{model}_{hidden}": variant(model, hidden) for model in MODELS for hidden in WIDTHS}
    for model in SEARCHED:
        for hidden in WIDTHS:
            search = variants[f"{model}_{hidden}_search"] = variant(model, hidden)
            for rate in (0.01, 0.001):
                tried = {101: {"error": rate * hidden}}
                search.trials.append({"values": {"learning_rate": rate}, "metrics": tried, "chosen": rate < 0.005})
    return Results("autoencoder", "sample", variants)


def test_the_summary_gives_every_error_with_its_origin():
    numbers = {number.key: number for number in summarize(results())}
    for model in TRAINED:
        for hidden in WIDTHS:
            assert numbers[f"{model}_{hidden}.test_error"].source == f"autoencoder/{model}_{hidden}/evaluate"
    assert numbers["linear_64.train_error"].samples.keys() == {1, 2}
    assert numbers["pca_64.train_error"].n == 0
    assert [numbers[f"search.rate_{place}"].value for place in (1, 2)] == [0.001, 0.01]
    assert numbers["search.relu_64.rate_2.error"].value == pytest.approx(0.64)
    assert (numbers["search.relu_64.rate_1.chosen"].value, numbers["search.relu_64.rate_2.chosen"].value) == (1, 0)


def test_the_excess_is_in_per_cent_of_the_bound():
    numbers = {number.key: number for number in summarize(results())}
    bound = numbers["pca_32.train_error"].value
    error = numbers["linear_32.train_error"].samples[2]
    assert numbers["linear_32.train_excess"].samples[2] == pytest.approx(100 * (error - bound) / bound)
    error = numbers["awake_128.test_error"].samples[1]
    assert numbers["awake_128.test_excess"].samples[1] == pytest.approx(
        100 * (error / numbers["pca_128.test_error"].value - 1)
    )


def test_no_two_numbers_have_one_key():
    keys = [number.key for number in summarize(results())]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("seeds", [(1, 2), (1,)])
def test_there_are_ten_digits_one_digit_by_every_model_and_the_losses(seeds):
    figures = draw(results(seeds))
    assert sorted(figures) == ["digit", "digits", "loss"]
    for figure in figures.values():
        assert figure.get_figwidth() == 4.6


def test_a_missing_variant_is_an_error_that_names_config():
    found = results()
    del found.variants["pca_64"]
    with pytest.raises(ReproseError, match="config.yaml: problems.autoencoder.variants: 'pca_64' is missing"):
        summarize(found)
