"""A linear model of one column of a table, fitted by gradient descent."""
