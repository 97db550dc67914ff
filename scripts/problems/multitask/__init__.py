"""Does sharing embeddings between ranking and rating prediction help? (documents 000 and 001)

Model: matrix factorization for ranking, s = u.q + a_user + b_item, and for ratings a network of one hidden layer on
[u, q, u*q]; the two tasks share u and q, or have their own.
Source: the assignment on multi-task recommendation that both documents answer; the data are Harper and Konstan (2015).
Data: MovieLens 100K, users x films, ratings in stars from 1 to 5; every rating is a positive of the ranking task.
Metric: mean squared error of unclipped ratings (stars squared, lower is better); mean reciprocal rank of the held-out
films of a user among all films, those of the training part last (from 0 to 1, higher is better).
Departures: none for the four variants of the documents, which take 200 steps on the whole training part. The converged
variants differ from the documents: minibatches, weight decay, early stopping, and a test part that training never sees.
"""
