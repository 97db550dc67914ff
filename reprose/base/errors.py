"""The one exception that the user is meant to read."""


class ReproseError(Exception):
    """An error whose message names the file, the value found, the value allowed and the remedy."""
