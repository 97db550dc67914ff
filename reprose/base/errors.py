"""The one exception that the user is meant to read, and what no message may hold: the secrets of an address."""

import re

# The second form is of a password with a slash in it, which ends the server's name too early.
LOGIN = re.compile(r"(\w+://)(?:[^\s/?#]*@|[^\s/]*:\S*@)")
QUERY = re.compile(r"(\w+://[^\s?]*|\burl: [^\s?]*)\?(\S*[^\s'\":,.;)])")  # "url:" as urllib3 quotes a path
HIDDEN = "***"


class ReproseError(Exception):
    """An error whose message names the file, the value found, the value allowed and the remedy."""

    def __init__(self, message: str) -> None:
        super().__init__(masked(message))


def masked(text: str) -> str:
    """Return `text` without what may be secret in its addresses: user and password, and the values of a query."""
    return QUERY.sub(_without_values, LOGIN.sub(rf"\1{HIDDEN}@", text))


def _without_values(found: re.Match[str]) -> str:
    named = [part.partition("=") for part in found[2].split("&")]
    return f"{found[1]}?" + "&".join(f"{name}={HIDDEN}" if equals else HIDDEN for name, equals, _ in named)
