"""Training: every run fits one model and leaves what its topics score the words."""

from collections.abc import Mapping, Sequence
from functools import partial

from scipy.sparse import csr_matrix

from reprose import Arrays, Outcome, Run, Trainings
from scripts.problems.topics import others
from scripts.problems.topics.autoencoder import Fit
from scripts.problems.topics.corpus import to_matrix
from scripts.problems.topics.measure import Parts, measure, to_parts


def train(runs: Sequence[Run], data: Mapping[str, Arrays], used: Mapping[str, Arrays], device: str) -> Trainings:
    """Yield every run with what begins its training."""
    parts, counts, facts = to_parts(data), to_matrix(data["train"]), _facts(data)
    for run in runs:
        autoencoder = run.settings.model == "autoencoder"
        yield run, partial(Fit, run, parts, facts) if autoencoder else partial(fit, run, counts, parts, facts)


def fit(run: Run, counts: csr_matrix, parts: Parts, facts: Mapping[str, float]) -> Outcome:
    """Fit one of the models of scikit-learn to counts (articles, words)."""
    scores = others.fit(run.settings, counts, run.seed)
    return Outcome({"scores": scores}, measure(scores, parts.held_out, run.settings.unseen) | facts)


def _facts(data: Mapping[str, Arrays]) -> dict[str, float]:
    """Return the sizes of the data, which the handout prints."""
    training, validation = data["train"], data["validation"]
    return {
        "training_articles": len(training["classes"]),
        "validation_articles": len(validation["classes"]),
        "vocabulary": len(training["words"]),
        "words_per_article": float(training["counts"].sum() / len(training["classes"])),
        "filled": len(training["indices"]) / (len(training["classes"]) * len(training["words"])),
    }
