"""Five statements about neural networks, true or false (document 002, problem A1)

Model: fully connected networks in double precision, trained by full-batch gradient descent or Adam on the mean squared
error; beside an autoencoder, principal component analysis with a code of the same size.
Source: document 002, A1 (a) to (e).
Data: points in the plane that `datasets.generated` makes: the exclusive or, a disc in a ring, a spiral.
Metric: mean squared error (lower is better); accuracy, the share of points on the right side of 1/2 (higher is
better); explained variance, 1 - squared error / squared distance from the training mean (higher is better);
multiply-adds of a pass through the network per point.
Departures: the document asks for a few words. The measurements are ours, and so are all settings.
"""
