"""Names that a person gave to topics, each beside the ten words that the person saw."""

from dataclasses import dataclass

from scripts.problems.topics.coherence import SHARED

GIVEN = {  # of the document's model on AG News, seed 1; another topic needs another look, and then a line here
    "War in Iraq": "baghdad iraq killed bomb iraqi troops militants killing hostage kabul",
    "Sport: seasons and titles": "braves season atlanta title houston championship team injury race teams",
    "Oil price and markets": "prices crude dollar euro barrel economy record stocks worries higher",
    "Software: Windows and Linux": "microsoft linux windows server operating software source desktop system enterprise",
    "Israel and the Palestinians": "gaza israeli palestinian strip palestinians arafat israel sharon yasser killed",
}


@dataclass(frozen=True)
class Name:
    """A name, and the words it was given for that its topic no longer has."""

    name: str
    lost: tuple[str, ...] = ()


def given_name(words: list[str]) -> Name | None:
    """Return the name that was given to a topic with these words, or None where a person has seen no such topic.

    It is that of the words with which `words` has most in common, and more than different topics may share.
    """
    common = {name: set(words) & set(seen.split()) for name, seen in GIVEN.items()}
    name = max(common, key=lambda each: len(common[each]))
    if len(common[name]) <= SHARED:
        return None
    return Name(name, tuple(word for word in GIVEN[name].split() if word not in words))
