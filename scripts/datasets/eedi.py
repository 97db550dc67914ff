"""Diagnostic questions of Eedi: right and wrong answers of 542 students to 1774 questions (Wang and others, 2020).

Columns of `train_data.csv`, `valid_data.csv` and `test_data.csv`, under a line of headings, rows in no order: question
id and user id (both from 0), and 1 for a right answer or 0 for a wrong one. A student answers a question once at most.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from reprose import ReproseError, Source
from scripts.datasets.texts import REMEDY, read_lines

SOURCE = Source(
    title="Eedi diagnostic questions, as in the course CSC311",
    homepage="https://eedi.com/projects/neurips-education-challenge",
    licence="CC BY-NC-ND 4.0 by the challenge's terms, which we have not verified; not redistributed here.",
    citation="wang2020eedi",
    files={
        "train_data.csv": "f36d362105a67cf9a2c9ffa0473d8f86c1e9ce090cacb7eff8d72a86dafe8f07",
        "valid_data.csv": "d2aa18534b42aacde56858b3b3b1ee81e88d0368a60e49cd8a79731b2d99c22a",
        "test_data.csv": "8cf0b0e3ce05028ce2a4b434f99eab63629f9670c2d99ce87e5c848e723bd81c",
    },
    manual="take the three files from the starter archive of the project of CSC311 (University of Toronto)",
)

STUDENTS, QUESTIONS = 542, 1774  # published; ids run from 0 to one less
HEADINGS = "question_id,user_id,is_correct"
PARTS = {"train": "train_data.csv", "validation": "valid_data.csv", "test": "test_data.csv"}
SHARES = (0.842, 0.105)  # of the published answers: training, validation; the rest is the test part

Table = dict[str, np.ndarray]

TRAITS = 2  # dimensions of made-up skill besides general ability
FEWEST = 4  # training answers to a made-up question, at least; the published questions have 5


def read(folder: Path) -> Table:
    """Return `questions`, `students`, `correct` (0 or 1) and `part` (0, 1, 2 for train, validation, test), int64.

    Rows are in file order, part after part. A question or a student without a training answer is an error, as nothing
    can be learned about it.
    """
    tables = [_read_part(folder / file) for file in PARTS.values()]
    questions, students, correct = np.concatenate(tables).T
    part = np.repeat(np.arange(len(tables)), [len(table) for table in tables])
    _check_pairs(folder, questions, students, part)
    _check_answered(folder / PARTS["train"], questions, part, "question")
    _check_answered(folder / PARTS["train"], students, part, "student")
    return {"questions": questions, "students": students, "correct": correct, "part": part}


def starter_split(table: Mapping[str, np.ndarray]) -> dict[str, Table]:
    """Split as the three files are."""
    return {name: _rows(table, table["part"] == place) for place, name in enumerate(PARTS)}


def search_split(table: Mapping[str, np.ndarray]) -> dict[str, Table]:
    """Split as the three files are, without the test part: for a search that must not see it."""
    return {**starter_split(table), "test": _rows(table, table["part"] < 0)}


def make_sample(folder: Path, seed: int, students: int, questions: int, answers: int) -> None:
    """Write made-up files of the same format, by students and questions of item response theory.

    A right answer has the probability sigmoid(ability - difficulty + skills . topics).
    """
    if students > STUDENTS or questions > QUESTIONS or not 3 * FEWEST * questions <= answers <= students * questions:
        raise ReproseError(
            f"config.yaml: datasets.eedi.sample: students {students}, questions {questions}, answers {answers}."
            f" Allowed: at most {STUDENTS} students, {QUESTIONS} questions, and answers from {3 * FEWEST} x questions"
            " to students x questions."
        )
    generator = np.random.default_rng(seed)
    chance = 1 / (1 + np.exp(-_readiness(generator, students, questions)))  # (students, questions)
    order = generator.permutation(students * questions)[:answers]
    who, what = np.divmod(order, questions)
    right = generator.random(answers) < chance[who, what]
    rows = np.stack([what, who, right], axis=1)
    training, validation = (round(share * answers) for share in SHARES)
    rows = rows[np.argsort(~_obligatory(rows), kind="stable")]  # into the training part, so that all are answered
    rows[:training] = generator.permutation(rows[:training])
    for file, part in zip(PARTS.values(), np.split(rows, [training, training + validation]), strict=True):
        lines = [HEADINGS, *(",".join(map(str, row)) for row in part.tolist())]
        (folder / file).write_bytes(("\n".join(lines) + "\n").encode("ascii"))


def _read_part(path: Path) -> np.ndarray:
    headings, *lines = read_lines(path, f"the headings {HEADINGS} and rows", "ascii")
    if headings != HEADINGS:
        raise ReproseError(f"{path}:1: found the headings {headings!r}, expected {HEADINGS!r}. {REMEDY}")
    if not lines:
        raise ReproseError(f"{path}: no rows under the headings, expected at least one. {REMEDY}")
    return np.array([_row(path, number, line) for number, line in enumerate(lines, 2)], dtype=np.int64)


def _row(path: Path, number: int, line: str) -> list[int]:
    cells = line.split(",")
    if len(cells) != 3:
        raise ReproseError(f"{path}:{number}: found {len(cells)} fields, expected 3: {HEADINGS}. {REMEDY}")
    for cell, name, largest in zip(cells, HEADINGS.split(","), (QUESTIONS - 1, STUDENTS - 1, 1), strict=True):
        if not (cell.isascii() and cell.isdigit() and len(cell) <= 10 and int(cell) <= largest):
            raise ReproseError(f"{path}:{number}: {name} is {cell!r}, expected a number from 0 to {largest}. {REMEDY}")
    return [int(cell) for cell in cells]


def _check_pairs(folder: Path, questions: np.ndarray, students: np.ndarray, part: np.ndarray) -> None:
    pairs = students * QUESTIONS + questions
    _, first, group = np.unique(pairs, return_index=True, return_inverse=True)
    again = np.flatnonzero(first[group] != np.arange(len(pairs)))
    if again.size:
        late, early = again[0], first[group[again[0]]]
        raise ReproseError(
            f"{_place(folder, part, late)}: student {students[late]} answers question {questions[late]} again, first in"
            f" {_place(folder, part, early)}; expected one answer per student and question. {REMEDY}"
        )


def _place(folder: Path, part: np.ndarray, row: int) -> str:
    line = row - np.searchsorted(part, part[row]) + 2  # rows are sorted by part; line 1 holds the headings
    return f"{folder / list(PARTS.values())[part[row]]}:{line}"


def _check_answered(path: Path, ids: np.ndarray, part: np.ndarray, name: str) -> None:
    counts = np.bincount(ids[part == 0], minlength=ids.max() + 1)
    missing = np.flatnonzero(counts == 0)
    if missing.size:
        raise ReproseError(
            f"{path}: {name} {missing[0]} has no answer here (nor have {missing.size - 1} others), expected at least"
            f" one for each {name} from 0 to {ids.max()}. {REMEDY}"
        )


def _rows(table: Mapping[str, np.ndarray], rows: np.ndarray) -> Table:
    sizes = {"student_rows": table["students"].max() + 1, "question_rows": table["questions"].max() + 1}
    counts = {name: np.array(size, dtype=np.int64) for name, size in sizes.items()}
    return {**{name: table[name][rows] for name in ("students", "questions", "correct")}, **counts}


def _readiness(generator: np.random.Generator, students: int, questions: int) -> np.ndarray:
    """Return the log odds of a right answer, (students, questions); ability and difficulty as in the published set."""
    ability = generator.normal(scale=0.9, size=(students, 1))
    difficulty = generator.normal(loc=-0.5, scale=1.0, size=questions)
    skills = generator.normal(size=(students, TRAITS))
    topics = generator.normal(scale=0.7, size=(TRAITS, questions))
    return ability - difficulty + skills @ topics


def _obligatory(rows: np.ndarray) -> np.ndarray:
    """Return which rows are among the first `FEWEST` of their question or their student, (rows,)."""
    wanted = np.zeros(len(rows), dtype=bool)
    for ids in (rows[:, 0], rows[:, 1]):
        order = np.argsort(ids, kind="stable")
        starts = np.searchsorted(ids[order], ids[order])
        wanted[order] |= np.arange(len(ids)) - starts < FEWEST
    return wanted
