"""Build at each saved file, and serve the pages to a browser, which shows what is built or what is wrong."""

import argparse
import subprocess
from contextlib import suppress
from pathlib import Path

from reprose.base.errors import ReproseError
from reprose.base.package import ENGINE
from reprose.commands.forecast.reasons import listed
from reprose.commands.live.builds import Builds
from reprose.commands.live.pages import BUILDING, BUILT, FAILED, Pages
from reprose.commands.live.saved import Saved
from reprose.commands.live.server import serving
from reprose.commands.open import opener
from reprose.config import handouts


def run(arguments: argparse.Namespace) -> int:
    """Build the handouts that are named, or all, and again whenever a file is saved, until that is interrupted."""
    root, wanted = Path.cwd(), arguments.handouts
    handouts.check_known(wanted, handouts.names(root))
    pages = Pages(root / "results" / arguments.tier / "handouts")
    saved, builds = Saved(root), Builds(words(arguments))
    try:
        with serving(pages, arguments.port) as address:
            print(f"{address}: the pages, made anew at each file that is saved. Ctrl-C ends this.", flush=True)
            saved.begin()
            build(pages, builds, wanted or names(root, pages))
            show(pages, address)
            while True:
                changed = saved.wait()
                print(f"\nsaved: {listed(changed)}", flush=True)
                if any((root / path).is_relative_to(ENGINE) for path in changed):
                    builds.renew()
                saved.begin()
                build(pages, builds, wanted or names(root, pages))
    except KeyboardInterrupt:
        return 0
    finally:
        builds.end()


def words(arguments: argparse.Namespace) -> list[str]:
    """Return the words of the command that builds once what is watched."""
    profile = ["--profile", arguments.profile] if arguments.profile else []
    return ["build", "--tier", arguments.tier, *profile, *arguments.handouts, "--", *arguments.snakemake]


def names(root: Path, pages: Pages) -> list[str]:
    """Return the names of all handouts; where one cannot be, which the build says, those of before."""
    with suppress(ReproseError):
        return handouts.names(root)
    return pages.names


def build(pages: Pages, builds: Builds, wanted: list[str]) -> None:
    """Build once, and let browsers know: that, and what is built, or what is wrong."""

    def hear(line: str) -> None:
        print(line, flush=True)
        pages.take_in(wanted)  # a page is whole, with its record, as soon as its job has ended
        pages.tell(BUILDING, line)

    pages.take_in(wanted)
    pages.tell(BUILDING)
    status, fault = builds.run(hear)
    pages.take_in(wanted)
    pages.tell(FAILED if status else BUILT, fault)


def show(pages: Pages, address: str) -> None:
    """Open a browser where this computer has one, unless one follows the pages already, as after an earlier watch."""
    if (command := opener()) and not pages.readers:
        page = f"/{pages.names[0]}.html" if len(pages.names) == 1 else ""
        subprocess.Popen([*command, address + page], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
