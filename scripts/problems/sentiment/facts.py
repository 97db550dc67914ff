"""What the handout says about the data: sizes, how many words have a vector, and what two parts have in common."""

import numpy as np

from reprose import Arrays

LONG = 5  # words from which on a phrase that two reviews share is more than a turn of speech
UNKNOWN = 1  # the id of a word that the vocabulary lacks


def facts(training: Arrays, held_out: Arrays) -> dict[str, float]:
    """Return counts and shares (0 to 1) of both parts."""
    matched = training["matched"]
    known = set(_tuples(training))
    reviews = _tuples(held_out)
    pieces = {review for review in known if len(review) >= LONG}
    return {
        "training_reviews": len(training["labels"]),
        "held_out_reviews": len(reviews),
        "vocabulary": len(matched) - 2,  # without padding and unknown
        "matched_words": int(matched.sum()),
        "matched_tokens": float(matched[training["tokens"]].mean()),
        "held_out_matched": float(matched[held_out["tokens"]].mean()),
        "held_out_unknown": float((held_out["tokens"] == UNKNOWN).mean()),
        "training_length": float(training["lengths"].mean()),
        "held_out_length": float(held_out["lengths"].mean()),
        "longest": int(training["lengths"].max()),
        "positive": float(held_out["labels"].mean()),
        "repeated": sum(review in known for review in reviews),
        "pieces": sum(_holds(review, pieces) for review in reviews),
    }


def _tuples(arrays: Arrays) -> list[tuple[int, ...]]:
    ends = np.cumsum(arrays["lengths"])[:-1]
    return [tuple(review.tolist()) for review in np.split(arrays["tokens"], ends)]


def _holds(review: tuple[int, ...], pieces: set[tuple[int, ...]]) -> bool:
    """Return whether one of `pieces` is a run of consecutive words of `review`."""
    starts = range(len(review) - LONG + 1)
    return any(review[start:end] in pieces for start in starts for end in range(start + LONG, len(review) + 1))
