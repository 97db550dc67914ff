"""Names that a person gave to topics, each beside the ten words that the person saw."""

from dataclasses import dataclass

from scripts.problems.topics.coherence import SHARED

GIVEN = {  # of the document's model on AG News, seed 1; other topics, as on another processor, need a look and a line
    "baghdad iraq killed bomb iraqi troops militants killing hostage kabul": "War in Iraq",
    "braves season atlanta title houston championship team injury race teams": "Sport: seasons and titles",
    "cardinals louis league scored points game victory inning threw touchdown": "Sport: games and scores",
    "prices crude dollar euro barrel economy record stocks worries higher": "Oil price and markets",
    "dollar euro prices crude economy barrel stocks record higher data": "Oil price and markets",
    "microsoft linux windows server operating software source desktop system enterprise": "Software: Windows and Linux",
    "gaza israeli palestinian strip palestinians arafat israel sharon yasser killed": "Israel and the Palestinians",
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
    seen = max(GIVEN, key=lambda each: len(set(words) & set(each.split())))
    if len(set(words) & set(seen.split())) <= SHARED:
        return None
    return Name(GIVEN[seen], tuple(word for word in seen.split() if word not in words))
