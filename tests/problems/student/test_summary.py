"""Numbers and figures of the student problem, from results that are easy to check."""

import numpy as np
import pytest

from reprose.base.errors import ReproseError
from reprose.training.contract import Results, VariantResults
from scripts.problems.student.comparisons import PRINTED_EPOCHS, TESTED
from scripts.problems.student.figures import draw
from scripts.problems.student.summary import summarize
from student_cases import WANTED


def results(seeds=(1, 2)):
    """Return results whose curves are easy to check: 0, 1, 2, ... plus a tenth of the seed."""
    facts = {"students": 9, "questions": 8, "training_answers": 50, "validation_answers": 10, "right_share": 0.6}
    learned = {"accuracy": 0.7, "cost": 2.0, "training_cost": 9.0, "squared_weights": 4.0, "majority": 0.6, **facts}
    epochs = PRINTED_EPOCHS[-1] + 1

    def variant(grid):
        trials = [
            {
                "trial": f"trial {place}",
                "values": {**dict(WANTED.replace(epochs=epochs)), **point},
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
