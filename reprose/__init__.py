"""The engine of Reprose. It knows no problem and no data set."""
