"""The language of the made-up reviews: its words with their sentiment, and sentences whose meaning depends on order.

A sentence is a clause ("the plot is not dull") or two that disagree ("the plot is dull but the cast is not bad"); of
two, the second decides. As a bag of words such a sentence says nothing.
"""

from dataclasses import dataclass, replace

import numpy as np

SUBJECTS = ("plot", "cast", "script", "score", "ending", "film", "camera", "dialogue")
GOOD = ("good", "clever", "moving", "funny", "warm", "fresh", "gripping", "lovely")
BAD = ("bad", "dull", "clumsy", "hollow", "tired", "stale", "shallow", "noisy")
OTHERS = ("the", "is", "not", "but", "very", "rather")
DOUBLE = 0.4  # of the sentences: two clauses that disagree
NEGATED = 0.4  # of the clauses
WRONG = 0.08  # of the labels, as annotators disagree


@dataclass(frozen=True)
class Phrase:
    """A sentence or a part of one, with its label."""

    words: str
    positive: bool


def sentiments() -> dict[str, int]:
    """Return every word of the language with its sentiment: 1, -1 or 0."""
    return {**dict.fromkeys(GOOD, 1), **dict.fromkeys(BAD, -1), **dict.fromkeys((*SUBJECTS, *OTHERS), 0)}


def sentence(generator: np.random.Generator) -> list[Phrase]:
    """Return a sentence, followed by those of its parts that have a sentiment of their own."""
    positive = bool(generator.integers(2))
    found = _clause(generator, positive)
    if generator.random() < DOUBLE:
        other = _clause(generator, not positive)
        found = [Phrase(f"{other[0].words} but {found[0].words}", positive), *found, *other]
    return [replace(phrase, positive=phrase.positive != (generator.random() < WRONG)) for phrase in found]


def _clause(generator: np.random.Generator, positive: bool) -> list[Phrase]:
    negated = generator.random() < NEGATED
    word = generator.choice(GOOD if positive != negated else BAD)
    opinion = f"{generator.choice(['very ', 'rather ', ''])}{word}"
    said = Phrase(f"{'not ' if negated else ''}{opinion}", positive)
    clause = Phrase(f"the {generator.choice(SUBJECTS)} is {said.words}", positive)
    return [clause, said] + ([Phrase(opinion, not positive)] if negated else [])
