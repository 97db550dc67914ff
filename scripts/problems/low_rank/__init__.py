"""The best low-rank approximation of a matrix (document 002, problem A7)

Model: an n x d matrix X is approximated by its projection W W' X onto the span of k orthonormal columns W, for every
k from 1 to d.
Source: document 002, A7 (a) to (d); Eckart and Young (1936).
Data: matrices that `datasets.generated` makes from known singular values.
Metric: squared Frobenius norm of the error, as a share of that of X (lower is better); its excess over the sum of the
squared singular values beyond the k-th, which the theorem says is never negative.
Departures: the document asks for proofs; the numbers are ours and prove nothing, but would show a slip.
"""
