"""Which variants the documents' questions compare, under which names they are printed."""

# question -> the two variants that it compares
QUESTIONS = {
    "a": ("shared_ranking", "separate_ranking"),
    "b": ("shared_balanced", "separate_balanced"),
    "c": ("shared_ranking", "shared_balanced"),
}
DOCUMENT = ("shared_ranking", "separate_ranking", "shared_balanced", "separate_balanced")
SHARED = ("shared_ranking", "shared_balanced")  # of these, training records how each task pulls at the embeddings
PULLS = ("factorization_gradient", "regression_gradient", "gradient_cosine")
CURVES = ("factorization_loss", "joint_loss", "regression_error", "eval_error", "eval_mrr")  # that the documents print


def converged(variant: str) -> str:
    """Return the name of the variant that trains the same model until it is converged."""
    return f"converged_{variant}"
