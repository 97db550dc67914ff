"""Which questions will a student answer correctly? (document 003)

Model: an autoencoder of a student's row of answers, sigmoid(h(sigmoid(g(v)))), g and h affine, k hidden units;
beside it the one-parameter item response theory of Rasch (1960), and a Bayesian response model with several traits,
our own.
Source: the assignment that document 003 answers, questions (a) to (e).
Data: right and wrong answers of students to diagnostic questions (Eedi); most pairs have no answer.
Metric: accuracy, the share of held-out answers predicted rightly (0 to 1, higher is better); cost, the sum of squared
errors of the probability over answers (lower is better).
Departures: none in the autoencoder's training. Settings are searched on seeds and a view of their own, so that the
reported runs are not those that the choice was made by, and the search cannot see the test part.
"""
