"""The attack of A4 (e): against a gradient by hand, its limits, and what it does to a trained network."""

from pathlib import Path

import numpy as np
import pytest
import torch

from problem_runs import Problem, session
from reprose.base.errors import ReproseError
from reprose.training.contract import Results, VariantResults
from scripts.datasets import cifar10
from scripts.models.tutorial import TutorialNetwork
from scripts.problems.fgsm.attack import attack, gradient_sign, moved
from scripts.problems.fgsm.evaluate import evaluate, right_under
from scripts.problems.fgsm.figures import draw
from scripts.problems.fgsm.hyperparameters import Hyperparameters
from scripts.problems.fgsm.network import network_of, weights_of_seed
from scripts.problems.fgsm.summary import summarize
from scripts.problems.fgsm.train import choose, scores, train

WANTED = Hyperparameters(
    epsilon=4.0,
    images=4,
    strongest=32.0,
    halvings=3,
    filters=6,
    kernel=5,
    filters_2=8,
    kernel_2=3,
    features_1=16,
    features_2=12,
)
PROBLEM = Problem(train, WANTED)
run = PROBLEM.run


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cifar10")
    cifar10.make_sample(folder, seed=3, size=100)
    return cifar10.tuning_split(cifar10.read(folder), seed=1, held_out=0.1)


@pytest.fixture(scope="module")
def network(data):
    """Return a network that has learned the sample a little: enough to be right, and to be fooled."""
    torch.manual_seed(1)
    network = TutorialNetwork((6, 8), (5, 3), (16, 12))
    pixels, labels = (torch.from_numpy(data["train"][name]) for name in ("images", "labels"))
    network.standardize.fit(pixels)
    optimizer = torch.optim.Adam(network.parameters(), lr=0.005)
    for _ in range(12):
        for rows in torch.randperm(len(labels)).split(25):
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(network(pixels[rows]), labels[rows]).backward()
            optimizer.step()
    return network.requires_grad_(False).eval()


@pytest.fixture(scope="module")
def used(network):
    return {
        "network": {
            f"{seed}|{name}": weight.numpy() for name, weight in network.state_dict().items() for seed in (1, 2)
        }
    }


def attacked(data, used, values=WANTED, seed=1):
    return PROBLEM.train([run(values, seed)], data, session(Path("unused")), used)[f"single/{seed}"]


def test_the_sign_is_that_of_the_gradient_by_hand_for_a_linear_network():
    torch.manual_seed(2)
    linear = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(3 * 4 * 4, 10))
    pixels, labels = torch.rand(5, 3, 4, 4) * 255, torch.tensor([0, 3, 3, 9, 5])
    chance = linear(pixels).softmax(dim=1)
    by_hand = (chance - torch.eye(10)[labels]) @ linear[1].weight  # of cross-entropy, for scores W x + b
    assert torch.equal(gradient_sign(linear, pixels, labels), by_hand.reshape(pixels.shape).sign())
    expected = (pixels + 3 * by_hand.reshape(pixels.shape).sign()).clamp(0, 255)
    assert torch.equal(attack(linear, pixels, labels, 3.0), expected)


def test_an_attacked_image_is_an_image_and_differs_by_epsilon_at_most(network, data):
    pixels, labels = torch.from_numpy(data["test"]["images"]), torch.from_numpy(data["test"]["labels"])
    found = attack(network, pixels, labels, 3.0)
    assert found.min() >= 0 and found.max() <= 255
    assert set((found - pixels.float()).unique().tolist()) <= {float(step) for step in range(-3, 4)}
    assert torch.equal(moved(pixels, torch.zeros(1), 5.0), pixels.float())


def test_a_pixel_without_gradient_stays_as_it_is():
    dead = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(48, 10))
    torch.nn.init.zeros_(dead[1].weight)
    assert not gradient_sign(dead, torch.rand(2, 3, 4, 4), torch.tensor([1, 2])).any()


def test_the_attack_costs_more_accuracy_than_noise_of_the_same_size(network, data):
    accuracies = right_under(network, data["test"], [0.0, 8.0, 32.0], seed=1).mean(axis=0)
    assert accuracies[0, 0] == accuracies[0, 1] > 0.4
    assert accuracies[1, 0] < accuracies[0, 0] and accuracies[2, 0] < accuracies[2, 1] - 0.1


def test_the_first_images_of_different_classes_that_are_right_are_chosen(network, data):
    rows = choose(network, data["train"], 4)
    labels = data["train"]["labels"]
    predicted = network(torch.from_numpy(data["train"]["images"])).argmax(dim=1).numpy()
    right = np.flatnonzero(predicted == labels)
    assert rows[0] == right[0] and np.all(predicted[rows] == labels[rows])
    assert len(set(labels[rows].tolist())) == 4
    assert all(row in rows or labels[row] in labels[rows] for row in right[right < rows.max()])


def test_training_gives_the_attacked_images_with_their_scores(network, data, used):
    outcome = attacked(data, used, WANTED.replace(epsilon=32.0))
    pictures = {name.removeprefix("picture/"): array for name, array in outcome.weights.items() if "picture" in name}
    assert pictures["originals"].shape == pictures["attacked"].shape == (4, 3, 32, 32)
    assert np.array_equal(pictures["before"].argmax(axis=1), pictures["labels"])
    again = scores(network, torch.from_numpy(pictures["attacked"])).numpy()
    assert pictures["after"] == pytest.approx(again, abs=1e-5)
    assert outcome.metrics["fooled"] == np.sum(pictures["after"].argmax(axis=1) != pictures["labels"]) >= 1


def test_evaluation_measures_the_network_that_training_attacked(network, data, used):
    outcome = attacked(data, used)
    found = evaluate(run(), outcome.weights, data)
    assert found.artifacts["epsilons"].tolist() == [0, 4, 8, 16, 32]
    predicted = network(torch.from_numpy(data["test"]["images"])).argmax(dim=1).numpy()
    assert found.metrics["accuracy_0"] == found.metrics["noise_0"] == np.mean(predicted == data["test"]["labels"])
    assert found.artifacts["originals"].shape == (4, 3, 32, 32)


def test_the_same_attack_gives_the_same_bits(data, used):
    first, second = (attacked(data, used) for _ in range(2))
    assert all(np.array_equal(first.weights[name], second.weights[name]) for name in first.weights)


def test_a_seed_without_a_network_is_an_error(used):
    with pytest.raises(ReproseError, match="seed 3: the network was not trained with it. Found: seeds 1, 2"):
        weights_of_seed(used["network"], 3)


def test_a_network_that_is_right_about_too_few_classes_is_an_error(network, data):
    blind = network_of(WANTED, {name: weight.numpy() for name, weight in network.state_dict().items()})
    torch.nn.init.zeros_(blind.fc3.weight)
    with pytest.raises(ReproseError, match="training images of 1 classes rightly, expected at least 4"):
        choose(blind, data["train"], 4)


def test_the_summary_and_the_figures_show_the_first_seed(data, used):
    made = {seed: attacked(data, used, WANTED.replace(epsilon=32.0), seed) for seed in (1, 2)}
    tested = {seed: evaluate(run(), outcome.weights, data) for seed, outcome in made.items()}
    metrics = {seed: outcome.metrics for seed, outcome in made.items()}
    trial = {"trial": "single", "values": dict(WANTED), "metrics": metrics, "mean": 1.0, "chosen": True}
    test = {seed: found.metrics for seed, found in tested.items()}
    artifacts = {seed: found.artifacts for seed, found in tested.items()}
    variant = VariantResults([trial], "single", dict(WANTED), metrics, {}, test, artifacts)
    results = Results("fgsm", "sample", {"attack": variant})
    numbers = {number.key: number for number in summarize(results)}
    assert numbers["fooled.shown"].value == metrics[1]["fooled"] == numbers["trial_1.fooled"].samples[1]
    assert numbers["picture_1.label"].value in cifar10.KINDS
    assert numbers["level_4.epsilon"].value == 32 and numbers["level_4.accuracy"].n == 2
    for figure in draw(results).values():
        assert figure.get_figwidth() == 4.6
        figure.canvas.draw()


@pytest.mark.parametrize(("name", "value"), [("epsilon", 0.0), ("strongest", 256.0), ("images", 11), ("halvings", -1)])
def test_an_impossible_hyperparameter_is_an_error(name, value):
    with pytest.raises(ReproseError, match=f"{name} is {value!r}, expected "):
        WANTED.replace(**{name: value})
