"""What are these articles about? Topics of a news corpus by a variational autoencoder (document 002, question A6).

Model: encoder of two ReLU layers with mean mu and log standard deviation of a normal z, theta = softmax(z), and
eta = softmax(B theta), without an offset; B holds one column of word scores for each topic. Held against latent
Dirichlet allocation, nonnegative matrix factorization and k-means of scikit-learn, fitted to the same counts.
Source: document 002, A6 (a) to (f). The document's "w1", "w2" and "linear_scaling" keep their names.
Data: AG News as counts of words, sparse from the file to the gradient.
Metric: NPMI, the mean normalized pointwise mutual information of the pairs of a topic's top ten words in articles that
were not trained on (-1 to 1, higher is better); diversity, the share of different words among all top ten (0 to 1).
Departures: the document's NPMI is a sum over 90 ordered pairs; the mean over the 45 unordered ones is that divided by
90. A third part of the articles is kept for a test that nothing was chosen on.
"""
