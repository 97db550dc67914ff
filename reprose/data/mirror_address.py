"""The address of the mirror, for commands that ask no server and so need not wait for what can."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

VARIABLE = "REPROSE_MIRROR"  # the environment variable that says where the mirror is


def resolved(location: str) -> str:
    """Return a location that means the same in other folders and for other homes; one that is malformed as it is."""
    local = location.startswith("file://")
    if not location or ("://" in location and not local):
        return location
    try:
        return str(Path(unquote(urlsplit(location).path) if local else location).expanduser().resolve())
    except (ValueError, RuntimeError, OSError):
        return location
