"""The topic models on made-up articles: metrics by hand, sparse against dense, training, evaluation, numbers."""

import math

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from problem_runs import Problem, assert_equal
from reprose.base.errors import ReproseError
from reprose.training.contract import Results, VariantResults
from scripts.datasets import ag_news
from scripts.problems.topics.annealing import start
from scripts.problems.topics.autoencoder import new_model
from scripts.problems.topics.coherence import Reference, distinct, diversity, top_words
from scripts.problems.topics.comparisons import METHODS, VARIANTS, name_of, shown_topics
from scripts.problems.topics.corpus import to_corpus, to_matrix
from scripts.problems.topics.evaluate import evaluate
from scripts.problems.topics.figures import draw
from scripts.problems.topics.hyperparameters import Hyperparameters
from scripts.problems.topics.model import kl_divergence, reconstruction_loss
from scripts.problems.topics.names import GIVEN, Name, given_name
from scripts.problems.topics.summary import summarize
from scripts.problems.topics.train import train

WANTED = Hyperparameters(
    model="autoencoder",
    topics=8,
    unseen=0.0,
    hidden=32,
    scale=1.0,
    dropout=0.0,
    learning_rate=0.005,
    decoder_rate=0.05,
    momentum=0.9,
    batch_size=20,
    schedule="linear",
    linear_scaling=100.0,
    w1=0.25,
    w2=15.0,
    epochs=4,
    patience=0,
)
LEARNERS = {name: WANTED.replace(model=name, epochs=20) for name in ("lda", "nmf", "kmeans")}
PROBLEM = Problem(train, WANTED)
run, trained = PROBLEM.run, PROBLEM.trained


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ag_news")
    ag_news.make_sample(folder, seed=5, articles=500, topics=8)
    return ag_news.split(ag_news.read(folder), seed=1, held_out=0.2, tested=0.2, fewest=3, largest_share=0.3)


HISTORY = ("loss", "eval_loss", "eval_bound", "eval_divergence", "npmi", "train_npmi", "diversity", "alpha")


def part(rows, words):
    """Return articles, each a list of counts of all `words`, as the arrays of a view."""
    dense = np.array(rows)
    articles, columns = np.nonzero(dense)
    return {
        "indptr": np.searchsorted(articles, np.arange(len(dense) + 1)),
        "indices": columns,
        "counts": dense[articles, columns],
        "words": np.array(words),
        "classes": np.ones(len(dense), dtype=np.int64),
    }


def test_npmi_by_hand():
    # words a, b, c, d in 4 articles: a and b together twice, a alone once, c in one with neither, d always
    reference = Reference(part([[1, 3, 0, 1], [2, 1, 0, 1], [1, 0, 0, 1], [0, 0, 1, 1]], list("abcd")))
    pair = {"ab": math.log(0.5 / (0.75 * 0.5)) / -math.log(0.5), "ad": 0.0, "bd": 0.0, "cd": 0.0}
    for unseen in (-1.0, 0.0):
        found = reference.npmi(np.array([[0, 1, 2], [0, 1, 3], [2, 3, 0]]), unseen)
        expected = [pair["ab"] + 2 * unseen, pair["ab"] + pair["ad"] + pair["bd"], pair["ad"] + pair["cd"] + unseen]
        assert found == pytest.approx(np.array(expected) / 3)


def test_words_that_only_occur_together_have_npmi_one():
    reference = Reference(part([[1, 1, 1, 1], [0, 0, 1, 1]], list("abcd")))
    assert reference.npmi(np.array([[0, 1], [2, 3]]), -1.0).tolist() == [1.0, 1.0]


def test_the_sum_of_the_document_is_ninety_times_the_mean_over_pairs(data):
    counts = to_matrix(data["validation"]).toarray() > 0
    top = np.random.default_rng(1).choice(counts.shape[1], size=10, replace=False)
    total = 0.0
    for i in top:
        for j in top:
            both = np.mean(counts[:, i] & counts[:, j])
            if i != j and both > 0:
                total += math.log(both / (counts[:, i].mean() * counts[:, j].mean())) / -math.log(both)
    assert 90 * Reference(data["validation"]).npmi(top[None], 0.0)[0] == pytest.approx(total)


def test_diversity_and_distinct_topics_by_hand():
    first, second = np.arange(10), np.r_[np.arange(6), 20:24]
    assert diversity(np.stack([first, first])) == 0.5
    assert diversity(np.stack([first, first + 10])) == 1.0
    assert distinct(np.stack([first, second, first + 10])) == 2
    assert distinct(np.stack([first, np.r_[np.arange(5), 20:25]])) == 2


def test_top_words_are_the_likeliest_best_first():
    scores = np.random.default_rng(0).normal(size=(3, 40))
    top = top_words(scores)
    assert np.array_equal(np.take_along_axis(scores, top, axis=1), -np.sort(-scores, axis=1)[:, :10])


def test_the_kl_divergence_is_that_of_torch():
    generator = torch.Generator().manual_seed(0)
    mean, log_deviation = torch.randn(2, 5, 7, generator=generator, dtype=torch.float64)
    normal = torch.distributions.Normal
    expected = torch.distributions.kl_divergence(normal(mean, log_deviation.exp()), normal(0.0, 1.0)).sum(dim=1)
    torch.testing.assert_close(kl_divergence(mean, log_deviation), expected.double())


def test_the_sparse_model_equals_the_dense_formulas(data):
    counts = torch.from_numpy(to_matrix(data["train"]).toarray()).float()
    corpus, chosen = to_corpus(data["train"]), torch.tensor([7, 0, 7, 31])
    model, batch = new_model(WANTED, corpus.vocabulary, 1), corpus.batch(chosen)
    x = counts[chosen]
    encoder = model.encoder
    hidden = F.relu(encoder.second(F.relu(x @ encoder.first_weight + encoder.first_bias)))
    mean, log_deviation = encoder(batch)
    torch.testing.assert_close(mean, encoder.mean(hidden))
    torch.testing.assert_close(log_deviation, encoder.log_deviation(hidden))
    z = torch.randn(4, WANTED.topics, generator=torch.Generator().manual_seed(2))
    eta = torch.softmax(torch.softmax(z, dim=1) @ model.decoder.word_scores.T, dim=1)
    loss = -(x * eta.log()).sum(dim=1).mean()
    torch.testing.assert_close(reconstruction_loss(model.decoder(torch.softmax(z, dim=1)), batch), loss)


def test_an_article_without_words_is_an_empty_row_for_the_encoder():
    corpus = to_corpus(part([[1, 2], [0, 0], [0, 3]], ["a", "b"]))
    model = new_model(WANTED, 2, 1)
    mean, _ = model.encoder(corpus.batch(torch.arange(3)))
    expected, _ = model.encoder(corpus.batch(torch.tensor([1])))
    torch.testing.assert_close(mean[1], expected[0])
    assert [len(batch) for batch in corpus.batches(torch.arange(3), 2)] == [2, 1]


def test_the_schedules_of_the_document():
    linear, logistic, none = (start(kind, 4.0, 0.25, 15.0, 10) for kind in ("linear", "logistic", "none"))
    found = {"linear": [], "logistic": [], "none": []}
    for _ in range(6):
        for name, schedule in (("linear", linear), ("logistic", logistic), ("none", none)):
            found[name].append(schedule.alpha)
            schedule.step()
    assert found["linear"] == [0.0, 0.25, 0.5, 0.75, 1.0, 1.0]
    assert found["none"] == [1.0] * 6
    steps = np.diff(found["logistic"])
    assert steps == pytest.approx(np.full(5, 1 / (1 + math.exp(3.5))))
    assert steps[0] == pytest.approx(0.0293, abs=5e-5)


@pytest.mark.parametrize(("schedule", "steps"), [("logistic_steps", 15), ("logistic_epochs", 150)])
def test_a_logistic_schedule_is_at_one_half_when_t_is_w2(schedule, steps):
    annealing = start(schedule, 4.0, 0.25, 15.0, 10)  # ten steps an epoch
    assert annealing.alpha == pytest.approx(1 / (1 + math.exp(3.75)))
    for _ in range(steps):
        annealing.step()
    assert annealing.alpha == pytest.approx(0.5)
    for _ in range(steps):
        annealing.step()
    assert annealing.alpha == pytest.approx(1 / (1 + math.exp(-3.75)))


def test_alpha_follows_the_epochs_that_are_trained(tmp_path, data):
    wanted = WANTED.replace(schedule="logistic_epochs", w1=1.0, w2=2.0)
    found = trained(tmp_path, data, wanted).history["alpha"]
    assert found == pytest.approx([1 / (1 + math.exp(2.0 - epoch)) for epoch in (1, 2, 3, 4)])


def seen(name):
    """Return the words that a name was first given for."""
    return next(words.split() for words, given in GIVEN.items() if given == name)


def test_a_name_goes_with_the_words_that_a_person_gave_it_for():
    words = seen("War in Iraq")
    assert given_name(words[::-1]) == Name("War in Iraq")
    assert given_name([*words[:6], *"abcd"]) == Name("War in Iraq", tuple(words[6:]))
    assert given_name([*words[:5], *"abcde"]) is None


@pytest.mark.parametrize("words", GIVEN)
def test_a_name_that_was_given_twice_is_that_of_either_words(words):
    assert given_name(words.split()) == Name(GIVEN[words])


def test_planted_topics_are_recovered_better_than_chance(tmp_path, data):
    wanted = WANTED.replace(epochs=25)
    outcome = trained(tmp_path, data, wanted)
    words = data["train"]["words"][top_words(outcome.weights["decoder.word_scores"].T)]
    purity = np.mean([np.unique([word[:2] for word in topic], return_counts=True)[1].max() / 10 for topic in words])
    untrained = new_model(wanted, len(data["train"]["words"]), 1).decoder.word_scores.detach().numpy().T
    random = data["train"]["words"][top_words(untrained)]
    chance = np.mean([np.unique([word[:2] for word in topic], return_counts=True)[1].max() / 10 for topic in random])
    assert purity > chance + 0.3
    assert outcome.metrics["npmi"] > 0.1
    assert outcome.history["npmi"].shape == (25,)


def test_without_annealing_topics_are_less_diverse(tmp_path, data):
    found = {}
    for schedule in ("linear", "none"):
        wanted = WANTED.replace(schedule=schedule, epochs=6)
        found[schedule] = [
            trained(tmp_path / f"{schedule}{seed}", data, wanted, seed).history["diversity"][-1] for seed in (1, 2, 3)
        ]
    assert np.mean(found["linear"]) > np.mean(found["none"])


def test_training_stops_when_the_npmi_has_not_risen_for_so_many_epochs(tmp_path, data):
    outcome = trained(tmp_path, data, WANTED.replace(epochs=60, patience=2))
    curve = outcome.history["npmi"]
    best = int(curve.argmax())
    assert len(curve) == best + 3 < 60
    assert outcome.metrics["epoch"] == best + 1
    assert outcome.metrics["npmi"] == curve[best]
    scores = outcome.weights["decoder.word_scores"].T
    assert Reference(data["validation"]).npmi(top_words(scores), 0.0).mean() == pytest.approx(curve[best])


@pytest.mark.parametrize("name", LEARNERS)
def test_every_other_method_finds_topics_too(tmp_path, data, name):
    outcome = trained(tmp_path, data, LEARNERS[name])
    assert outcome.weights["scores"].shape == (8, len(data["train"]["words"]))
    assert outcome.metrics["npmi"] > 0.1
    assert outcome.history == {}


@pytest.mark.parametrize("wanted", [WANTED, *LEARNERS.values()])
def test_evaluation_measures_as_validation_did(tmp_path, data, wanted):
    outcome = trained(tmp_path, data, wanted)
    found = evaluate(run(wanted), outcome.weights, {**data, "test": data["validation"]})
    for metric in ("npmi", "other_npmi", "diversity", "distinct"):
        assert found.metrics[metric] == pytest.approx(outcome.metrics[metric])
    assert np.array_equal(found.artifacts["npmi"], found.artifacts["eval_npmi"])
    assert found.artifacts["words"].shape == found.artifacts["lift"].shape == (8, 10)
    if wanted.model == "autoencoder":
        assert found.artifacts["shares"].sum(axis=1) == pytest.approx(np.ones(8))


@pytest.mark.parametrize("wanted", [WANTED, *LEARNERS.values()])
def test_the_same_seed_gives_the_same_weights(tmp_path, data, wanted):
    first = trained(tmp_path / "first", data, wanted)
    assert_equal(first, trained(tmp_path / "second", data, wanted))


def test_another_seed_gives_other_weights_and_global_streams_are_left_alone(tmp_path, data):
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    first, other = (trained(tmp_path / str(seed), data, seed=seed) for seed in (1, 2))
    assert torch.equal(torch.rand(3), expected)
    assert not any(np.array_equal(first.weights[name], other.weights[name]) for name in first.weights)


def test_a_resumed_job_gives_the_same_bits_as_an_uninterrupted_one(tmp_path, data):
    wanted = {"linear": WANTED, "logistic": WANTED.replace(schedule="logistic", patience=3), "nmf": LEARNERS["nmf"]}
    runs = [run(values, seed, trial) for trial, values in wanted.items() for seed in (1, 2)]
    PROBLEM.assert_resumes(tmp_path, data, runs, (("linear/2", 3), ("logistic/1", 2)))


def test_a_loss_that_is_not_a_number_stops_the_run_at_once(tmp_path, data, monkeypatch):
    monkeypatch.setattr("scripts.problems.topics.autoencoder.annealed_loss", lambda one, *others: one / 0 * 0)
    with pytest.raises(ReproseError, match="run single/1, epoch 1: the metric 'loss' is nan, expected a finite number"):
        trained(tmp_path, data)


@pytest.mark.parametrize(
    ("name", "value"),
    [("model", "forest"), ("schedule", "cosine"), ("unseen", 0.5), ("topics", 1), ("hidden", 0), ("momentum", 1.0)],
)
def test_an_impossible_hyperparameter_is_an_error(name, value):
    with pytest.raises(ReproseError, match=f"{name} is {value!r}, expected "):
        WANTED.replace(**{name: value})


def test_every_metric_of_the_history_has_one_value_per_epoch(tmp_path, data):
    history = trained(tmp_path, data).history
    assert set(history) == set(HISTORY)
    assert {values.shape for values in history.values()} == {(4,)}


def artifacts(classes=(0, 1, 2, 3, 3, 0)):
    """Return six topics without a common word, the first the most coherent, each of the class given."""
    words = np.array([[f"{letter}{place}" for place in range(10)] for letter in "abcdef"])
    return {
        "words": words,
        "eval_npmi": np.linspace(0.6, 0.1, 6),
        "npmi": np.linspace(0.5, 0.0, 6),
        "lift": np.tile(np.arange(10.0), (6, 1)),
        "shares": 0.1 + 0.6 * np.eye(4)[list(classes)],
        "class_names": np.array(["World", "Sports", "Business", "Sci/Tech"]),
    }


def results(seeds=(1, 2)):
    """Return results whose curves are easy to check: 0, 1, 2, ... plus a tenth of the seed."""
    facts = {
        "training_articles": 90,
        "validation_articles": 30,
        "vocabulary": 50,
        "words_per_article": 9,
        "filled": 0.1,
    }
    quality = {"npmi": 0.2, "other_npmi": -0.1, "diversity": 0.8, "distinct": 7}
    learned = {**quality, **facts, "epoch": 3, "epochs_trained": 4, "alpha": 0.5, "increment": 0.3}
    learned |= {"loss": 70.0, "eval_bound": 75.0, "eval_divergence": 2.0, "train_npmi": 0.3}

    def variant(name):
        values = [{**dict(WANTED), "topics": topics} for topics in ((25, 50) if name in METHODS else (25,))]
        metrics = {str(seed): {**learned, "npmi": 0.2 + seed / 100} for seed in seeds}
        trials = [{"trial": f"trial {place}", "values": v, "metrics": metrics} for place, v in enumerate(values)]
        curves = {metric: np.arange(4.0) + 1 for metric in HISTORY}
        histories = {f"trial 0/{seed}": {k: curve + seed / 10 for k, curve in curves.items()} for seed in seeds}
        by_seed = {seed: metrics[str(seed)] for seed in seeds}
        tested = {seed: {**quality, "test_articles": 30} for seed in seeds}
        return VariantResults(
            trials, "trial 0", values[0], by_seed, histories, tested, dict.fromkeys(seeds, artifacts())
        )

    return Results("topics", "sample", {name: variant(name) for name in VARIANTS})


def test_the_summary_names_its_numbers_by_variant_and_has_no_key_twice():
    items = summarize(results())
    keys = [item.key for item in items]
    assert len(set(keys)) == len(keys)
    found = {item.key: item for item in items}
    assert found["autoencoder.npmi"].samples == pytest.approx({1: 0.21, 2: 0.22})
    assert found["nmf.test_npmi"].source == "topics/nmf/evaluate"
    assert found["not_annealed.last_diversity"].samples == pytest.approx({1: 4.1, 2: 4.2})
    assert found["logistic.steps"].value == 4  # 0.3, 0.6, 0.9, 1
    assert found["dropout.t2.topics"].value == 50
    assert (found["topic_1.class"].value, found["topic_1.name"].value) == ("World", "a9, a8")
    assert (found["topic_1.named"].value, found["topic_1.lost.text"].value) == (0, "none")
    assert found["topic_2.words"].value.startswith("b0, b1, b2")


def test_the_summary_tells_a_name_that_was_given_for_other_words():
    made = results()
    words = made.variants["autoencoder"].artifacts[1]["words"].astype("<U12")
    words[0] = seen("War in Iraq")
    words[1] = [*seen("Oil price and markets")[:8], "y", "z"]
    made.variants["autoencoder"].artifacts[1]["words"] = words
    found = {item.key: item.value for item in summarize(made)}
    assert (found["topic_1.name"], found["topic_1.named"]) == ("War in Iraq", 1)
    assert (found["topic_2.name"], found["topic_2.named"]) == ("Oil price and markets", 0.5)
    assert found["topic_2.lost.text"] == "worries, higher"


def test_the_shown_topics_are_the_most_typical_of_each_class_then_the_best_left():
    assert shown_topics(artifacts()) == [0, 1, 2, 3, 4]
    assert shown_topics(artifacts((3, 3, 1, 0, 2, 1))) == [3, 2, 4, 0, 1]
    alike = artifacts((3, 3, 1, 0, 2, 1))
    alike["words"] = alike["words"].copy()
    alike["words"][1, :6] = alike["words"][0, :6]
    assert shown_topics(alike) == [3, 2, 4, 0, 5]
    assert name_of(alike, 2) == "c9, c8"


def test_too_few_different_topics_are_an_error():
    same = artifacts()
    same["words"] = np.tile(same["words"][:1], (6, 1))
    with pytest.raises(ReproseError, match="found 1 topics that differ"):
        shown_topics(same)


@pytest.mark.parametrize("seeds", [(1, 2), (1,)])
def test_there_is_a_figure_for_questions_d_and_e_and_one_of_all_methods(seeds):
    figures = draw(results(seeds))
    assert sorted(figures) == ["annealing", "methods", "training"]
    for figure in figures.values():
        assert figure.get_figwidth() == 4.6
        figure.canvas.draw()


def test_a_missing_variant_is_an_error_that_names_config():
    found = results()
    del found.variants["kmeans"]
    with pytest.raises(ReproseError, match="config.yaml: problems.topics.variants: 'kmeans' is missing"):
        summarize(found)
