"""Stanford Sentiment Treebank as GLUE ships it, SST-2: phrases of film reviews, negative or positive (Socher, 2013).

Columns of `train.tsv` and `dev.tsv`, between tabs, under a line of headings: the words of a phrase with blanks between
them, lower-case, and its label, 0 for negative and 1 for positive. `train.tsv` holds sentences and parts of the same
sentences as rows of their own, in no order; `dev.tsv` holds whole sentences of others. GLUE does not publish the labels
of its `test.tsv`, so that file is of no use here.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from reprose import Archive, ReproseError, Source
from scripts.datasets import made_up_reviews, phrases
from scripts.datasets.texts import REMEDY, read_lines

SOURCE = Source(
    title="SST-2, the Stanford Sentiment Treebank in GLUE",
    homepage="https://gluebenchmark.com/tasks",
    licence="No terms are stated; free for research by custom, cite Socher and others (2013).",
    citation="socher2013recursive",
    files={
        "train.tsv": "48eac26399f8456935f81dd9e3a745c1430adb6c62e233ccfe22db4a0d15d1d1",
        "dev.tsv": "54a9c12c77e402fc14d6a66a506f24d999f596b0176eb777c972cccc2f9cc4b0",
    },
    archives=(
        Archive(
            url="https://dl.fbaipublicfiles.com/glue/data/SST-2.zip",
            members={"train.tsv": "SST-2/train.tsv", "dev.tsv": "SST-2/dev.tsv"},
        ),
    ),
)

HEADINGS = "sentence\tlabel"
FILES = ("train.tsv", "dev.tsv")
PAD, UNKNOWN = 0, 1  # ids that no word has
SPECIAL = ("[pad]", "[unk]")

Table = dict[str, np.ndarray]


def read(folder: Path) -> Table:
    """Return the reviews of both files, in file order.

    `tokens` (all tokens,) int32 is one review after another, `lengths` (rows,) int64 says how long each is, `labels`
    (rows,) int64 is 0 or 1, `file` (rows,) int64 is 0 for train.tsv and 1 for dev.tsv. A token is a place in `words`
    (words,), which holds every word in order of first appearance, in lower case.
    """
    rows = [(file, *row) for file, name in enumerate(FILES) for row in _read_file(folder / name)]
    reviews = [review.lower().split() for _, review, _ in rows]
    places: dict[str, int] = {}
    tokens = [places.setdefault(word, len(places)) for review in reviews for word in review]
    return {
        "tokens": np.array(tokens, dtype=np.int32),
        "lengths": np.array([len(review) for review in reviews], dtype=np.int64),
        "labels": np.array([label for _, _, label in rows], dtype=np.int64),
        "file": np.array([file for file, _, _ in rows], dtype=np.int64),
        "words": np.array(list(places)),
    }


def course_split(table: Mapping[str, np.ndarray]) -> dict[str, Table]:
    """Split as the course does: train.tsv to train on, dev.tsv as the validation part; there is no test part."""
    train, held_out = (np.flatnonzero(table["file"] == file) for file in range(len(FILES)))
    return _parts(table, train=train, validation=held_out, test=held_out[:0])


def honest_split(table: Mapping[str, np.ndarray], *, seed: int, held_out: int) -> dict[str, Table]:
    """Keep dev.tsv for the test, and validate on `held_out` sentences of train.tsv.

    Phrases that only these sentences contain are left out of the training part, or it would hold the validation part
    in pieces.
    """
    rows = np.flatnonzero(table["file"] == 0)
    homes = phrases.homes([tuple(review) for review in _reviews(table, rows)])
    sentences = sorted({sentence for found in homes for sentence in found})
    if not 0 < held_out < len(sentences):
        raise ReproseError(
            f"config.yaml: views: held_out is {held_out}, expected from 1 to {len(sentences) - 1}: train.tsv has"
            f" {len(sentences)} sentences, and some must stay."
        )
    chosen = set(np.random.default_rng(seed).permutation(sentences)[:held_out].tolist())
    kept = [row for row, found in enumerate(homes) if not found <= chosen]
    return _parts(table, train=rows[kept], validation=rows[sorted(chosen)], test=np.flatnonzero(table["file"] == 1))


def make_sample(folder: Path, seed: int, sentences: int, held_out: int) -> None:
    """Write made-up files of the same format: `sentences` with their parts to train on, and `held_out` others."""
    for name, size in (("sentences", sentences), ("held_out", held_out)):
        if size < 1:
            raise ReproseError(f"config.yaml: datasets.sst2.sample: {name} is {size}, expected at least 1.")
    generator = np.random.default_rng(seed)
    made = [made_up_reviews.sentence(generator) for _ in range(sentences + held_out)]
    train = list({phrase.words: phrase for found in made[:sentences] for phrase in found}.values())  # each phrase once
    order = generator.permutation(len(train)).tolist()
    _write(folder / FILES[0], [train[place] for place in order])
    _write(folder / FILES[1], [found[0] for found in made[sentences:]])


def _write(path: Path, rows: list[made_up_reviews.Phrase]) -> None:
    lines = [HEADINGS, *(f"{row.words} \t{int(row.positive)}" for row in rows)]  # GLUE's rows end in a blank, too
    path.write_bytes(("\n".join(lines) + "\n").encode("utf-8"))


def _read_file(path: Path) -> list[tuple[str, int]]:
    headings, *lines = read_lines(path, f"the headings {HEADINGS!r} and rows")
    if headings != HEADINGS:
        raise ReproseError(f"{path}:1: found the headings {headings!r}, expected {HEADINGS!r}. {REMEDY}")
    if not lines:
        raise ReproseError(f"{path}: no rows under the headings, expected at least one. {REMEDY}")
    return [_row(path, number, line) for number, line in enumerate(lines, 2)]


def _row(path: Path, number: int, line: str) -> tuple[str, int]:
    cells = line.split("\t")
    if len(cells) != 2:
        raise ReproseError(f"{path}:{number}: found {len(cells)} fields, expected 2: sentence and label. {REMEDY}")
    review, label = cells
    if not review.strip():
        raise ReproseError(f"{path}:{number}: the review is empty, expected at least one word. {REMEDY}")
    if label not in ("0", "1"):
        raise ReproseError(f"{path}:{number}: the label is {label!r}, expected 0 or 1. {REMEDY}")
    return review, int(label)


def _reviews(table: Mapping[str, np.ndarray], rows: np.ndarray) -> list[list[int]]:
    ends = np.cumsum(table["lengths"])
    spans = np.stack([ends - table["lengths"], ends], axis=1)[rows]  # (chosen rows, 2)
    return [table["tokens"][start:end].tolist() for start, end in spans.tolist()]


def _parts(table: Mapping[str, np.ndarray], **rows: np.ndarray) -> dict[str, Table]:
    """Return the parts with the ids of the vocabulary of the training part, which stands there as `words`.

    `reviews` (rows,) of the other parts are the same reviews as text, for people to read.
    """
    owner = np.repeat(np.arange(len(table["lengths"])), table["lengths"])  # (all tokens,): the row of each
    seen, first = np.unique(table["tokens"][np.isin(owner, rows["train"])], return_index=True)
    vocabulary = seen[np.argsort(first)]  # in order of first appearance
    ids = np.full(len(table["words"]), UNKNOWN, dtype=np.int32)
    ids[vocabulary] = np.arange(len(vocabulary)) + len(SPECIAL)
    parts = {}
    for part, chosen in rows.items():
        reviews = _reviews(table, chosen)
        flat = np.array([token for review in reviews for token in review], dtype=np.int64)
        parts[part] = {
            "tokens": ids[flat],
            "lengths": table["lengths"][chosen],
            "labels": table["labels"][chosen],
        }
        if part == "train":
            parts[part]["words"] = np.array([*SPECIAL, *table["words"][vocabulary]])
        else:
            texts = [" ".join(table["words"][review]) for review in reviews]
            parts[part]["reviews"] = np.array(texts, dtype=str)
    return parts
