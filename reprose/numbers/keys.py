"""Keys of numbers out of names."""

import re


def word(label: str) -> str:
    """Return a name as a word of a key: small letters, digits and _."""
    return re.sub("[^a-z0-9]+", "_", label.lower()).strip("_") or "_"
