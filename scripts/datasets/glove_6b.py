"""GloVe word vectors of 50 numbers, trained on 6 billion tokens of Wikipedia and news (Pennington and others, 2014).

A line of `glove.6B.50d.txt` is a word and its 50 numbers, with single blanks between them; there are no headings.
"""

import codecs
import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from reprose import Archive, ReproseError, Source
from scripts.datasets import made_up_reviews
from scripts.datasets.texts import REMEDY

SOURCE = Source(
    title="GloVe 6B, 50 dimensions",
    homepage="https://nlp.stanford.edu/projects/glove/",
    licence="Public Domain Dedication and License 1.0",
    citation="pennington2014glove",
    # This digest is by one account and unverified: we have not held the official file. Should the download be refused,
    # compare its size, 171,350,079 bytes, before doubting the file.
    files={"glove.6B.50d.txt": "ebdaa02fea5684e0626e79028a3cd147afaf04ab2080eb8ddb98be8d80cf58ef"},
    archives=(
        Archive(url="http://nlp.stanford.edu/data/glove.6B.zip", members={"glove.6B.50d.txt": "glove.6B.50d.txt"}),
    ),
)

FILE = "glove.6B.50d.txt"
SIZE = 50  # numbers of a vector
DECIMAL = re.compile(r"[0-9eE+.-]*")  # not "1_0", "nan", digits of other scripts
MISSING = 0.15  # of the made-up words: without a vector

Parts = Mapping[str, Mapping[str, np.ndarray]]


def read(folder: Path) -> dict[str, np.ndarray]:
    """Return `words` (words,) and their `vectors` (words, 50) float32, in file order."""
    path = folder / FILE
    vectors: dict[str, np.ndarray] = {}
    lines: dict[str, int] = {}
    with open(path, "rb") as file:
        for number, line in enumerate(file, 1):
            word, vector = _vector(path, number, line.removeprefix(codecs.BOM_UTF8) if number == 1 else line)
            if word in vectors:
                raise ReproseError(
                    f"{path}:{number}: the word {word!r} again, first in line {lines[word]}; expected one vector per"
                    f" word. {REMEDY}"
                )
            vectors[word], lines[word] = vector, number
    if not vectors:
        raise ReproseError(f"{path}: the file is empty, expected a word and {SIZE} numbers a line. {REMEDY}")
    return {"words": np.array(list(vectors)), "vectors": np.stack(list(vectors.values()))}


def embeds(table: Mapping[str, np.ndarray], parts: Parts, *, seed: int) -> dict[str, dict[str, np.ndarray]]:
    """Add to the training part `vectors` (vocabulary, 50) float32, a row for every one of its `words`.

    A word without a vector gets normal numbers with the mean and the standard deviation of all numbers that were
    matched. The first row, that of padding, is zero. `matched` (vocabulary,) says which words were found.
    """
    words = parts["train"]["words"]
    places = {word: place for place, word in enumerate(table["words"].tolist())}
    found = np.array([places.get(word, -1) for word in words.tolist()])
    matched = found >= 0
    if not matched.any():
        raise ReproseError(f"{FILE}: none of the {len(words)} words of the vocabulary has a vector; wrong file?")
    known = table["vectors"][found[matched]]
    drawn = np.random.default_rng(seed).normal(known.mean(), known.std(), size=(len(words), SIZE))
    vectors = drawn.astype(np.float32)
    vectors[matched] = known
    vectors[0] = 0
    train = {**parts["train"], "vectors": vectors, "matched": matched}
    return {**{part: dict(arrays) for part, arrays in parts.items()}, "train": train}


def make_sample(folder: Path, seed: int, words: int) -> None:
    """Write a made-up file of the same format: vectors for most words of the made-up reviews, and for `words` others.

    Sentiment is a direction: a word lies on the side of zero that its sentiment says.
    """
    generator = np.random.default_rng(seed)
    known = made_up_reviews.sentiments()
    kept = [word for word in known if generator.random() >= MISSING]
    rows = {**{word: known[word] for word in kept}, **{f"word{number}": 0 for number in range(words)}}
    direction = generator.normal(scale=0.5, size=SIZE)
    vectors = generator.normal(scale=0.4, size=(len(rows), SIZE)) + np.outer(list(rows.values()), direction)
    order = generator.permutation(len(rows)).tolist()
    listed = list(rows)
    lines = [f"{listed[place]} {' '.join(f'{value:.5g}' for value in vectors[place])}\n" for place in order]
    (folder / FILE).write_bytes("".join(lines).encode("utf-8"))


def _vector(path: Path, number: int, line: bytes) -> tuple[str, np.ndarray]:
    try:
        word, *cells = line.decode("utf-8").removesuffix("\n").split(" ")
    except UnicodeDecodeError as error:
        raise ReproseError(
            f"{path}:{number}: found the bytes {line[error.start : error.end]!r}, expected UTF-8 text. {REMEDY}"
        ) from error
    if not line.endswith(b"\n"):
        raise ReproseError(f"{path}:{number}: the last line has no end; the file is cut off. {REMEDY}")
    if not word or len(cells) != SIZE:
        raise ReproseError(
            f"{path}:{number}: found {len(cells)} numbers after the word {word!r}, expected a word and {SIZE} numbers."
            f" {REMEDY}"
        )
    vector = _numbers(cells)
    if not np.isfinite(vector).all():
        wrong = next(cell for cell in cells if not np.isfinite(_numbers([cell])).all())
        raise ReproseError(f"{path}:{number}: found {wrong!r}, expected a number that 32 bits can hold. {REMEDY}")
    return word, vector


def _numbers(cells: list[str]) -> np.ndarray:
    """Return decimal numbers as float32, with infinity for those too large; what Python alone takes for one is none."""
    try:
        values = [float(cell) for cell in cells] if DECIMAL.fullmatch("".join(cells)) else [np.nan]
    except ValueError:
        values = [np.nan]
    with np.errstate(over="ignore"):
        return np.array(values, dtype=np.float32)
