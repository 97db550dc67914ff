"""Settings and made-up ratings for the tests of the recommender."""

import numpy as np

from problem_runs import Problem, ignore
from scripts.problems.recommender.alternating import alternate, alternate_with_offsets
from scripts.problems.recommender.descent import Descent
from scripts.problems.recommender.gibbs import sample_table
from scripts.problems.recommender.hyperparameters import Hyperparameters
from scripts.problems.recommender.ratings import Ratings
from scripts.problems.recommender.train import train

WANTED = Hyperparameters(
    algorithm="als",
    rank=3,
    fill="mean",
    regularization=2.0,
    scale=0.3,
    sweeps=10,
    burn_in=4,
    learning_rate=0.01,
    decay=0.97,
    batch_size=100,
)
# Settings with which each algorithm does well on a few thousand ratings of few dimensions.
GOOD = {
    "als": WANTED,
    "sgd": WANTED.replace(algorithm="sgd", sweeps=60),
    "biased": WANTED.replace(algorithm="biased", regularization=0.1),
    "bayes": WANTED.replace(algorithm="bayes", sweeps=60, burn_in=20),
}
PROBLEM = Problem(train, WANTED)
run = PROBLEM.run


def few(seed=0, users=30, films=40, count=400):
    """Return random ratings of random pairs; the last two films and the last user have none."""
    generator = np.random.default_rng(seed)
    pairs = generator.choice((users - 1) * (films - 2), size=count, replace=False)
    stars = generator.integers(1, 6, count).astype(float)
    return Ratings(pairs // (films - 2), pairs % (films - 2), stars, users, films)


def planted(noise=0.3, seed=1, users=90, films=110, rank=2):
    """Return training and test ratings from vectors of `rank` numbers and offsets, between 1 and 5."""
    generator = np.random.default_rng(seed)
    table = generator.normal(0, 0.6, (users, rank)) @ generator.normal(0, 0.8, (rank, films))
    table += 3 + 0.4 * generator.normal(size=(users, 1)) + 0.4 * generator.normal(size=films)
    table = np.clip(table + noise * generator.normal(size=table.shape), 1, 5)
    chosen = generator.permutation(users * films)[:5000]
    parts = (chosen[:4000], chosen[4000:])
    return [Ratings(rows // films, rows % films, table.ravel()[rows], users, films) for rows in parts]


def fit(wanted, training, seed=1):
    match wanted.algorithm:
        case "als":
            return alternate(training, wanted, seed, ignore)
        case "biased":
            return alternate_with_offsets(training, wanted, seed, ignore)
        case "bayes":
            return sample_table(training, wanted, seed, ignore)
    return descended([wanted], training, seed)[0]


def descended(settings, training, seed=1):
    """Return the vectors that each of `settings` leads to, fitted as one stack."""
    runs = [run(wanted, seed, str(place)) for place, wanted in enumerate(settings)]
    descent = Descent(runs, training, training)
    while not descent.over:
        descent.epoch()
        descent.done += 1
    return [descent.weights(place) for place in range(len(runs))]
