"""Settings for the tests of the student problem."""

from problem_runs import Problem
from scripts.problems.student.hyperparameters import Hyperparameters
from scripts.problems.student.train import train

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
RASCH, TRAITS = WANTED.replace(model="rasch", penalty=0.3), WANTED.replace(model="traits")
PROBLEM = Problem(train, WANTED)
run, trained = PROBLEM.run, PROBLEM.trained
