"""The student problem on made-up answers: stacks against one plain network, response models, evaluation, numbers."""

from dataclasses import asdict, replace

import numpy as np
import pytest
import torch
from scipy.special import expit
from torch import nn

from datasets import eedi
from problems.student import rasch, traits
from problems.student.answers import to_answers
from problems.student.autoencoder import plan
from problems.student.comparisons import PRINTED_EPOCHS, TESTED
from problems.student.evaluate import evaluate
from problems.student.figures import draw
from problems.student.hyperparameters import Hyperparameters
from problems.student.measure import accuracy, cost, majority, measure
from problems.student.summary import summarize
from problems.student.train import train
from reprose.checkpoint import Checkpoint
from reprose.errors import ReproseError
from reprose.experiment import Results, Run, Session, VariantResults

WANTED = Hyperparameters(
    model="autoencoder",
    hidden=8,
    learning_rate=0.1,
    epochs=4,
    penalty=0.0,
    keep_weights=True,
    traits=1,
    sweeps=20,
    burn_in=10,
    thinning=5,
)
RASCH, TRAITS = replace(WANTED, model="rasch", penalty=0.3), replace(WANTED, model="traits")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("eedi")
    eedi.make_sample(folder, seed=5, students=90, questions=60, answers=3000)
    return eedi.starter_split(eedi.read(folder))


def run(wanted=WANTED, seed=1, trial="single"):
    return Run(trial, seed, asdict(wanted))


def session(folder, record=lambda name, epoch, metrics: None, interval=3600.0):
    return Session(Checkpoint(folder, interval), "cpu", record)


def trained(folder, data, wanted=WANTED, seed=1):
    return train([run(wanted, seed)], data, {}, session(folder))[f"single/{seed}"]


def assert_equal(one, other):
    for name in ("weights", "history"):
        mine, theirs = getattr(one, name), getattr(other, name)
        assert mine.keys() == theirs.keys()
        assert all(np.array_equal(mine[key], theirs[key]) for key in mine)
    assert one.metrics == other.metrics


def reference(data, wanted, seed):
    """Train one network as the protocol words it, densely and by automatic differentiation; return all per epoch."""
    training, held_out = to_answers(data["train"], "cpu"), to_answers(data["validation"], "cpu")
    torch.manual_seed(seed)
    encoder, decoder = nn.Linear(60, wanted.hidden), nn.Linear(wanted.hidden, 60)
    inputs, answered = torch.zeros(90, 60), torch.zeros(90, 60, dtype=torch.bool)
    inputs[training.students, training.questions] = training.correct
    answered[training.students, training.questions] = True
    optimizer = torch.optim.SGD([*encoder.parameters(), *decoder.parameters()], lr=wanted.learning_rate)
    costs, accuracies = [], []
    for _ in range(wanted.epochs):
        total = 0.0
        for student in range(90):
            output = torch.sigmoid(decoder(torch.sigmoid(encoder(inputs[student]))))
            loss = ((output - inputs[student])[answered[student]] ** 2).sum()
            norms = encoder.weight.square().sum() + decoder.weight.square().sum()
            optimizer.zero_grad()
            (loss + wanted.penalty / 2 * norms).backward()
            optimizer.step()
            total += loss.item()
        costs.append(total)
        with torch.no_grad():
            output = torch.sigmoid(decoder(torch.sigmoid(encoder(inputs))))[held_out.students, held_out.questions]
        accuracies.append(np.mean((output.numpy() >= 0.5) == (held_out.correct.numpy() == 1)))
    return costs, accuracies, encoder.weight.T.detach().numpy(), decoder.weight.detach().numpy()


def test_stacked_replicas_equal_networks_that_are_trained_alone(tmp_path, data):
    settings = {
        "plain": WANTED,
        "fast": replace(WANTED, learning_rate=0.3),
        "shrunk": replace(WANTED, penalty=0.05),
        "shrunk_hard": replace(WANTED, penalty=1.0, learning_rate=0.3),
        "wide": replace(WANTED, hidden=11),
    }
    runs = [run(wanted, seed, trial) for trial, wanted in settings.items() for seed in (1, 2)]
    made = train(runs, data, {}, session(tmp_path))
    for each in runs:
        costs, accuracies, encoder, decoder = reference(data, settings[each.trial], each.seed)
        found = made[each.name]
        assert found.history["cost"] == pytest.approx(costs, rel=1e-5)
        assert found.history["eval_accuracy"] == pytest.approx(accuracies, abs=1e-9)
        assert found.weights["encoder"] == pytest.approx(encoder, abs=1e-5)
        assert found.weights["decoder"] == pytest.approx(decoder, abs=1e-5)
        assert found.metrics["squared_weights"] == pytest.approx((encoder**2).sum() + (decoder**2).sum(), rel=1e-4)


def test_fewer_epochs_are_the_same_training_cut_short(tmp_path, data):
    runs = [run(replace(WANTED, epochs=epochs), trial=str(epochs)) for epochs in (1, 3, 4)]
    made = train(runs, data, {}, session(tmp_path / "shared"))
    for each in runs:
        assert_equal(made[each.name], trained(tmp_path / each.trial, data, replace(WANTED, epochs=int(each.trial))))


def test_stacks_are_of_one_width_and_hold_every_run_once():
    runs = {
        f"{hidden} {epochs} {seed}": (replace(WANTED, hidden=hidden, epochs=epochs), seed)
        for hidden in (10, 500)
        for epochs in (2, 5)
        for seed in range(11)
    }
    stacks = plan(runs)
    assert sorted(name for stack in stacks for replica in stack for name in replica.runs) == sorted(runs)
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
    mean, precision = torch.tensor([0.5, 0.0]).double(), torch.tensor([2.0, 3.0]).double()
    draws = torch.cat([traits._draw(features, residual, index, mean, precision, 1, generator) for _ in range(5000)])
    matrix = (features.T @ features + torch.diag(precision)).numpy()
    centre = np.linalg.solve(matrix, (features.T @ residual + precision * mean).numpy())
    assert draws.mean(dim=0).numpy() == pytest.approx(centre, abs=0.02)
    assert np.cov(draws.numpy().T) == pytest.approx(np.linalg.inv(matrix), abs=0.005)


@pytest.mark.parametrize("wanted", [replace(WANTED, hidden=30, learning_rate=0.03, epochs=50), RASCH, TRAITS])
def test_every_model_learns_what_the_majority_cannot(tmp_path, wanted):
    eedi.make_sample(tmp_path, seed=6, students=200, questions=100, answers=12_000)
    data = eedi.starter_split(eedi.read(tmp_path))
    metrics = evaluate(run(wanted), trained(tmp_path, data, wanted).weights, data).metrics
    assert metrics["accuracy"] > metrics["majority"] + 0.02


def test_evaluation_predicts_as_validation_did(tmp_path, data):
    for wanted in (WANTED, RASCH, TRAITS):
        outcome = trained(tmp_path / wanted.model, data, wanted)
        metrics = evaluate(run(wanted), outcome.weights, {**data, "test": data["validation"]}).metrics
        assert metrics["accuracy"] == outcome.metrics["accuracy"]
        assert metrics["cost"] == pytest.approx(outcome.metrics["cost"], rel=1e-6)


def test_metrics_by_hand(data):
    probability, correct = torch.tensor([0.5, 0.2, 0.9, 0.4]), torch.tensor([1.0, 0.0, 0.0, 1.0])
    assert accuracy(probability, correct).item() == 0.5
    assert cost(probability, correct).item() == pytest.approx(0.25 + 0.04 + 0.81 + 0.36)
    training, held_out = to_answers(data["train"], "cpu"), to_answers(data["test"], "cpu")
    assert majority(training, held_out) == pytest.approx(data["test"]["correct"].mean())
    assert measure(held_out.correct, held_out) == {"accuracy": 1.0, "cost": 0.0}


@pytest.mark.parametrize("wanted", [WANTED, TRAITS])
def test_the_same_seed_gives_the_same_weights_and_another_does_not(tmp_path, data, wanted):
    first = trained(tmp_path / "first", data, wanted)
    assert_equal(first, trained(tmp_path / "second", data, wanted))
    other = trained(tmp_path / "third", data, wanted, seed=2)
    assert not any(np.array_equal(first.weights[name], other.weights[name]) for name in first.weights)


def test_training_leaves_the_global_random_streams_alone(tmp_path, data):
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    for wanted in (WANTED, TRAITS):
        trained(tmp_path / wanted.model, data, wanted)
    assert torch.equal(torch.rand(3), expected)


def test_a_search_stores_no_weights(tmp_path, data):
    assert trained(tmp_path, data, replace(WANTED, keep_weights=False)).weights == {}


def test_a_resumed_job_gives_the_same_bits_as_an_uninterrupted_one(tmp_path, data):
    wanted = {"short": replace(WANTED, epochs=2), "long": WANTED, "wide": replace(WANTED, hidden=9, penalty=0.1)}
    runs = [run(values, seed, trial) for trial, values in wanted.items() for seed in (1, 2)]
    whole = train(runs, data, {}, session(tmp_path / "whole"))
    for cut in (("long/2", 3), ("wide/1", 2)):

        def interrupt(name, epoch, metrics, cut=cut):
            if (name, epoch) == cut:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            train(runs, data, {}, session(tmp_path / cut[0], interrupt, interval=0.0))
        done = []
        kept = session(tmp_path / cut[0], lambda name, epoch, metrics, done=done: done.append((name, epoch)))
        resumed = train(runs, data, {}, kept)
        assert min(epoch for name, epoch in done if name == cut[0]) == cut[1]  # the cut came before it was saved
        for name in whole:
            assert_equal(resumed[name], whole[name])


def test_a_cost_that_is_not_a_number_stops_the_run_at_once(tmp_path, data, monkeypatch):
    def broken(stack, student):
        return torch.full((stack.scale.numel(),), float("nan"))

    monkeypatch.setattr("problems.student.autoencoder.take_step", broken)
    with pytest.raises(ReproseError, match="single/1: .*nan.* in epoch 1, expected finite numbers. Lower"):
        trained(tmp_path, data)


@pytest.mark.parametrize(
    ("name", "value"),
    [("model", "forest"), ("hidden", 0), ("epochs", 0), ("learning_rate", 0.0), ("penalty", -1.0), ("thinning", 3)],
)
def test_an_impossible_hyperparameter_is_an_error(name, value):
    with pytest.raises(ReproseError, match=f"{name} is {value}, expected "):
        replace(WANTED, **{name: value})


def test_a_penalty_that_would_turn_the_weights_round_is_an_error():
    with pytest.raises(ReproseError, match="learning_rate x penalty is 2.0, expected less than 1"):
        replace(WANTED, learning_rate=0.5, penalty=4.0)


def results(seeds=(1, 2)):
    """Return results whose curves are easy to check: 0, 1, 2, ... plus a tenth of the seed."""
    facts = {"students": 9, "questions": 8, "training_answers": 50, "validation_answers": 10, "right_share": 0.6}
    learned = {"accuracy": 0.7, "cost": 2.0, "training_cost": 9.0, "squared_weights": 4.0, "majority": 0.6, **facts}
    epochs = PRINTED_EPOCHS[-1] + 1

    def variant(grid):
        trials = [
            {
                "trial": f"trial {place}",
                "values": {**asdict(replace(WANTED, epochs=epochs)), **point},
                "metrics": {str(seed): {**learned, "accuracy": 0.6 + seed / 100 - place / 10} for seed in seeds},
                "mean": 0.6 - place / 10,
            }
            for place, point in enumerate(grid)
        ]
        names = ("cost", "eval_cost", "eval_accuracy")
        curves = {
            f"{trial['trial']}/{seed}": {name: np.arange(float(epochs)) + seed / 10 for name in names}
            for trial in trials
            for seed in seeds
        }
        metrics = {seed: trials[0]["metrics"][str(seed)] for seed in seeds}
        common = {"cost": 1.0, "majority": 0.55, "test_answers": 5}
        tested = {seed: {"accuracy": 0.5 + seed / 100, **common} for seed in seeds}
        return VariantResults(trials, "trial 0", trials[0]["values"], metrics, curves, tested, {})

    sizes = [{"hidden": hidden, "learning_rate": 0.1} for hidden in (8, 4, 2, 1, 16)]
    penalties = [{"penalty": penalty} for penalty in (0.001, 0.01, 0.1, 1.0)]
    grids = {"search": sizes, "regularized": penalties, "document_regularized": penalties}
    grids["improved"] = [{"traits": count} for count in range(4)]
    return Results("student", "sample", {name: variant(grids.get(name, [{}])) for name in ("search", *TESTED)})


def test_the_summary_reads_the_epochs_that_the_document_prints():
    numbers = {number.key: number for number in summarize(results())}
    assert numbers["document.epoch_49.cost"].samples == pytest.approx({1: 49.1, 2: 49.2})
    assert numbers["document.epoch_4.accuracy"].better == "higher"
    assert numbers["document.epoch_0.cost"].source == "student/document/choose"


def test_the_summary_orders_the_search_by_size_and_names_its_winner():
    numbers = {number.key: number.value for number in summarize(results())}
    assert [numbers[f"search.size_{place}.hidden"] for place in range(1, 6)] == [1, 2, 4, 8, 16]
    assert (numbers["search.hidden"], numbers["search.trials"], numbers["search.seeds"]) == (8, 5, 2)
    assert numbers["tuned.test_accuracy.most"] == pytest.approx(0.52)


def test_too_few_epochs_for_the_printed_trace_is_an_error():
    found = results()
    found.variants["document"].values["epochs"] = 49
    with pytest.raises(ReproseError, match="variants.document: epochs is 49, expected more than 49"):
        summarize(found)


def test_no_two_numbers_have_one_key():
    keys = [number.key for number in summarize(results())]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("seeds", [(1, 2), (1,)])
def test_there_is_a_figure_for_each_question_and_one_beyond(seeds):
    figures = draw(results(seeds))
    assert sorted(figures) == ["models", "objectives", "penalty", "search"]
    for figure in figures.values():
        assert figure.get_figwidth() == 4.6
        figure.canvas.draw()


def test_a_missing_variant_is_an_error_that_names_config():
    found = results()
    del found.variants["rasch"]
    with pytest.raises(ReproseError, match="config.yaml: problems.student.variants: 'rasch' is missing"):
        summarize(found)
