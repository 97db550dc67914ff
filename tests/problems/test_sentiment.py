import numpy as np
import pytest
import torch

from problem_runs import Problem, assert_equal, session
from reprose.base.errors import ReproseError
from reprose.training.contract import Results, VariantResults
from scripts.datasets import glove_6b, sst2
from scripts.problems.sentiment import figures, summary
from scripts.problems.sentiment.comparisons import MIXED, NETWORKS
from scripts.problems.sentiment.evaluate import SHOWN, evaluate
from scripts.problems.sentiment.facts import facts
from scripts.problems.sentiment.hyperparameters import Hyperparameters
from scripts.problems.sentiment.model import accuracy, build, loss
from scripts.problems.sentiment.reviews import collate, ordered_batches, shuffled_batches, to_reviews
from scripts.problems.sentiment.train import train

WANTED = Hyperparameters(
    network="gru",
    hidden=8,
    readout="last",
    bucketed=True,
    learning_rate=0.01,
    batch_size=16,
    epochs=2,
    patience=2,
)
PROBLEM = Problem(train, WANTED)


def a_run(trial="only", seed=1, **changed):
    return PROBLEM.run(WANTED.replace(**changed), seed, trial)


def prepared(folder, sentences):
    sst2.make_sample(folder, 3, sentences=sentences, held_out=40)
    glove_6b.make_sample(folder, 3, words=20)
    view = sst2.honest_split(sst2.read(folder), seed=1, held_out=30)
    return glove_6b.embeds(glove_6b.read(folder), view, seed=1)


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    return prepared(tmp_path_factory.mktemp("raw"), 100)


def fit(folder, parts, runs=None, **changed):
    return PROBLEM.train(runs or [a_run(**changed)], parts, session(folder))


def test_collate_pads_the_shorter_ones_at_their_end():
    batch, lengths = collate([torch.tensor([5, 6]), torch.tensor([7]), torch.tensor([8, 9, 4])])
    assert batch.tolist() == [[5, 6, 0], [7, 0, 0], [8, 9, 4]]
    assert lengths.tolist() == [2, 1, 3]


@pytest.mark.parametrize("bucketed", [True, False])
def test_an_epoch_holds_every_review_once(bucketed):
    lengths = torch.randint(1, 30, (205,), generator=torch.Generator().manual_seed(1))
    rows = torch.cat(shuffled_batches(lengths, 16, bucketed, torch.Generator().manual_seed(2)))
    assert sorted(rows.tolist()) == list(range(205))
    assert sorted(torch.cat(ordered_batches(lengths, 16, bucketed)).tolist()) == list(range(205))


def test_a_bucket_holds_reviews_of_like_length_and_every_epoch_is_another():
    lengths = torch.randint(1, 30, (205,), generator=torch.Generator().manual_seed(1))
    generator = torch.Generator().manual_seed(2)
    first, second = (shuffled_batches(lengths, 5, True, generator) for _ in range(2))
    assert all(lengths[rows].max() - lengths[rows].min() <= 2 for rows in first)
    assert [rows.tolist() for rows in first] != [rows.tolist() for rows in second]


@pytest.mark.parametrize("network", NETWORKS)
def test_padding_changes_nothing(network):
    torch.manual_seed(1)
    vectors = torch.randn(20, 6)
    vectors[0] = 0
    model = build(vectors, WANTED.replace(network=network))
    reviews = [torch.randint(2, 20, (length,)) for length in (3, 9, 1)]
    alone = [model(*collate([review])).item() for review in reviews]
    assert model(*collate(reviews)).tolist() == pytest.approx(alone, abs=1e-6)


def test_the_loss_and_the_accuracy_are_those_of_the_definitions():
    logits, labels = torch.tensor([2.0, -1.0, 0.5, -3.0]), torch.tensor([1.0, 0.0, 0.0, 1.0])
    probability = torch.sigmoid(logits)
    expected = -(labels * probability.log() + (1 - labels) * (1 - probability).log()).mean()
    assert loss(logits, labels).item() == pytest.approx(expected.item())
    assert accuracy(logits, labels).item() == 0.5


def test_a_job_that_is_cut_off_goes_on_to_the_same_bits(tmp_path, parts):
    runs = [a_run("one"), a_run("two", 2, network="lstm", epochs=3, patience=3)]
    PROBLEM.assert_resumes(tmp_path, parts, runs, [("one/1", 1), ("one/1", 2), ("two/2", 2)])


def test_a_seed_decides_a_run_and_another_seed_gives_another(tmp_path, parts):
    one, again, other = (
        fit(tmp_path / name, parts, [a_run("only", seed)])[f"only/{seed}"]
        for name, seed in (("a", 1), ("b", 1), ("c", 2))
    )
    assert_equal(one, again)
    assert not np.array_equal(one.weights["linear.weight"], other.weights["linear.weight"])


def test_a_run_is_the_same_alone_and_beside_others(tmp_path, parts):
    alone = fit(tmp_path / "alone", parts)["only/1"]
    runs = [a_run("other", 2, network="rnn"), a_run("only", 1)]
    assert_equal(alone, fit(tmp_path / "both", parts, runs)["only/1"])


def test_order_is_learned_where_a_bag_of_words_cannot(tmp_path):
    parts = prepared(tmp_path, 250)
    read = {
        network: fit(tmp_path / network, parts, network=network, hidden=32, epochs=10)["only/1"].metrics["accuracy"]
        for network in ("gru", "average")
    }
    assert read["gru"] > read["average"] + 0.1


def test_training_ends_when_the_loss_has_not_fallen_for_some_epochs(tmp_path, parts):
    metrics = fit(tmp_path, parts, learning_rate=0.3, epochs=16, patience=2)["only/1"].metrics
    assert metrics["epochs"] < 16
    assert metrics["epochs"] == metrics["best_epoch"] + 2


def test_the_weights_are_those_of_the_best_epoch(tmp_path, parts):
    made = fit(tmp_path, parts, epochs=5, patience=5)["only/1"]
    assert made.metrics["loss"] == made.history["loss"].min()
    assert made.history["accuracy"][int(made.metrics["best_epoch"]) - 1] == made.metrics["accuracy"]


def test_a_loss_that_is_not_finite_stops_the_run_at_once(tmp_path, parts):
    with pytest.raises(ReproseError, match=r"run only/1, epoch 1: .* is (nan|inf), expected .*learning_rate 1e.30"):
        fit(tmp_path, parts, learning_rate=1e30, network="average")


def test_evaluation_shows_the_same_reviews_for_every_run(tmp_path, parts):
    made = fit(tmp_path, parts)["only/1"]
    run = a_run("only", 1)
    first, second = evaluate(run, made.weights, parts), evaluate(a_run("only", 2), made.weights, parts)
    assert first.artifacts["reviews"].tolist() == second.artifacts["reviews"].tolist()
    assert len(first.artifacts["reviews"]) == SHOWN
    assert set(first.artifacts["reviews"]) <= set(parts["test"]["reviews"])
    assert first.metrics["test_reviews"] == 40


def test_evaluation_on_the_validation_part_gives_the_metrics_of_training(tmp_path, parts):
    made = fit(tmp_path, parts)["only/1"]
    found = evaluate(a_run("only", 1), made.weights, {**parts, "test": parts["validation"]}).metrics
    assert found["loss"] == pytest.approx(made.metrics["loss"], rel=1e-6)
    assert found["accuracy"] == made.metrics["accuracy"]


def test_the_average_does_not_see_the_order(tmp_path, parts):
    made = fit(tmp_path, parts, network="average")["only/1"]
    run = a_run("only", 1, network="average")
    metrics = evaluate(run, made.weights, parts).metrics
    assert metrics["reversed_accuracy"] == metrics["shuffled_accuracy"] == metrics["accuracy"]


def test_the_padded_readout_reads_what_follows_the_last_word(tmp_path, parts):
    made = fit(tmp_path, parts, readout="padded", bucketed=False)["only/1"]
    assert made.metrics["padding"] > 0.2
    run = a_run(readout="padded", bucketed=False)
    read = evaluate(run, made.weights, parts).metrics
    assert read["loss"] != evaluate(a_run("only", 1), made.weights, parts).metrics["loss"]


def part(reviews, matched=12):
    return {
        "tokens": np.array([token for review in reviews for token in review], dtype=np.int32),
        "lengths": np.array([len(review) for review in reviews]),
        "labels": np.zeros(len(reviews), dtype=np.int64),
        "matched": np.arange(12) >= 12 - matched,
    }


def test_facts_count_repeated_reviews_and_shared_phrases():
    training = part([[2, 3], [4, 5, 6, 7, 8], [9]])
    found = facts(training, part([[2, 3], [9, 4, 5, 6, 7, 8, 9], [2, 3, 2], [1, 1]]))
    assert (found["repeated"], found["pieces"]) == (1, 1)
    assert found["held_out_unknown"] == pytest.approx(2 / 14)
    assert (found["longest"], found["vocabulary"]) == (5, 10)


def test_reviews_are_cut_where_their_lengths_say():
    made = to_reviews(part([[2, 3], [4], [5, 6, 7]]))
    assert [tokens.tolist() for tokens in made.tokens] == [[2, 3], [4], [5, 6, 7]]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"network": "transformer"}, "network is 'transformer', expected 'rnn', 'lstm', 'gru' or 'average'"),
        ({"readout": "first"}, "readout is 'first', expected 'last' or 'padded'"),
        ({"batch_size": 0}, "batch_size is 0, expected greater than or equal to 1"),
        ({"learning_rate": 0.0}, "learning_rate is 0.0, expected greater than 0"),
    ],
)
def test_values_with_which_no_training_is_possible_are_errors(changed, message):
    with pytest.raises(ReproseError, match=message):
        WANTED.replace(**changed)


@pytest.fixture(scope="module")
def results(tmp_path_factory, parts):
    """Two seeds of one small run stand for every variant."""
    runs = [a_run("only", seed) for seed in (1, 2)]
    outcomes = fit(tmp_path_factory.mktemp("results"), parts, runs)
    metrics = {run.seed: outcomes[run.name].metrics for run in runs}
    tested = {run.seed: evaluate(run, outcomes[run.name].weights, parts) for run in runs}
    trial = {"trial": "only", "values": dict(WANTED), "metrics": metrics, "mean": 0.5, "chosen": True}

    def made(honest):
        test = {seed: found.metrics for seed, found in tested.items()} if honest else {}
        artifacts = {seed: found.artifacts for seed, found in tested.items()} if honest else {}
        histories = {name: outcome.history for name, outcome in outcomes.items()}
        return VariantResults([trial], "only", dict(WANTED), metrics, histories, test, artifacts)

    names = [*NETWORKS, *MIXED, *(f"{name}_honest" for name in NETWORKS)]
    return Results("sentiment", "sample", {name: made(name.endswith("_honest")) for name in names})


def test_every_number_and_review_of_the_section_is_there_once(results):
    items = summary.summarize(results)
    found = {item.key: item for item in items}
    assert len(found) == len(items)
    assert found["gru.loss"].n == found["review_8.probability"].n == 2
    assert [found[f"review_{place}.text"].value for place in (1, SHOWN)] == [
        str(results.variant("gru_honest").artifacts[1]["reviews"][place]) for place in (0, SHOWN - 1)
    ]
    assert found["gru_honest.test_accuracy"].source == "sentiment/gru_honest/evaluate"
    test = results.variant("gru_honest").test
    assert found["gru_honest.test_accuracy"].samples == {seed: 100 * each["accuracy"] for seed, each in test.items()}
    assert found["gru_honest.learning_rate.tried.text"].value == f"{WANTED.learning_rate:g}"


def test_the_figures_of_the_section_are_drawn(results):
    assert set(figures.draw(results)) == {"training"}
