"""The profiles, which say how and where jobs run: those of the project, and the engine's for what it has none of."""

from pathlib import Path

from reprose.base.errors import ReproseError
from reprose.base.package import engine_file

PROFILES = "profiles"
FILE = "profile.yaml"


def profile_file(name: str, project: Path) -> Path:
    """Return the file of a profile; a name that is not known is an error."""
    places = (project / PROFILES, engine_file(PROFILES))
    for place in places:
        if (found := place / name / FILE).exists():
            return found
    known = sorted({path.parent.name for place in places for path in place.glob(f"*/{FILE}")})
    raise ReproseError(f"no profile '{name}' in {places[0]}. There are: {', '.join(known)}.")


def default(project: Path) -> list[str]:
    """Return Snakemake's options for the engine's default profile; none where it finds the project's own by itself."""
    own = project / PROFILES / "default"
    return [] if own.exists() else ["--workflow-profile", str(engine_file(f"{PROFILES}/default"))]
