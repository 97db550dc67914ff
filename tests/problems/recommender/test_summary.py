"""Numbers and figures of the recommender, from results that are easy to check."""

import pytest

from recommender_cases import WANTED
from reprose.base.errors import ReproseError
from reprose.training.contract import Results, VariantResults
from scripts.problems.recommender.comparisons import ALGORITHMS, find
from scripts.problems.recommender.figures import draw
from scripts.problems.recommender.summary import summarize

FILLS = ("zero", "middle", "mean")


def results():
    """Return results with errors that are easy to check: a tenth of the rank, plus a hundredth of the seed."""
    variants = {}
    for algorithm in ALGORITHMS:
        for rule in ("document", "honest", "repeated"):
            seeds = (1,) if algorithm in ("means", "svd") and rule != "repeated" else (1, 2)
            trials = [_trial(algorithm, rank, place, seeds) for place, rank in enumerate((1, 2, 5, 10, 20, 50))]
            if algorithm == "means":
                trials = [
                    {**_trial(algorithm, 1, place, seeds, fill), "trial": fill} for place, fill in enumerate(FILLS)
                ]
            test = {seed: {"error": 0.9 + seed / 100} for seed in seeds}
            metrics = {int(seed): found for seed, found in trials[0]["metrics"].items()}
            variants[f"{algorithm}_{rule}"] = VariantResults(
                trials, trials[0]["trial"], trials[0]["values"], metrics, {}, test, {}
            )
    return Results("recommender", "sample", variants)


def _trial(algorithm, rank, place, seeds, fill="mean"):
    counts = {"users": 9, "films": 8, "training_ratings": 7, "held_out_ratings": 6}
    counts |= {"unseen_films": 5, "unseen_ratings": 4, "unseen_error": 0.1, "loss": 5000.0 + place}
    metrics = {str(seed): {"error": rank / 10 + seed / 100, "train_error": 0.5, **counts} for seed in seeds}
    values = dict(WANTED.replace(algorithm=algorithm, rank=rank, fill=fill))
    return {
        "trial": f"rank={rank},fill={fill}",
        "values": values,
        "metrics": metrics,
        "mean": 0.1,
        "std": 0,
        "chosen": place == 0,
    }


def test_the_summary_takes_the_best_trial_of_every_rank():
    numbers = {number.key: number for number in summarize(results())}
    assert numbers["als.d5.error"].samples == pytest.approx({1: 0.51, 2: 0.52})
    assert numbers["als.document.rank"].value == 1
    assert numbers["svd.d5.error"].n == 0
    assert numbers["same.sgd.d1.loss"].value == 5000
    assert numbers["sgd.trials"].value == 6
    assert numbers["bayes.repeated.error"].source == "recommender/bayes_repeated/evaluate"


def test_there_is_a_figure_for_each_part():
    figures = draw(results())
    assert sorted(figures) == ["by_rank", "same_loss"]
    for figure in figures.values():
        assert figure.get_figwidth() == 4.6
        figure.canvas.draw()


def test_a_missing_variant_is_an_error_that_names_config():
    found = results()
    del found.variants["als_honest"]
    with pytest.raises(ReproseError, match="config.yaml: problems.recommender.variants: 'als_honest' is missing"):
        find(found, "als", "honest")


def test_two_algorithms_without_a_common_penalty_cannot_be_compared():
    found = results()
    for trial in found.variants["sgd_document"].trials:
        trial["values"]["regularization"] = 99.0
    with pytest.raises(ReproseError, match="als_document and sgd_document have no `regularization` in common"):
        summarize(found)
