"""Training: plain stochastic gradient descent for autoencoders, and the two response models beside them."""

from collections.abc import Mapping, Sequence
from functools import partial

from reprose import Arrays, Outcome, Run, Trainings
from scripts.problems.student import rasch
from scripts.problems.student.answers import Answers, to_answers
from scripts.problems.student.autoencoder import Autoencoders, plan
from scripts.problems.student.measure import facts, measure
from scripts.problems.student.traits import Sampler


def train(runs: Sequence[Run], data: Mapping[str, Arrays], used: Mapping[str, Arrays], device: str) -> Trainings:
    """Yield the runs of every stack of autoencoders, and each other run, with what begins their training."""
    here, there = ([to_answers(data[part], place) for part in ("train", "validation")] for place in ("cpu", device))
    for replicas in plan([run for run in runs if run.settings.model == "autoencoder"]):
        yield [run for replica in replicas for run in replica.runs], partial(Autoencoders, replicas, *there)
    begin = {"rasch": fit_rasch, "traits": Sampler}
    for run in runs:
        if run.settings.model in begin:
            yield run, partial(begin[run.settings.model], run, *here)


def fit_rasch(run: Run, training: Answers, validation: Answers) -> Outcome:
    """Fit item response theory; there is one optimum, so the seed changes nothing."""
    weights = rasch.fit(training, run.settings.penalty)
    metrics = measure(rasch.probability(weights, validation), validation)
    return Outcome({name: weight.numpy() for name, weight in weights.items()}, metrics | facts(training, validation))
