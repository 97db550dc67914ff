"""The numerical companion of the proofs, held against independent routes through numpy.linalg."""

from pathlib import Path

import numpy as np
import pytest

from problem_runs import Problem, session
from reprose.base.errors import ReproseError
from reprose.code.listings import source_text
from reprose.code.syntax import code_roots
from reprose.config import handouts
from reprose.document.sections import render_section
from reprose.training.contract import Results, VariantResults
from scripts.datasets import generated
from scripts.problems.low_rank import measure, subspaces
from scripts.problems.low_rank.figures import draw
from scripts.problems.low_rank.hyperparameters import METHODS, Hyperparameters
from scripts.problems.low_rank.summary import SPECTRA, summarize
from scripts.problems.low_rank.train import train

ROOT = Path(__file__).resolve().parents[2]
WANTED = Hyperparameters(method="svd", sweeps=3)
PROBLEM = Problem(train, WANTED)
SEEDS = (1, 2)


@pytest.fixture(scope="module", params=SPECTRA)
def data(request):
    return generated.matrices({}, seeds=[1, 2], rows=9, columns=7, spectrum=request.param)


def trained(data, method="svd", seeds=SEEDS):
    runs = [PROBLEM.run(WANTED.replace(method=method), seed, f"method={method}") for seed in seeds]
    made = PROBLEM.train(runs, data, session(Path("unused")))
    return {run.seed: made[run.name] for run in runs}


def tails(matrix):
    """Return the sums of the smallest eigenvalues of X'X, from all but one down to none, as shares."""
    squares = np.linalg.eigvalsh(matrix.T @ matrix)  # ascending
    return np.array([squares[: len(squares) - rank].sum() for rank in range(1, len(squares) + 1)]) / squares.sum()


def test_the_svd_attains_the_sum_of_the_smallest_eigenvalues_at_every_rank(data):
    for seed, outcome in trained(data).items():
        expected = tails(data["train"]["matrices"][seed - 1])
        assert outcome.history["error"] == pytest.approx(expected, abs=1e-12)
        assert outcome.history["bound"] == pytest.approx(expected, abs=1e-12)
        assert abs(outcome.metrics["excess"]) < 1e-12


@pytest.mark.parametrize("method", METHODS)
def test_no_method_falls_below_the_bound(data, method):
    for seed, outcome in trained(data, method).items():
        expected = tails(data["train"]["matrices"][seed - 1])
        assert (outcome.history["error"] > expected - 1e-12).all()
        assert outcome.metrics["least_excess"] > -1e-12
        assert outcome.metrics["largest_excess"] == (outcome.history["error"] - outcome.history["bound"]).max()


@pytest.mark.parametrize("method", METHODS)
def test_all_statements_about_projections_hold_to_rounding_errors(data, method):
    for outcome in trained(data, method).values():
        assert max(outcome.metrics[name] for name in measure.FAULTS) < 1e-12


def test_more_sweeps_of_alternating_least_squares_come_closer(data):
    matrix = data["train"]["matrices"][0]
    errors = []
    for sweeps in (1, 5, 200):
        wanted = WANTED.replace(method="alternating", sweeps=sweeps)
        errors.append(measure.error(subspaces.basis(matrix, 3, wanted, 1), matrix))
    assert errors[0] > errors[1] >= errors[2] - 1e-12
    assert errors[2] == pytest.approx(tails(matrix)[2], abs=1e-6)


def test_the_best_approximation_has_its_rank_and_equals_the_projection(data):
    matrix = data["train"]["matrices"][0]
    for rank in range(1, matrix.shape[1] + 1):
        made = subspaces.best_approximation(matrix, rank)
        assert np.linalg.matrix_rank(made, tol=1e-9) == min(rank, np.linalg.matrix_rank(matrix, tol=1e-9))
        vectors = np.linalg.eigh(matrix @ matrix.T).eigenvectors[:, ::-1]
        if _unique(matrix, rank):
            assert made == pytest.approx(vectors[:, :rank] @ vectors[:, :rank].T @ matrix, abs=1e-9)


def _unique(matrix, rank):
    """Return whether the best approximation of this rank is the only one: no tie at the cut."""
    values = [*np.linalg.svd(matrix, compute_uv=False), 0.0]
    return values[rank - 1] - values[rank] > 1e-6 or values[rank - 1] < 1e-9


def test_with_a_tie_at_the_cut_another_matrix_is_as_good():
    matrix = generated.matrices({}, seeds=[1, 1], rows=9, columns=7, spectrum="tied")["train"]["matrices"][0]
    left, values, right = np.linalg.svd(matrix, full_matrices=False)
    kept = [0, 1, 3]  # in the place of 0, 1, 2
    other = (left[:, kept] * values[kept]) @ right[kept]
    best = subspaces.best_approximation(matrix, 3)
    assert np.abs(other - best).max() > 0.1
    assert ((other - matrix) ** 2).sum() == pytest.approx(((best - matrix) ** 2).sum())


def test_a_projection_that_is_none_has_faults():
    matrix = np.random.default_rng(0).normal(size=(6, 4))
    found = measure.faults(2 * np.linalg.qr(matrix).Q, matrix)
    assert all(found[name] > 0.1 for name in ("values", "square", "trace", "identity", "error"))


def test_the_same_seed_gives_the_same_subspace_and_another_does_not():
    data = generated.matrices({}, seeds=[1, 2], rows=9, columns=6, spectrum="distinct")
    first, second = (trained(data, "random")[1].history["error"] for _ in range(2))
    assert np.array_equal(first, second)
    assert not np.array_equal(first, trained(data, "random")[2].history["error"])


def test_a_seed_without_a_matrix_is_an_error():
    data = generated.matrices({}, seeds=[1, 2], rows=9, columns=6, spectrum="distinct")
    with pytest.raises(ReproseError, match="seed 3 names no matrix. Allowed: 1 to 2"):
        trained(data, seeds=(3,))


@pytest.mark.parametrize(("name", "value"), [("method", "guess"), ("sweeps", 0)])
def test_an_impossible_hyperparameter_is_an_error(name, value):
    with pytest.raises(ReproseError, match=f"{name} is {value!r}, expected "):
        WANTED.replace(**{name: value})


@pytest.fixture(scope="module")
def results():
    def variant(spectrum):
        made = generated.matrices({}, seeds=[1, 3], rows=30, columns=20, spectrum=spectrum)
        outcomes = {method: trained(made, method, (1, 2, 3)) for method in METHODS}
        trials = [
            {
                "trial": f"method={method}",
                "values": dict(WANTED.replace(method=method)),
                "metrics": {str(seed): outcome.metrics for seed, outcome in by_seed.items()},
            }
            for method, by_seed in outcomes.items()
        ]
        curves = {f"method={m}/{seed}": made.history for m, found in outcomes.items() for seed, made in found.items()}
        return VariantResults(trials, "method=svd", trials[0]["values"], {}, curves, {}, {})

    return Results("low_rank", "sample", {spectrum: variant(spectrum) for spectrum in SPECTRA})


def test_the_summary_takes_the_largest_fault_of_all_runs(results):
    numbers = {number.key: number for number in summarize(results)}
    largest = max(run["square"] for trial in results.variants["tied"].trials for run in trial["metrics"].values())
    assert numbers["tied.square"].value == pytest.approx(1e15 * largest)
    assert numbers["largest_fault"].value >= numbers["tied.square"].value
    assert (numbers["matrices"].value, numbers["projections"].value) == (9, 540)
    assert (numbers["rows"].value, numbers["columns"].value) == (30, 20)


@pytest.mark.parametrize("tier", ["sample", "real"])
def test_the_section_is_true_on_both_tiers(results, tier):
    made = render_section(
        ROOT / "report/problems/low_rank.tex.j2",
        problem="low_rank",
        tier=tier,
        numbers={number.key: number for number in summarize(results)},
        figures=list(draw(results)),
        published={},
        provenance=[f"low_rank/{job}" for job in ("plot", "summarize", "write", *(f"{s}/choose" for s in SPECTRA))],
        listings={name: source_text(name, code_roots(ROOT)) for name in handouts.listings(ROOT, "low_rank")},
    )
    assert len(made.claims) == 2 and all(claim.holds for claim in made.claims)


def test_the_figure_can_be_drawn(results):
    (figure,) = draw(results).values()
    assert figure.get_figwidth() == 4.6
    figure.canvas.draw()
