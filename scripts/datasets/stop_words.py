"""English words of four letters or more that do not tell what an article is about."""

from functools import cache

FUNCTION_WORDS = """
about above across actually after afterward afterwards again against ahead almost alone along already also
although always amid among amongst another anybody anyone anything anyway anywhere apart apparently aren around
aside away back became because become becomes becoming been before began begin behind being below beside besides
best better between beyond both bring brought call called came cannot come comes coming could couldn despite didn
does doesn doing done down during each earlier early either else elsewhere enough especially even ever every
everybody everyone everything everywhere except fact following formerly forward four from further gave generally
gets getting give given gives giving goes going gone good great half hardly hasn have haven having hence here hers
herself himself however indeed inside instead into itself just keep kept knew know known largely last late later
latest latter least left less like likely little long longer look looked looking looks made mainly make makes
making many maybe mean means meanwhile might mine more moreover most mostly much must myself namely nearly need
needs neither never nevertheless next nine nobody none noone nothing nowhere often once ones only onto other
others otherwise ours ourselves outside over part partly past perhaps possible possibly probably quite rather
really recent recently right same saying says seem seemed seems seen seven several shall should shouldn show
showed showing shows since some somebody somehow someone something sometime sometimes somewhat somewhere soon
still such sure take taken takes taking tell than that their theirs them themselves then thence there thereafter
thereby therefore these they thing things think this those though three through throughout thus till time times
today together told tomorrow took toward towards tried turn turned twice under unless unlike unlikely until unto
upon used uses using usually very want wanted wants wasn went were weren what whatever when whenever where whereas
wherever whether which while whole whom whose will with within without would wouldn yesterday your yours yourself
yourselves
"""
WHEN_AND_WHO = """
first second third monday tuesday wednesday thursday friday saturday sunday week weeks month months year years
reuters said
"""  # when something happened and who said so: in articles of every kind


@cache
def stop_words() -> frozenset[str]:
    """Return all of them."""
    return frozenset([*FUNCTION_WORDS.split(), *WHEN_AND_WHO.split()])
