r"""Every question of the four documents is answered, in the document's order.

A section marks the place of each answer with \answers{label}, which prints nothing. A label is made of what the
document prints before the question: A7.b.c is question (c) of part b of problem A7.
"""

import re
from pathlib import Path

import pytest

from reprose.config import handouts

ROOT = Path(__file__).resolve().parents[1]


def parts(problem, letters):
    """Return the labels of the parts of one problem: "A1", "abc" -> A1.a, A1.b, A1.c."""
    return [f"{problem}.{letter}" for letter in letters]


QUESTIONS = {  # handout -> section -> the labels of its questions, all in the order of the documents
    "multitask_recommender": {"multitask": parts("3", "abc")},  # documents 000 and 001
    "homework4": {  # document 002, which has B1 before A7
        "concepts": parts("A1", "abcde"),
        "autoencoder": parts("A2", "abcd"),
        "transfer": parts("A3", "ab"),
        "cifar": parts("A4", "abcd"),
        "fgsm": parts("A4.e", "1234"),
        "sentiment": parts("A5", "abcdefgh"),
        "topics": parts("A6", "abcdef"),
        "recommender": parts("B1", "abcdef"),
        "low_rank": ["A7.a", *parts("A7.b", "abcd"), *parts("A7.c", "abc"), *parts("A7.d", "ab")],
    },
    "student_responses": {"student": [*"abcde"]},  # document 003
}
SECTIONS = {section: labels for questions in QUESTIONS.values() for section, labels in questions.items()}


def template(section):
    return ROOT / handouts.SECTIONS / f"{section}{handouts.SUFFIX}"


def marks(text):
    r"""Return the labels of all \answers{} in a template, comments aside, in their order."""
    return re.findall(r"\\answers\{([^}]*)\}", re.sub(r"(?m)^\s*%#.*$", "", text))


@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_answers_its_questions_in_their_order(section):
    if not template(section).exists():
        pytest.skip(f"{template(section).relative_to(ROOT)} is not written yet")
    assert marks(template(section).read_text(encoding="utf-8")) == SECTIONS[section]


@pytest.mark.parametrize("handout", QUESTIONS)
def test_a_handout_prints_its_sections_in_the_order_of_the_document(handout):
    written = [section for section in QUESTIONS[handout] if template(section).exists()]
    assert handouts.sections(ROOT, handout) == written


@pytest.mark.parametrize("section", QUESTIONS["homework4"])
def test_an_answer_restates_its_question_below_the_documents_number(section):
    text = template(section).read_text(encoding="utf-8")
    restated = re.findall(r"\\answers\{([^}]*)\}\s*\\question\{", text)
    assert restated == SECTIONS[section]
    numbered = {re.sub("[ ()]", "", number) for number in own_numbers(text)}
    for label in restated:  # the parts of a part of A7 are headings of a third level, without a number
        own = label[:4] if section == "low_rank" else label
        assert own.replace(".", "") in numbered


def own_numbers(text):
    r"""Return what \numberedas gives to the headings of a template: "A1", "A1 (a)", ..."""
    return re.findall(r"\\numberedas(?:\[section\])?\{([^}]*)\}", text)


def test_no_other_section_claims_to_answer_a_question():
    found = {path.name.removesuffix(handouts.SUFFIX): path for path in template("").parent.iterdir()}
    others = {section: marks(path.read_text(encoding="utf-8")) for section, path in found.items()}
    assert {section: labels for section, labels in others.items() if labels and section not in SECTIONS} == {}


def test_a_mark_in_a_comment_is_none():
    assert marks("%# \\answers{A1.a}\n\\subsection{Yes}\\answers{A1.b}\n\\item\\answers{A1.c} No") == ["A1.b", "A1.c"]
