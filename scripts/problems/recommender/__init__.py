"""How well do low-rank models predict the ratings of a film? (document 002, problem B1)

Model: the rating of film i by user j is <u_i, v_j>, fitted by a truncated singular value decomposition of the
zero-filled matrix, by alternating least squares and by stochastic gradient descent on the loss (4) of the document;
beyond it, with offsets of films and users, by alternating least squares and by Gibbs sampling (Salakhutdinov and Mnih,
2008).
Source: document 002, B1 (a) to (f).
Data: MovieLens 100K, users and films numbered from 0, ratings in stars from 1 to 5.
Metric: mean squared error of the predictions (stars squared, lower is better). Predictions of (a) to (d) are not
clipped; those of (f) are clipped to the scale.
Departures: none in (a) to (d). The document chooses on the test error; the `honest` variants choose on a part of the
training ratings, and the `repeated` variants fit ten random splits with what was chosen there.
"""
