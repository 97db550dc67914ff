"""The four networks of A4 (a) to (d): their layers, their images, their training and what they learn."""

import numpy as np
import pytest
import torch

from problem_runs import Problem, assert_equal, session
from reprose.base.errors import ReproseError
from reprose.training.contract import Results, VariantResults
from scripts.datasets import cifar10
from scripts.models.standardize import Standardize
from scripts.problems.cifar.evaluate import evaluate
from scripts.problems.cifar.figures import draw
from scripts.problems.cifar.hyperparameters import Hyperparameters
from scripts.problems.cifar.images import batch, draw_changes, to_images, windows
from scripts.problems.cifar.layers import linear, pooled
from scripts.problems.cifar.measure import accuracy
from scripts.problems.cifar.networks import build, vector
from scripts.problems.cifar.summary import summarize
from scripts.problems.cifar.train import Fit, train

TUTORIAL = Hyperparameters(
    network="tutorial",
    hidden=16,
    filters=4,
    kernel=5,
    pool=7,
    filters_2=6,
    kernel_2=5,
    features_1=12,
    features_2=10,
    epochs=3,
    batch_size=20,
    learning_rate=0.02,
    momentum=0.9,
    weight_decay=0.001,
    flip=True,
    shift=2,
)
ALL = {name: TUTORIAL.replace(network=name) for name in ("logistic", "hidden", "convolution", "tutorial")}
PROBLEM = Problem(train, TUTORIAL)
run, trained = PROBLEM.run, PROBLEM.trained


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cifar10")
    cifar10.make_sample(folder, seed=3, size=40)
    return cifar10.read(folder)


@pytest.fixture(scope="module")
def data(table):
    return cifar10.tuning_split(table, seed=1, held_out=0.1)


def test_the_tutorials_own_widths_give_the_tutorials_own_parameters():
    wanted = TUTORIAL.replace(filters=6, filters_2=16, features_1=120, features_2=84)
    weights = {name: tuple(weight.shape) for name, weight in build(wanted, 1).named_parameters()}
    assert weights["conv2.weight"] == (16, 6, 5, 5) and weights["fc1.weight"] == (120, 400)
    assert sum(np.prod(shape) for shape in weights.values()) == 62_006


@pytest.mark.parametrize("name", ALL)
def test_each_network_is_the_documents_formula(name):
    network = build(ALL[name], 1)
    pixels = torch.randint(0, 256, (5, 3, 32, 32), dtype=torch.uint8)
    x, layer = pixels.float(), torch.nn.functional
    if name in ("logistic", "hidden"):
        x = vector(x)
        if name == "hidden":
            x = (x @ network.hidden.weight.T + network.hidden.bias).clamp(min=0)
        expected = x @ network.output.weight.T + network.output.bias
    elif name == "convolution":
        x = layer.max_pool2d(layer.conv2d(x, network.conv.weight, network.conv.bias).relu(), 7)
        assert x.shape == (5, 4, 4, 4)
        expected = network.output(x.flatten(1))
    else:
        x = layer.max_pool2d(network.conv1(x).relu(), 2)
        x = layer.max_pool2d(network.conv2(x).relu(), 2)
        assert x.shape == (5, 6, 5, 5)
        expected = network.fc3(network.fc2(network.fc1(x.flatten(1)).relu()).relu())
    assert torch.allclose(network(pixels), expected, rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("pool", [1, 3, 7, 28])
def test_a_pooled_convolution_has_the_gradients_of_pytorchs_own(pool):
    layer = torch.nn.Conv2d(3, 4, 5)
    images = torch.rand(19, 3, 32, 32).to(memory_format=torch.channels_last)
    assert_same_layers(layer, pooled(layer, images, pool), torch.nn.functional.max_pool2d(layer(images), pool))


def test_a_first_linear_layer_has_the_gradients_of_pytorchs_own():
    layer, rows = torch.nn.Linear(48, 6), torch.rand(19, 48)
    assert_same_layers(layer, linear(layer, rows), layer(rows))


def test_inputs_that_need_a_gradient_get_it():
    rows, images = torch.rand(2, 48, requires_grad=True), torch.rand(2, 3, 32, 32, requires_grad=True)
    (linear(torch.nn.Linear(48, 6), rows).sum() + pooled(torch.nn.Conv2d(3, 4, 5), images, 7).sum()).backward()
    assert rows.grad.any()
    assert images.grad.any()


def assert_same_layers(layer, found, expected):
    """Check values, and the gradients of a sum of their squares."""
    assert torch.allclose(found, expected, rtol=1e-5, atol=1e-6)
    gradients = [torch.autograd.grad(values.square().sum(), layer.parameters()) for values in (found, expected)]
    for one, other in zip(*gradients, strict=True):
        assert torch.allclose(one, other, rtol=1e-4, atol=1e-3)


def test_standardized_training_pixels_have_mean_0_and_deviation_1_in_each_channel(data):
    layer, images = Standardize(), to_images(data["train"], "cpu")
    layer.fit(images.pixels)
    found = layer(images.pixels)
    assert found.mean(dim=(0, 2, 3)).tolist() == pytest.approx([0, 0, 0], abs=1e-4)
    assert found.std(dim=(0, 2, 3)).tolist() == pytest.approx([1, 1, 1], abs=1e-4)


def test_a_shifted_and_mirrored_batch_by_hand(data):
    images, shift = to_images(data["train"], "cpu"), 2
    shifted = windows(images, shift)
    down, right, mirrored = (torch.tensor(values) for values in ([0, 4, 2], [3, 0, 2], [False, False, True]))
    rows = torch.tensor([5, 0, 7])
    found = batch(shifted, rows, down, right, mirrored)
    original = data["train"]["images"]
    assert np.array_equal(found[0, :, 2:, :31], original[5][:, :30, 1:])  # two rows down, one column to the left
    edge = original[5].astype(np.float32).mean(axis=(1, 2)).round()
    assert np.array_equal(found[0, :, :2].numpy(), np.broadcast_to(edge[:, None, None], (3, 2, 32)))
    assert np.array_equal(found[1, :, :30, 2:], original[0][:, 2:, :30])
    assert np.array_equal(found[2], original[7][:, :, ::-1])
    assert found.is_contiguous(memory_format=torch.channels_last)


def test_changes_are_drawn_evenly_and_only_where_asked():
    stream = torch.Generator().manual_seed(1)
    down, right, mirrored = draw_changes(10_000, True, 2, stream)
    for moves in (down, right):
        assert (moves.bincount() / 10_000).tolist() == pytest.approx([0.2] * 5, abs=0.02)
    assert mirrored.double().mean().item() == pytest.approx(0.5, abs=0.02)
    down, right, mirrored = draw_changes(100, False, 0, stream)
    assert not (down.any() or right.any() or mirrored.any())


def test_the_learning_rate_rises_for_a_quarter_and_falls_to_0(data):
    images = to_images(data["train"], "cpu")
    fit = Fit(run(TUTORIAL.replace(learning_rate=0.4)), images, images)
    found = []
    for done in (0.0, 0.125, 0.25, 0.625, 1.0):
        fit.set_rate(done)
        found.append(fit.optimizer.param_groups[0]["lr"])
    assert found == pytest.approx([0, 0.2, 0.4, 0.2, 0])


def test_accuracy_by_hand(data):
    images = to_images(data["validation"], "cpu")
    network = build(ALL["logistic"], 1)
    torch.nn.init.zeros_(network.output.weight)
    network.output.bias.data = torch.eye(10)[4]
    assert accuracy(network, images) == pytest.approx(np.mean(data["validation"]["labels"] == 4))


@pytest.mark.parametrize("name", ALL)
def test_training_accuracy_is_of_unchanged_images_and_the_test_is_measured_as_validation_was(tmp_path, data, name):
    outcome = trained(tmp_path, data, ALL[name])
    for part, metric in (("train", "training_accuracy"), ("validation", "accuracy")):
        found = evaluate(run(ALL[name]), outcome.weights, {**data, "test": data[part]})
        assert found.metrics["accuracy"] == outcome.metrics[metric]
        confusion = found.artifacts["confusion"]
        assert confusion.trace() / confusion.sum() == pytest.approx(found.metrics["accuracy"])
        assert np.array_equal(confusion.sum(axis=1), np.bincount(data[part]["labels"], minlength=10))
    assert found.artifacts["filters"].shape[-1] == 3


def test_a_convolution_beats_a_linear_map_on_the_sample(tmp_path):
    cifar10.make_sample(tmp_path, seed=5, size=240)
    data = cifar10.tuning_split(cifar10.read(tmp_path), seed=1, held_out=0.2)
    linear = trained(tmp_path / "a", data, ALL["logistic"].replace(epochs=8, learning_rate=0.003))
    wide = ALL["convolution"].replace(filters=24, epochs=12, learning_rate=0.05)
    convolution = trained(tmp_path / "b", data, wide)
    assert convolution.metrics["accuracy"] > linear.metrics["accuracy"] + 0.15
    assert linear.metrics["accuracy"] > 0.15  # chance is 0.1


@pytest.mark.parametrize("name", ALL)
def test_the_same_seed_gives_the_same_weights_and_another_does_not(tmp_path, data, name):
    wanted = ALL[name].replace(epochs=1)
    first = trained(tmp_path / "first", data, wanted)
    assert_equal(first, trained(tmp_path / "second", data, wanted))
    other = trained(tmp_path / "third", data, wanted, seed=2)
    learned = [name for name in first.weights if not name.startswith("standardize")]
    assert not any(np.array_equal(first.weights[name], other.weights[name]) for name in learned)


def test_training_leaves_the_global_random_stream_alone(tmp_path, data):
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    trained(tmp_path, data, TUTORIAL.replace(epochs=1))
    assert torch.equal(torch.rand(3), expected)


@pytest.mark.parametrize("cut", [("one/1", 2), ("two/1", 1)])
def test_a_resumed_job_gives_the_same_bits_as_an_uninterrupted_one(tmp_path, data, cut):
    PROBLEM.assert_resumes(tmp_path, data, [run(TUTORIAL, 1, "one"), run(ALL["convolution"], 1, "two")], [cut])


def test_each_epoch_is_recorded_with_both_accuracies(tmp_path, data):
    seen = []
    PROBLEM.train([run(TUTORIAL)], data, session(tmp_path, lambda *arguments: seen.append(arguments)))
    assert [(name, epoch) for name, epoch, _ in seen] == [("single/1", 1), ("single/1", 2), ("single/1", 3)]
    assert all({"loss", "train_accuracy", "eval_accuracy"} == set(metrics) for _, _, metrics in seen)


def test_a_loss_that_is_not_a_number_stops_the_run_at_once(tmp_path, data):
    with pytest.raises(ReproseError, match="run single/1, epoch 1: the metric 'loss' is nan, expected a finite number"):
        trained(tmp_path, data, TUTORIAL.replace(learning_rate=1e20))


def test_a_batch_larger_than_the_training_part_is_an_error(tmp_path, data):
    with pytest.raises(ReproseError, match="batch_size is 181, expected at most the 180 training images"):
        trained(tmp_path, data, TUTORIAL.replace(batch_size=181))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("network", "forest"),
        ("hidden", 0),
        ("kernel", 33),
        ("pool", 29),
        ("learning_rate", 0.0),
        ("momentum", 1.0),
        ("weight_decay", -0.1),
        ("shift", 16),
    ],
)
def test_an_impossible_hyperparameter_is_an_error(name, value):
    with pytest.raises(ReproseError, match=f"{name} is {value!r}, expected "):
        TUTORIAL.replace(**{name: value})


def test_kernels_that_leave_nothing_are_an_error():
    with pytest.raises(ReproseError, match="kernels of 5 and 14 leave no pixel of 32 x 32"):
        build(TUTORIAL.replace(kernel_2=14), 1)


def results(seeds=(1, 2)):
    """Return results whose numbers are easy to check: the accuracy of a seed is 0.5 and a hundredth of the seed."""
    facts = {"training_accuracy": 0.9, "parameters": 100.0, "training_images": 90.0, "validation_images": 10.0}

    def variant(name, grid, tested):
        shape = {"logistic": (10, 32, 32, 3), "hidden": (16, 32, 32, 3)}.get(name, (20, 5, 5, 3))
        trials = [
            {
                "trial": f"trial {place}",
                "values": {**dict(ALL[name]), **point},
                "metrics": {str(seed): {**facts, "accuracy": 0.5 + seed / 100} for seed in seeds},
                "mean": 0.5,
                "chosen": place == 1,
            }
            for place, point in enumerate(grid)
        ]
        curves = {
            f"{trial['trial']}/{seed}": {key: np.linspace(0.1, 0.5, 3) for key in ("train_accuracy", "eval_accuracy")}
            for trial in trials
            for seed in seeds
        }
        chosen = trials[-1]
        metrics = {seed: chosen["metrics"][str(seed)] for seed in seeds}
        test = {seed: {"accuracy": 0.4 + seed / 100, "test_images": 50.0} for seed in seeds} if tested else {}
        confusion = np.full((10, 10), 1) + 4 * np.eye(10, dtype=np.int64)
        confusion[3, 5] = 9
        arrays = {"confusion": confusion, "names": np.array(list("abcdefghij")), "filters": np.ones(shape)}
        artifacts = dict.fromkeys(seeds, arrays) if tested else {}
        return VariantResults(trials, chosen["trial"], chosen["values"], metrics, curves, test, artifacts)

    variants = {}
    for name in ALL:
        variants[name] = variant(name, [{}], True)
        variants[f"{name}_search"] = variant(name, [{"learning_rate": rate} for rate in (0.1, 0.2)], False)
    return Results("cifar", "sample", variants)


def test_the_summary_names_what_was_tried_and_gives_accuracies_in_per_cent():
    items = {item.key: item for item in summarize(results())}
    assert items["tutorial.search.learning_rate.text"].value == "0.1, 0.2"
    assert (items["hidden.search.worst"].value, items["hidden.search.best"].value) == pytest.approx((51, 52))
    assert items["logistic.test_accuracy"].samples == pytest.approx({1: 41, 2: 42})
    assert items["logistic.test_accuracy"].unit == "%"
    assert items["convolution.test_accuracy"].source == "cifar/convolution/evaluate"


def test_the_summary_finds_the_pair_that_is_confused_most():
    items = {item.key: item for item in summarize(results())}
    assert [items[f"pair.{place}.name"].value for place in ("first", "second")] == ["d", "f"]
    assert items["pair.share"].value == pytest.approx(100 * 10 / 98)
    assert (items["worst.name"].value, items["worst.accuracy"].n) == ("d", 2)
    assert items["worst.accuracy"].value == pytest.approx(500 / 22)
    assert items["best.accuracy"].value == pytest.approx(500 / 14)


def test_no_two_numbers_have_one_key():
    keys = [number.key for number in summarize(results())]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("seeds", [(1, 2), (1,)])
def test_every_search_has_a_figure_of_the_texts_width(seeds):
    figures = draw(results(seeds))
    searches = {f"search_{name}" for name in ALL}
    assert set(figures) == {*searches, "training"}
    for figure in figures.values():
        assert figure.get_figwidth() == 4.6
        figure.canvas.draw()


def test_a_missing_variant_is_an_error_that_names_config():
    found = results()
    del found.variants["hidden_search"]
    with pytest.raises(ReproseError, match="config.yaml: problems.cifar.variants: 'hidden_search' is missing"):
        summarize(found)
