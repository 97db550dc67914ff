"""Which variants the documents' questions compare, under which names they are printed."""

from reprose.errors import ReproseError
from reprose.experiment import Results, VariantResults

# question -> the two variants that it compares
QUESTIONS = {
    "a": ("shared_ranking", "separate_ranking"),
    "b": ("shared_balanced", "separate_balanced"),
    "c": ("shared_ranking", "shared_balanced"),
}
DOCUMENT = ("shared_ranking", "separate_ranking", "shared_balanced", "separate_balanced")
CURVES = ("factorization_loss", "joint_loss", "regression_error", "eval_error", "eval_mrr")  # that the documents print


def converged(variant: str) -> str:
    """Return the name of the variant that trains the same model until it is converged."""
    return f"converged_{variant}"


def find(results: Results, variant: str) -> VariantResults:
    """Return the results of `variant`; the questions cannot be answered without it."""
    if variant not in results.variants:
        raise ReproseError(
            f"config.yaml: problems.{results.problem}.variants: '{variant}' is missing, and the handout compares it."
            f" Found: {', '.join(sorted(results.variants))}."
        )
    return results.variants[variant]
