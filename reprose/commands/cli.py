"""The command `reprose`: its subcommands, and what they have in common."""

import argparse
import importlib
import os
import signal
import sys
from pathlib import Path

from reprose.base.errors import ReproseError
from reprose.base.project import find_project
from reprose.base.system_errors import refusal
from reprose.config.experiments import TIERS

COMMANDS = {  # each is a module of this folder with `run(arguments)`
    "build": "build every handout, or those that are named",
    "plan": "say what the next build would run and why, how long and how much memory it will take",
    "draft": "build every handout with the sections that can be made, and a box where one cannot",
    "diff": "say which numbers changed since a commit, and whether by more than seed noise",
}


def main() -> None:
    """Run one command in the project's folder; what is wrong is told in words, with exit status 1."""
    arguments = parser().parse_args()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit("terminated"))  # an exception, so that nothing is left behind
    try:
        os.chdir(find_project(Path.cwd()))
        sys.path.insert(0, str(Path.cwd()))
        sys.exit(importlib.import_module(f"reprose.commands.{arguments.command}").run(arguments))
    except (ReproseError, OSError) as error:
        sys.exit(f"error: {refusal(error) or error}")
    except KeyboardInterrupt:
        sys.exit("interrupted; run the same command again to go on")


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    made = argparse.ArgumentParser(prog="reprose", description="Rebuild written reports from raw data.")
    commands = made.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, text in COMMANDS.items():
        command = commands.add_parser(name, help=text, description=text)
        command.add_argument("--tier", choices=TIERS, default="sample", help="sample data or the published data")
        if name in ("build", "draft"):
            command.add_argument("--profile", help="the folder of profiles/ that says where jobs run, such as slurm")
            command.add_argument("handouts", nargs="*", metavar="HANDOUT", help="all handouts where none is named")
            command.add_argument("--snakemake", nargs=argparse.REMAINDER, default=[], help="options for Snakemake")
        if name == "diff":
            command.add_argument("revision", help="the commit to compare with, as git names it")
    return made
