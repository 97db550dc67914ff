"""Which phrases of a treebank are parts of which sentences."""

from collections.abc import Sequence

Words = tuple[int, ...]


def homes(reviews: Sequence[Words]) -> list[set[int]]:
    """Return for every row of `reviews` the sentences that contain it, as rows.

    A sentence is a row that is no part of a longer one; it contains itself. Of equal sentences, the first one counts.
    """
    rows: dict[Words, list[int]] = {}
    for row, review in enumerate(reviews):
        rows.setdefault(review, []).append(row)
    found: dict[Words, set[int]] = {review: set() for review in rows}
    for review in sorted(rows, key=len, reverse=True):
        if not found[review]:
            for part in _parts(review):
                if part in found:
                    found[part].add(rows[review][0])
    return [found[review] for review in reviews]


def _parts(review: Words) -> set[Words]:
    """Return all runs of consecutive words."""
    ends = range(1, len(review) + 1)
    return {review[start:end] for end in ends for start in range(end)}
