"""Transfer learning on made-up images and weights: what trains and what stays, resuming, evaluation, numbers."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from problem_runs import Problem, assert_equal
from reprose.base.errors import ReproseError
from reprose.training import timing
from reprose.training.contract import Results, VariantResults
from scripts.datasets import alexnet, cifar10
from scripts.models.alexnet import AlexNet, enlarge
from scripts.problems.transfer.estimate import Estimate
from scripts.problems.transfer.evaluate import evaluate
from scripts.problems.transfer.figures import draw
from scripts.problems.transfer.hyperparameters import Hyperparameters
from scripts.problems.transfer.images import Images, to_images
from scripts.problems.transfer.learning import predict, score, shuffled
from scripts.problems.transfer.network import fine_tunable, new_network
from scripts.problems.transfer.summary import summarize
from scripts.problems.transfer.train import train

LAST = Hyperparameters(layers="last", learning_rate=0.003, momentum=0.9, batch_size=20, epochs=3, keep_weights=True)
ALL = LAST.replace(layers="all", learning_rate=0.001)
SIZE = 64
PROBLEM = Problem(train, LAST)
run, trained = PROBLEM.run, PROBLEM.trained


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    folder = tmp_path_factory.mktemp("alexnet")
    alexnet.make_sample(folder, seed=3, width=2)
    return alexnet.read(folder)


@pytest.fixture(scope="module")
def photographs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cifar10")
    cifar10.make_sample(folder, seed=4, size=30)
    return cifar10.tuning_split(cifar10.read(folder), seed=1, held_out=0.2)


@pytest.fixture(scope="module")
def features(table, photographs):
    return alexnet.features(table, photographs, image_size=SIZE, batch_size=50)


@pytest.fixture(scope="module")
def images(table, photographs):
    return alexnet.initial_weights(table, photographs, image_size=SIZE)


@pytest.fixture
def data(features, images):
    return {"last": features, "all": images}


def new_head(features, seed):
    """Return the weights of the new layer that a run begins with."""
    layer = new_network("last", features["train"], seed, "cpu")
    return layer.weight.detach(), layer.bias.detach()


def test_training_on_features_is_training_the_last_layer_of_a_frozen_network(tmp_path, table, photographs, features):
    network = AlexNet(2, 1000).eval()
    network.load_state_dict({name: torch.from_numpy(array) for name, array in table.items()})
    for parameter in network.parameters():
        parameter.requires_grad = False
    network.classifier[6] = nn.Linear(network.classifier[6].in_features, 10)
    before = {name: weight.clone() for name, weight in network.state_dict().items()}
    weight, bias = new_head(features, seed=1)
    with torch.no_grad():
        network.classifier[6].weight.copy_(weight)
        network.classifier[6].bias.copy_(bias)
    trainable = [parameter for parameter in network.parameters() if parameter.requires_grad]
    assert len(trainable) == 2
    optimizer = torch.optim.Adam(trainable, lr=LAST.learning_rate)
    pixels = torch.from_numpy(photographs["train"]["images"])
    labels = torch.from_numpy(photographs["train"]["labels"])
    steps, taken = 6 * LAST.epochs, 0
    losses = []
    for epoch in range(1, LAST.epochs + 1):
        total = 0.0
        for rows in shuffled(to_images(features["train"], "cpu"), LAST.batch_size, 1, epoch):
            optimizer.param_groups[0]["lr"] = LAST.learning_rate * (1 - taken / steps)
            loss = F.cross_entropy(network(enlarge(pixels[rows], SIZE)), labels[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total, taken = total + loss.item() * len(rows), taken + 1
        losses.append(total / len(labels))
    found = trained(tmp_path, features)
    assert taken == steps
    assert found.history["loss"] == pytest.approx(losses, rel=2e-3)  # features are kept in 16 bits
    after = network.state_dict()
    for name in before:
        assert torch.equal(after[name], before[name]) == (not name.startswith("classifier.6")), name


def test_only_the_last_layer_of_a_network_to_be_tuned_is_new(table, images):
    torch.manual_seed(0)
    weights = fine_tunable(images["train"]).state_dict()
    for name, array in table.items():
        if not name.startswith("classifier.6"):
            assert np.array_equal(weights[name].numpy(), array)
    assert weights["classifier.6.weight"].shape == (10, 128)


def test_a_seed_gives_both_variants_the_same_new_layer(features, images):
    weight, bias = new_head(features, seed=7)
    whole = new_network("all", images["train"], 7, "cpu").state_dict()
    assert torch.equal(whole["classifier.6.weight"], weight)
    assert torch.equal(whole["classifier.6.bias"], bias)


def test_fine_tuning_changes_every_weight_and_not_the_data(tmp_path, table, images):
    given = {name: array.copy() for name, array in images["train"].items()}
    found = trained(tmp_path, images, ALL.replace(epochs=1))
    assert all(np.array_equal(images["train"][name], array) for name, array in given.items())
    assert found.weights.keys() == table.keys()
    for name, array in found.weights.items():
        if not name.startswith("classifier.6"):
            assert not np.array_equal(array, table[name]), name


def test_the_new_layer_learns_what_guessing_cannot(tmp_path, table):
    cifar10.make_sample(tmp_path, seed=4, size=100)
    photographs = cifar10.tuning_split(cifar10.read(tmp_path), seed=1, held_out=0.2)
    features = alexnet.features(table, photographs, image_size=SIZE, batch_size=50)
    found = trained(tmp_path / "run", features, LAST.replace(epochs=15))
    assert evaluate(run(), found.weights, features).metrics["accuracy"] > 0.25
    assert found.history["loss"][-1] < found.history["loss"][0]


def test_fine_tuning_lowers_the_loss(tmp_path, images):
    found = trained(tmp_path, images, ALL.replace(epochs=4))
    assert found.history["loss"][-1] < found.history["loss"][0]


@pytest.mark.parametrize("wanted", [LAST, ALL])
def test_the_same_seed_gives_the_same_weights_and_another_does_not(tmp_path, data, wanted):
    wanted = wanted.replace(epochs=1)
    first = trained(tmp_path / "first", data[wanted.layers], wanted)
    assert_equal(first, trained(tmp_path / "second", data[wanted.layers], wanted))
    other = trained(tmp_path / "third", data[wanted.layers], wanted, seed=2)
    assert not any(np.array_equal(first.weights[name], other.weights[name]) for name in first.weights)


def test_dropout_is_at_work_in_fine_tuning(tmp_path, images, monkeypatch):
    wanted = ALL.replace(epochs=1)
    noisy = trained(tmp_path / "noisy", images, wanted)
    monkeypatch.setattr(F, "dropout", lambda inputs, *_: inputs)
    assert not np.array_equal(trained(tmp_path / "plain", images, wanted).history["loss"], noisy.history["loss"])


def test_training_leaves_the_global_random_streams_alone(tmp_path, data):
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    for wanted in (LAST, ALL):
        trained(tmp_path / wanted.layers, data[wanted.layers], wanted.replace(epochs=1))
    assert torch.equal(torch.rand(3), expected)


@pytest.mark.parametrize("wanted", [LAST, ALL])
def test_a_resumed_job_gives_the_same_bits_as_an_uninterrupted_one(tmp_path, data, wanted):
    runs = [run(wanted.replace(epochs=2), seed) for seed in (1, 2)]
    PROBLEM.assert_resumes(tmp_path, data[wanted.layers], runs, [("single/2", 2)])


@pytest.mark.parametrize("wanted", [LAST, ALL])
def test_the_weights_kept_are_those_of_the_best_epoch(tmp_path, data, wanted):
    found = trained(tmp_path, data[wanted.layers], wanted.replace(epochs=3))
    best = int(found.history["eval_accuracy"].argmax())
    assert found.metrics["best_epoch"] == best + 1
    measured = evaluate(run(wanted), found.weights, {**data[wanted.layers], "test": data[wanted.layers]["validation"]})
    assert measured.metrics["accuracy"] == found.metrics["accuracy"] == found.history["eval_accuracy"][best]
    assert measured.metrics["loss"] == pytest.approx(found.metrics["loss"], rel=1e-6)


def test_a_search_stores_no_weights(tmp_path, features):
    assert trained(tmp_path, features, LAST.replace(keep_weights=False, epochs=1)).weights == {}


def test_accuracies_of_the_classes_are_those_of_their_images(tmp_path, features):
    found = trained(tmp_path, features)
    made = evaluate(run(), found.weights, features)
    counts = np.bincount(features["test"]["labels"])
    assert made.artifacts["class_accuracy"] @ counts / counts.sum() == pytest.approx(made.metrics["accuracy"])
    assert made.artifacts["names"].tolist() == features["test"]["names"].tolist()


def test_scores_by_hand():
    logits = torch.log(torch.tensor([[0.7, 0.3], [0.6, 0.4]], dtype=torch.float64))
    found = score(logits, torch.tensor([0, 1]))
    assert found == {"loss": pytest.approx(-(np.log(0.7) + np.log(0.4)) / 2), "accuracy": 0.5}


def test_predictions_do_not_depend_on_the_batches(images, monkeypatch):
    network, test = new_network("all", images["train"], 1, "cpu"), to_images(images["test"], "cpu")
    whole = predict(network, test)
    monkeypatch.setattr("scripts.problems.transfer.learning.AT_ONCE", 7)
    assert torch.allclose(predict(network, test), whole, atol=1e-6)


def test_every_image_is_in_one_batch_of_an_epoch(features):
    batches = [list(shuffled(to_images(features["train"], "cpu"), 50, 1, epoch)) for epoch in (1, 2)]
    for epoch in batches:
        assert [len(rows) for rows in epoch] == [50, 50, 20]
        assert sorted(torch.cat(epoch).tolist()) == list(range(120))
    assert not torch.equal(batches[0][0], batches[1][0])


def test_a_loss_that_is_not_a_number_stops_the_run_at_once(tmp_path, features):
    broken = {**features, "train": {**features["train"], "features": features["train"]["features"] * np.float16("nan")}}
    with pytest.raises(ReproseError, match="run single/1, epoch 1: the metric 'loss' is nan, expected a finite number"):
        trained(tmp_path, broken)


def test_a_long_training_is_announced_with_its_assumption_and_a_short_one_is_not(images, monkeypatch, capsys):
    training = to_images(images["train"], "cpu")
    held_out = Images(training.known[:30], training.labels[:30], training.size)
    Estimate(images["train"], training, held_out).tell([ALL], 0)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(timing, "measure", lambda work: 60.0)
    estimate = Estimate(images["train"], training, held_out)
    for _ in range(2):  # it is said once
        estimate.tell([ALL.replace(epochs=8)] * 2, 4)
    said = capsys.readouterr().err
    assert said.startswith("| training 2 runs, 12 epochs: about 78 min (1,560 images at 0.33 a second, measured here")
    assert "a GPU that sustains 1e+13 operations a second, which is assumed, would need 0 s" in said


@pytest.mark.parametrize(
    ("seconds", "words"), [(7.6, "8 s"), (89, "89 s"), (91, "2 min"), (5390, "1 h 30 min"), (36000, "10 h 0 min")]
)
def test_durations_in_words(seconds, words):
    assert timing.duration(seconds) == words


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("layers", "first"),
        ("learning_rate", 0.0),
        ("momentum", 1.0),
        ("batch_size", 0),
        ("epochs", 0),
        ("epochs", 1000),
    ],
)
def test_an_impossible_hyperparameter_is_an_error(name, value):
    with pytest.raises(ReproseError, match=f"{name} is {value!r}, expected "):
        LAST.replace(**{name: value})


def results(seeds=(1, 2)):
    """Return results whose curves are easy to check: losses fall by a tenth an epoch, accuracies rise."""

    def variant(wanted, rates, extra):
        learned = {"accuracy": 0.5, "loss": 1.0, "best_epoch": 2, "training_images": 90, "validation_images": 10}
        epochs = np.arange(wanted.epochs) / 10
        curves = {"loss": 2 - epochs, "eval_loss": 2.1 - epochs, "eval_accuracy": 0.3 + epochs}
        trials = [
            {
                "trial": f"trial {place}",
                "values": {**dict(wanted), "learning_rate": rate},
                "metrics": {str(seed): {**learned, **extra} for seed in seeds},
            }
            for place, rate in enumerate(rates)
        ]
        histories = {f"{trial['trial']}/{seed}": curves for trial in trials for seed in seeds}
        metrics = {seed: {**learned, **extra} for seed in seeds}
        test = {seed: {"accuracy": 0.4 + seed / 100, "loss": 1.5, "test_images": 100} for seed in seeds}
        names = np.array([f"class {place}" for place in range(10)])
        artifacts = {seed: {"class_accuracy": np.linspace(0, 1, 10) ** seed, "names": names} for seed in seeds}
        return VariantResults(trials, "trial 0", trials[0]["values"], metrics, histories, test, artifacts)

    whole = {"trained_weights": 1000, "image_size": 224, "multiply_adds": 700_000_000}
    variants = {"frozen": variant(LAST, (0.1, 0.2), {"trained_weights": 50}), "search": variant(ALL, (0.1,), whole)}
    return Results("transfer", "sample", {**variants, "fine_tuned": variant(ALL, (0.1,), whole)})


def test_the_summary_counts_weights_and_multiplications():
    numbers = {number.key: number for number in summarize(results())}
    assert (numbers["features"].value, numbers["new_weights"].value, numbers["all_weights"].value) == (4, 50, 1000)
    assert numbers["cost.ratio"].value == pytest.approx(8.4)


def test_the_summary_reads_both_ends_of_the_curves():
    numbers = {number.key: number for number in summarize(results())}
    assert numbers["frozen.training_loss.first"].samples == pytest.approx({1: 2.0, 2: 2.0})
    assert numbers["fine_tuned.validation_loss.last"].samples == pytest.approx({1: 1.9, 2: 1.9})
    assert numbers["fine_tuned.test_accuracy"].samples == pytest.approx({1: 41, 2: 42})
    assert numbers["frozen.rates"].value == 2


def test_no_two_numbers_have_one_key():
    keys = [number.key for number in summarize(results())]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("seeds", [(1, 2), (1,)])
def test_there_is_one_figure_of_the_texts_width(seeds):
    figures = draw(results(seeds))
    assert sorted(figures) == ["training"]
    for figure in figures.values():
        assert figure.get_figwidth() == 4.6
        figure.canvas.draw()


def test_a_missing_variant_is_an_error_that_names_config():
    found = results()
    del found.variants["search"]
    with pytest.raises(ReproseError, match="config.yaml: problems.transfer.variants: 'search' is missing"):
        summarize(found)
