"""AG News: title and first sentences of news articles from 2004, in four classes (Zhang, Zhao and LeCun, 2015).

Lines of `test.csv`: class (1 to 4, named in `classes.txt`), title and description, each between double quotes; a double
quote inside is doubled, and a backslash stands for a line break. Remains of HTML occur (" #39;", "&lt;b&gt;").

`train.csv` (120,000 articles, same format) is read too once `SOURCE` lists it. It is not listed, as we know its git
blob (694aa19971315410e000404523796b76349d3c1d) but not its SHA-256: fetch it from the same folder, compare
`git hash-object train.csv`, and add what `sha256sum train.csv` prints to `files`, and its address to `urls`.
"""

import csv
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from reprose import ReproseError, Source
from scripts.datasets.stop_words import stop_words
from scripts.datasets.texts import REMEDY, read_lines, read_text

FOLDER = "https://raw.githubusercontent.com/mhjabreel/CharCnn_Keras/master/data/ag_news_csv/"
SOURCE = Source(
    title="AG News",
    homepage="http://groups.di.unipi.it/~gulli/AG_corpus_of_news_articles.html",
    licence="For research and other non-commercial use; not redistributed here.",
    citation="zhang2015character",
    files={
        "classes.txt": "612dbfa932f07a6ed837295a7d5746ce7412e7bb4bc32ba919fdb3cda3a1b9b5",
        "test.csv": "521465c2428ed7f02f8d6db6ffdd4b5447c1c701962353eb2c40d548c3c85699",
    },
    urls={"classes.txt": FOLDER + "classes.txt", "test.csv": FOLDER + "test.csv"},
)

CLASSES = ("World", "Sports", "Business", "Sci/Tech")
COLUMNS = ("class", "title", "description")
LETTERS = 4  # of a word, at least
ENTITIES = "amp|apos|copy|gt|hellip|lt|mdash|nbsp|ndash|quot|reg|trade"
MARKUP = re.compile(
    rf"&lt;.*?&gt;|https?:\S+|&?#\d+;|&?\b(?:{ENTITIES});|\\"
)  # tags, addresses, characters, line breaks
WORD = re.compile(r"[a-z]+")

Table = dict[str, np.ndarray]

SYLLABLES = tuple(first + second for first in "bdfgklmnprstvz" for second in "aeiou")
TOPIC_WORDS, COMMON_WORDS = 25, 40  # made-up words that belong to one topic, and to none
MAIN, COMMON = 0.55, 0.25  # shares of an article's words from its topic, and from none; the rest is a second topic's


def read(folder: Path) -> Table:
    """Return the articles as sparse counts of words: row i holds `indices[indptr[i]:indptr[i + 1]]` with `counts`.

    `words` names the columns, in alphabetical order; `classes` holds 1 to 4 and `class_names` what they mean. A word
    has at least four letters, is in lower case and is no stop word. A file that was cut off between two lines passes
    here: the checksum in `SOURCE` is what finds it.
    """
    names = _class_names(folder / "classes.txt")
    articles = [article for file in SOURCE.files if file.endswith(".csv") for article in _read_articles(folder / file)]
    return {
        **count_words(words_of(text) for _, text in articles),
        "classes": np.array([label for label, _ in articles], dtype=np.int64),
        "class_names": names,
    }


def split(
    table: Mapping[str, np.ndarray], *, seed: int, held_out: float, tested: float, fewest: int, largest_share: float
) -> dict[str, Table]:
    """Split at random: a share `tested` is the test part, `held_out` the validation part, the rest is trained on.

    The vocabulary is that of the training part: words in at least `fewest` of its articles and in at most a share
    `largest_share` of them. Other words are dropped from all parts; an article without any word left stays as an empty
    row.
    """
    _require_shares(held_out, tested, largest_share)
    count = len(table["classes"])
    order = np.random.default_rng(seed).permutation(count)
    first, second = round(count * tested), round(count * (tested + held_out))
    rows = {"train": order[second:], "validation": order[first:second], "test": order[:first]}
    training = _take(table, rows["train"])
    found = np.bincount(training["indices"], minlength=len(table["words"]))  # a word is once in an article's row
    kept = np.flatnonzero((found >= fewest) & (found <= largest_share * len(rows["train"])))
    if not kept.size:
        raise ReproseError(
            f"config.yaml: views: fewest {fewest} and largest_share {largest_share} leave no word of"
            f" {len(table['words'])} in {len(rows['train'])} training articles. Widen them."
        )
    return {part: _restrict(_take(table, index), kept) for part, index in rows.items()}


def words_of(text: str) -> list[str]:
    """Return the words of `text` that count, in order: at least four letters, lower case, no stop words."""
    plain, unwanted = MARKUP.sub(" ", text).lower(), stop_words()
    return [word for word in WORD.findall(plain) if len(word) >= LETTERS and word not in unwanted]


def count_words(articles: Iterable[list[str]]) -> Table:
    """Return `words` in alphabetical order and the sparse counts of every article."""
    columns: dict[str, int] = {}
    indices, counts, ends = [], [], [0]
    for words in articles:
        row: dict[int, int] = {}
        for word in words:
            column = columns.setdefault(word, len(columns))
            row[column] = row.get(column, 0) + 1
        indices += row
        counts += row.values()
        ends.append(len(indices))
    alphabetical = sorted(columns)
    places = np.empty(len(columns), dtype=np.int64)
    places[[columns[word] for word in alphabetical]] = np.arange(len(columns))
    return {
        "words": np.array(alphabetical, dtype=np.str_),
        "indptr": np.array(ends, dtype=np.int64),
        "indices": places[np.array(indices, dtype=np.int64)],
        "counts": np.array(counts, dtype=np.int64),
    }


def make_sample(folder: Path, seed: int, articles: int, topics: int) -> None:
    """Write made-up files of the same format: each article speaks of one planted topic, and a little of another.

    All words of topic k begin with syllable k of `SYLLABLES`; the article's class is k modulo 4, plus 1.
    """
    if not 4 <= topics < len(SYLLABLES) or articles < 10 * topics:
        raise ReproseError(
            f"config.yaml: datasets.ag_news.sample: topics {topics}, articles {articles}. Allowed: 4 to"
            f" {len(SYLLABLES) - 1} topics, and at least 10 articles for each."
        )
    generator = np.random.default_rng(seed)
    words = [_made_up(generator, SYLLABLES[topic], TOPIC_WORDS) for topic in range(topics)]
    common = _made_up(generator, SYLLABLES[-1], COMMON_WORDS)
    lines = []
    for topic in generator.permutation(np.arange(articles) % topics).tolist():
        other = int(generator.integers(topics))
        length = 8 + int(generator.poisson(18))
        kinds = generator.choice(3, size=length, p=(MAIN, COMMON, 1 - MAIN - COMMON))
        sources = (words[topic], common, words[other])
        lines.append(_line(topic % len(CLASSES) + 1, [_draw(generator, sources[kind]) for kind in kinds]))
    (folder / "test.csv").write_bytes("".join(lines).encode("utf-8"))
    (folder / "classes.txt").write_bytes("".join(f"{name}\n" for name in CLASSES).encode("ascii"))


def _class_names(path: Path) -> np.ndarray:
    lines = read_text(path).splitlines()
    found = [line.strip() for line in lines if line.strip()]
    if len(found) != len(CLASSES):
        raise ReproseError(f"{path}: found {len(found)} classes, expected {len(CLASSES)}, one a line. {REMEDY}")
    return np.array(found, dtype=np.str_)


def _read_articles(path: Path) -> list[tuple[int, str]]:
    """Return class and text (title, then description) of every article, in file order."""
    lines = read_lines(path, f"lines of {', '.join(COLUMNS)}")
    return [_article(path, number, line) for number, line in enumerate(lines, 1)]


def _article(path: Path, number: int, line: str) -> tuple[int, str]:
    try:
        (cells,) = csv.reader([line], strict=True)
    except (csv.Error, ValueError) as error:
        raise ReproseError(f"{path}:{number}: no line of quoted fields ({error}). {REMEDY}") from error
    if len(cells) != len(COLUMNS):
        raise ReproseError(
            f"{path}:{number}: found {len(cells)} fields, expected {len(COLUMNS)}: {', '.join(COLUMNS)}. {REMEDY}"
        )
    label, title, description = cells
    if label not in ("1", "2", "3", "4"):
        raise ReproseError(f"{path}:{number}: class is {label!r}, expected 1 to {len(CLASSES)}. {REMEDY}")
    if not title.strip() and not description.strip():
        raise ReproseError(f"{path}:{number}: title and description are empty, expected an article. {REMEDY}")
    return int(label), f"{title} {description}"


def _require_shares(held_out: float, tested: float, largest_share: float) -> None:
    for name, found, least in (("held_out", held_out, 0), ("tested", tested, -1), ("largest_share", largest_share, 0)):
        if not least < found <= (1 if name == "largest_share" else 0.5) or (name == "tested" and found < 0):
            raise ReproseError(f"config.yaml: views: {name} is {found}, expected a share of articles, at most 0.5.")
    if held_out + tested >= 1:
        raise ReproseError(f"config.yaml: views: held_out {held_out} and tested {tested} leave no training part.")


def _take(table: Mapping[str, np.ndarray], rows: np.ndarray) -> Table:
    """Return the table of the articles `rows`, in that order."""
    lengths = np.diff(table["indptr"])[rows]
    ends = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    places = np.repeat(table["indptr"][rows] - ends[:-1], lengths) + np.arange(ends[-1])
    taken = {name: table[name][places] for name in ("indices", "counts")}
    return {**table, **taken, "indptr": ends, "classes": table["classes"][rows]}


def _restrict(table: Mapping[str, np.ndarray], kept: np.ndarray) -> Table:
    """Return the table with the columns `kept` alone."""
    columns = np.full(len(table["words"]), -1, dtype=np.int64)
    columns[kept] = np.arange(len(kept))
    stays = columns[table["indices"]] >= 0
    passed = np.concatenate([[0], np.cumsum(stays)]).astype(np.int64)
    return {
        **table,
        "words": table["words"][kept],
        "indptr": passed[table["indptr"]],
        "indices": columns[table["indices"][stays]],
        "counts": table["counts"][stays],
    }


def _made_up(generator: np.random.Generator, first: str, count: int) -> list[str]:
    """Return different made-up words that begin with `first`, the frequent ones first."""
    words: dict[str, None] = {}
    while len(words) < count:
        words[first + "".join(generator.choice(SYLLABLES, size=2))] = None
    return list(words)


def _draw(generator: np.random.Generator, words: list[str]) -> str:
    """Return one of `words`; the first is drawn most often, as with words of a language."""
    return words[min(int(generator.exponential(len(words) / 3)), len(words) - 1)]


def _line(label: int, words: list[str]) -> str:
    """Return an article in the file's format, with what occurs in the published one: quotes, breaks, HTML."""
    title = " ".join(words[:5]).capitalize()
    middle = len(words) // 2
    description = f'AP - A {words[5]} #39;s ""{words[6]}"" &lt;b&gt;... {" ".join(words[7:middle])}\\'
    return f'"{label}","{title}","{description}{" ".join(words[middle:])}."\n'
