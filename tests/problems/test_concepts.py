"""Five true/false answers: stacks against torch's own layers and optimizers, counts against formulas, the section."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from problem_runs import Problem, assert_equal, session
from reprose.base.errors import ReproseError
from reprose.code.listings import source_text
from reprose.code.syntax import code_roots
from reprose.config import handouts
from reprose.document.sections import render_section
from reprose.training.contract import Results, VariantResults
from scripts.datasets import generated
from scripts.problems.concepts import measure
from scripts.problems.concepts.evaluate import evaluate
from scripts.problems.concepts.figures import draw
from scripts.problems.concepts.hyperparameters import Hyperparameters
from scripts.problems.concepts.network import count, sizes, start
from scripts.problems.concepts.summary import summarize
from scripts.problems.concepts.train import train

ROOT = Path(__file__).resolve().parents[2]
WANTED = Hyperparameters(
    model="network",
    layers=1,
    width=4,
    activation="relu",
    code=0,
    start="random",
    optimizer="descent",
    learning_rate=0.1,
    steps=50,
)
CODED = WANTED.replace(code=1, activation="tanh", optimizer="adam", learning_rate=0.01)
PROBLEM = Problem(train, WANTED)
XOR = generated.exclusive_or({})
RINGS = generated.rings({}, seed=1, points=60)
SPIRAL = generated.spiral({}, seed=1, points=80, noise=0.02)


def trained(folder, data, wanted, seeds=(1, 2), trial="single"):
    return PROBLEM.train([PROBLEM.run(wanted, seed, trial) for seed in seeds], data, session(folder))


def reference(data, wanted, seed):
    """Train one network alone, with torch's own layers and optimizers; return it with its losses."""
    points = torch.from_numpy(data["train"]["points"])
    targets = points if wanted.code else torch.from_numpy(data["train"]["labels"])[:, None]
    widths = sizes(points.shape[1], wanted)
    bend = {"relu": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid, "identity": nn.Identity}[wanted.activation]
    parts = []
    for place, (inputs, outputs) in enumerate(zip(widths, widths[1:], strict=False)):
        linear = place == len(widths) - 2 or (wanted.code and place == wanted.layers)
        parts += [nn.Linear(inputs, outputs, dtype=torch.float64), nn.Identity() if linear else bend()]
    network = nn.Sequential(*parts)
    initial = start(widths, [seed], wanted)
    for place, layer in enumerate(parts[::2]):
        layer.weight.data, layer.bias.data = initial[f"weight_{place}"][0], initial[f"bias_{place}"][0, 0]
    kind = torch.optim.Adam if wanted.optimizer == "adam" else torch.optim.SGD
    optimizer, losses = kind(network.parameters(), lr=wanted.learning_rate), []
    for _ in range(wanted.steps):
        loss = nn.functional.mse_loss(network(points), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return network, losses[9::10]


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        (XOR, WANTED),
        (XOR, WANTED.replace(layers=0)),
        (RINGS, WANTED.replace(layers=3, activation="sigmoid")),
        (RINGS, WANTED.replace(activation="identity", start="zero")),
        (SPIRAL, CODED),
    ],
)
def test_a_stack_equals_networks_that_torch_trains_alone(tmp_path, data, wanted):
    made = trained(tmp_path, data, wanted)
    points = np.random.default_rng(0).normal(size=(7, 2))
    for seed in (1, 2):
        network, losses = reference(data, wanted, seed)
        found = made[f"single/{seed}"]
        assert found.history["loss"] == pytest.approx(losses, rel=1e-9)
        assert found.history["step"].tolist() == [10, 20, 30, 40, 50]
        expected = network(torch.from_numpy(points)).detach().numpy()
        assert measure.outputs(found.weights, points, wanted) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("layers", [0, 1, 2, 5])
def test_counts_are_those_of_the_matrix_products(layers):
    wanted = WANTED.replace(layers=layers, width=7)
    widths = sizes(2, wanted)
    products = [a * b for a, b in zip(widths, widths[1:], strict=False)]
    ahead, back = count(start(widths, [1, 2], wanted), torch.rand(9, 2, dtype=torch.float64), wanted)
    assert ahead == sum(products)
    assert back == 2 * sum(products) - products[0]  # nobody asks for the gradient of the data


def test_weights_that_start_at_zero_stay_copies_of_each_other(tmp_path):
    still = trained(tmp_path / "still", RINGS, WANTED.replace(start="zero"))["single/1"].metrics
    assert (still["largest_weight"], still["rank"]) == (0, 0)
    moved = trained(tmp_path / "moved", RINGS, WANTED.replace(start="zero", activation="sigmoid"))["single/1"].metrics
    assert moved["largest_weight"] > 0
    assert moved["unit_spread"] < 1e-12 and moved["rank"] == 1
    random = trained(tmp_path / "random", RINGS, WANTED)["single/1"].metrics
    assert random["unit_spread"] > 0.1 and random["rank"] == 2


def test_without_a_hidden_layer_descent_ends_at_the_least_squares_solution(tmp_path):
    wanted = WANTED.replace(layers=0, learning_rate=0.5, steps=300)
    design = np.column_stack([XOR["train"]["points"], np.ones(4)])
    expected = np.linalg.lstsq(design, XOR["train"]["labels"], rcond=None)[0]
    for outcome in trained(tmp_path, XOR, wanted).values():
        found = [*outcome.weights["weight_0"][0], *outcome.weights["bias_0"][0]]
        assert found == pytest.approx(expected, abs=1e-9)
        assert outcome.metrics["gradient"] < 1e-9
        assert outcome.metrics["loss"] == pytest.approx(outcome.metrics["baseline"])


def test_principal_components_keep_the_share_of_the_largest_eigenvalue(tmp_path):
    wanted = WANTED.replace(model="pca", code=1)
    outcome = trained(tmp_path, SPIRAL, wanted, seeds=(1,))["single/1"]
    values = np.linalg.eigvalsh(np.cov(SPIRAL["train"]["points"].T))
    assert outcome.metrics["explained"] == pytest.approx(values[-1] / values.sum())


def test_a_linear_autoencoder_approaches_principal_components(tmp_path):
    wanted = CODED.replace(activation="identity", steps=1500, width=8)
    linear = trained(tmp_path / "net", SPIRAL, wanted, seeds=(1,))["single/1"].metrics["explained"]
    best = trained(tmp_path / "pca", SPIRAL, CODED.replace(model="pca"), seeds=(1,))["single/1"].metrics["explained"]
    assert linear == pytest.approx(best, abs=1e-3)
    assert linear < best + 1e-9


@pytest.mark.parametrize(("data", "wanted"), [(RINGS, WANTED), (SPIRAL, CODED), (SPIRAL, CODED.replace(model="pca"))])
def test_evaluation_measures_as_training_did(tmp_path, data, wanted):
    run = PROBLEM.run(wanted)
    outcome = trained(tmp_path, data, wanted, seeds=(1,))["single/1"]
    found = evaluate(run, outcome.weights, {**data, "test": data["train"]})
    assert {name: outcome.metrics[name] for name in found.metrics} == pytest.approx(dict(found.metrics))


def test_the_same_seed_gives_the_same_weights_and_another_does_not(tmp_path):
    first = trained(tmp_path / "first", RINGS, WANTED)
    assert_equal(first["single/1"], trained(tmp_path / "second", RINGS, WANTED)["single/1"])
    assert not np.array_equal(first["single/1"].weights["weight_0"], first["single/2"].weights["weight_0"])


def test_training_leaves_the_global_random_stream_alone(tmp_path):
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    trained(tmp_path, SPIRAL, CODED)
    assert torch.equal(torch.rand(3), expected)


@pytest.mark.parametrize("cut", [("first/2", 3), ("second/1", 2)])
def test_a_resumed_job_gives_the_same_bits_as_an_uninterrupted_one(tmp_path, cut):
    runs = [PROBLEM.run(CODED, seed, trial) for trial in ("first", "second") for seed in (1, 2)]
    PROBLEM.assert_resumes(tmp_path, SPIRAL, runs, [cut])


def test_a_loss_that_is_not_finite_stops_the_run_at_once(tmp_path):
    with pytest.raises(ReproseError, match="run single/1, epoch 2: the metric 'loss' is .*, expected a finite number"):
        trained(tmp_path, RINGS, WANTED.replace(layers=0, learning_rate=1e9))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("model", "tree"),
        ("activation", "sine"),
        ("start", "one"),
        ("optimizer", "newton"),
        ("width", 0),
        ("steps", 0),
        ("layers", -1),
        ("code", -1),
        ("learning_rate", 0.0),
    ],
)
def test_an_impossible_hyperparameter_is_an_error(name, value):
    with pytest.raises(ReproseError, match=f"{name} is {value!r}, expected "):
        WANTED.replace(**{name: value})


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Return what short training gives for all variants."""
    folder = tmp_path_factory.mktemp("concepts")
    longer = WANTED.replace(steps=1500)
    wide = longer.replace(width=16, steps=800)
    settings = {
        "nonconvex": (XOR, longer, range(1, 9)),
        "convex": (XOR, longer.replace(layers=0), range(1, 9)),
        "relu": (RINGS, wide, (1, 2, 3)),
        "linear": (RINGS, wide.replace(activation="identity"), (1, 2, 3)),
        "zero_relu": (RINGS, wide.replace(start="zero"), (1,)),
        "zero_sigmoid": (RINGS, wide.replace(start="zero", activation="sigmoid", learning_rate=0.5), (1,)),
        "cost": (RINGS, [WANTED.replace(layers=layers, steps=1) for layers in (1, 2, 4, 8, 16)], (1,)),
        "autoencoder": (SPIRAL, CODED.replace(width=16, steps=800), (1, 2, 3)),
        "pca": (SPIRAL, CODED.replace(model="pca"), (1,)),
    }
    return Results("concepts", "sample", {name: variant(folder / name, *each) for name, each in settings.items()})


def variant(folder, data, wanted, seeds):
    trials, made = [], {}
    for place, each in enumerate(wanted if isinstance(wanted, list) else [wanted]):
        found = trained(folder / str(place), data, each, seeds, str(place))
        metrics = {str(seed): found[f"{place}/{seed}"].metrics for seed in seeds}
        trials.append({"trial": str(place), "values": dict(each), "metrics": metrics})
        made |= found
    first, chosen = trials[0]["values"], wanted[0] if isinstance(wanted, list) else wanted
    tested = len(data["test"]["points"])
    tests = {s: evaluate(PROBLEM.run(chosen, s, "0"), made[f"0/{s}"].weights, data) for s in seeds if tested}
    return VariantResults(
        trials,
        "0",
        first,
        {seed: made[f"0/{seed}"].metrics for seed in seeds},
        {name: outcome.history for name, outcome in made.items()},
        {seed: each.metrics for seed, each in tests.items()},
        {seed: each.artifacts for seed, each in tests.items()},
    )


def test_the_summary_counts_the_starts_that_reach_the_global_minimum(results):
    numbers = {number.key: number for number in summarize(results)}
    losses = numbers["nonconvex.loss"].samples
    assert numbers["nonconvex.solved"].value == sum(loss < 1e-6 for loss in losses.values())
    assert numbers["convex.spread"].value < 1e-9
    assert numbers["cost.depth_3.layers"].value == 4
    assert numbers["pca.explained"].n == 0 and numbers["autoencoder.explained"].n == 3


@pytest.mark.parametrize("tier", ["sample", "real"])
def test_the_section_is_true_on_both_tiers(results, tier):
    jobs = [f"{variant}/{rule}" for variant in results.variants for rule in ("choose", "evaluate")]
    made = render_section(
        ROOT / "report/problems/concepts.tex.j2",
        problem="concepts",
        tier=tier,
        numbers={number.key: number for number in summarize(results)},
        figures=list(draw(results)),
        published={},
        provenance=[f"concepts/{job}" for job in ("plot", "summarize", "write", *jobs)],
        listings={name: source_text(name, code_roots(ROOT)) for name in handouts.listings(ROOT, "concepts")},
    )
    assert len(made.claims) == 8 and all(claim.holds for claim in made.claims)


def test_the_figures_can_be_drawn(results):
    for figure in draw(results).values():
        assert figure.get_figwidth() == 4.6
        figure.canvas.draw()
