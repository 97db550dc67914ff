"""Open handouts with the program that this computer opens such files with; without one, say where they are."""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

from reprose.base.errors import ReproseError
from reprose.config import handouts

SCREENS = ("DISPLAY", "WAYLAND_DISPLAY")  # variables of which one is set where windows can be shown


def run(arguments: argparse.Namespace) -> int:
    """Open the handouts that are named, or all that are built."""
    for path in files(Path.cwd(), arguments.tier, arguments.handouts, "html" if arguments.web else "pdf"):
        print(path, flush=True)
        if command := opener():
            subprocess.run([*command, str(path)], check=False, stdin=subprocess.DEVNULL)
    return 0


def files(root: Path, tier: str, wanted: list[str], kind: str) -> list[Path]:
    """Return the files of the handouts `wanted`, or of all that are built; one that is not there is an error."""
    known = handouts.names(root)
    handouts.check_known(wanted, known)
    made = {name: Path("results", tier, "handouts", f"{name}.{kind}") for name in wanted or known}
    found = {name: path for name, path in made.items() if path.exists()}
    missing = [name for name in wanted if name not in found]
    if missing or not found:
        what = f"{', '.join(missing)} is not" if missing else "no handout is"
        command = " ".join(["reprose build --tier", tier, *missing])
        raise ReproseError(f"{root / 'results' / tier / 'handouts'}: {what} built yet. Run '{command}'.")
    return list(found.values())


def opener() -> list[str]:
    """Return the command that opens a file on this computer, or nothing where no window can be shown."""
    if sys.platform == "darwin":
        return ["open"]
    command = shutil.which("xdg-open")
    return [command] if command and any(os.environ.get(name) for name in SCREENS) else []
