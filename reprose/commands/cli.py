"""The command `reprose`: its subcommands, and what they have in common."""

import argparse
import importlib
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from reprose.base.errors import ReproseError
from reprose.base.messages import harmless
from reprose.base.package import ENGINE
from reprose.base.project import find_project
from reprose.base.system_errors import refusal
from reprose.config import reading
from reprose.config.experiments import TIERS, usual_tier

COMMANDS = {  # each is a module of this folder with `run(arguments)`
    "new": "begin a project in a folder, or add a problem, analysis or handout to this one",
    "build": "build every handout, or those that are named",
    "watch": "build at each saved file, and keep the page in a browser at what is built",
    "plan": "say what the next build would run and why, how long and how much memory it will take",
    "graph": "draw all jobs: what each reads, what is up to date, what will run and why",
    "draft": "build every handout with the sections that can be made, and a box where one cannot",
    "diff": "say which numbers changed since a commit, and whether by more than seed noise",
    "verify": "check a PDF, or run jobs a second time and compare the bytes",
    "open": "open every handout that is built, or those that are named, as PDF or web page",
    "export": "write the LaTeX of handouts as archives that compile anywhere",
    "store": "status, push, pull, prune: share results with other folders and machines",
    "latex": "install LaTeX and pandoc as root on Debian, elsewhere say what to install",
    "clean": "delete everything that builds made here, downloads too; the sources stay",
}
ANYWHERE = ("new", "latex")  # those that need no project
UNTIERED = (*ANYWHERE, "clean")
BUILDING = ("build", "watch", "draft")  # those that start Snakemake, and pass options on to it
SETTINGS = ("--conf", "-C")  # begin the options that would give Snakemake other settings than the plan and audit have
END = "--"  # what follows is meant for Snakemake


def main() -> None:
    """Run one command in the project's folder; what is wrong is told in words, with exit status 1."""
    with suppress(OSError):  # where standard output is no longer what it was when Python started
        sys.stdout.reconfigure(errors="backslashreplace")  # as of standard error: codes for what it cannot encode
    arguments = parsed(sys.argv[1:])
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit("terminated"))  # an exception, so that nothing is left behind
    try:
        if arguments.command not in ANYWHERE:
            os.chdir(find_project(Path.cwd()))
            start_own_engine(Path.cwd())
            sys.path.insert(0, str(Path.cwd()))
        if "tier" in arguments and not arguments.tier:
            arguments.tier = tier_meant(Path.cwd())
        sys.exit(importlib.import_module(f"reprose.commands.{arguments.command}").run(arguments))
    except (ReproseError, OSError) as error:
        sys.exit(f"error: {harmless(str(refusal(error) or error))}")
    except KeyboardInterrupt:
        sys.exit("interrupted; run the same command again to go on")


def parsed(words: Sequence[str]) -> argparse.Namespace:
    """Return the arguments of a command; those after the first `--` are options for Snakemake."""
    at = words.index(END) if END in words else len(words)
    made = parser()
    arguments = made.parse_args(words[:at])
    if arguments.command == "verify":  # files are named from where one is
        arguments.jobs = [os.path.abspath(name) if name.endswith(".pdf") else name for name in arguments.jobs]
    arguments.snakemake = list(words[at + 1 :])
    if arguments.snakemake and arguments.command not in BUILDING:
        made.error(f"'{arguments.command}' starts no Snakemake that could take {' '.join(words[at:])}")
    if other := next((word for word in arguments.snakemake if word.startswith(SETTINGS)), None):
        made.error(f"{other}: numbers are made with what config.yaml says, and nothing else; edit that file")
    return arguments


def start_own_engine(project: Path) -> None:
    """Where the project holds an engine of its own, let that one go on: Snakemake and the steps would find it first."""
    own = project / ENGINE.name
    if (own / "__main__.py").exists() and not own.samefile(ENGINE):
        sys.stdout.flush()
        os.execv(sys.executable, [sys.executable, "-m", ENGINE.name, *sys.argv[1:]])


def tier_meant(project: Path) -> str:
    """Return the tier of a command that names none; what is wrong with config.yaml, the command itself tells."""
    with suppress(ReproseError):
        return usual_tier(reading.load(project / "config.yaml"))
    return TIERS[0]


def count(word: str) -> int:
    """Return a number of jobs; of "all", one that no project has."""
    if word != "all" and not word.isdecimal():
        raise argparse.ArgumentTypeError(f"'{word}', allowed: 1, 2, ... or all")
    return sys.maxsize if word == "all" else int(word)


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    made = argparse.ArgumentParser(
        prog="reprose",
        description="Rebuild written reports from raw data, in the project that this folder belongs to.",
        epilog=f"Options for Snakemake come after '{END}': reprose build {END} --cores 2",
    )
    commands = made.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, text in COMMANDS.items():
        command = commands.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
        if name not in UNTIERED:
            command.add_argument("--tier", choices=TIERS, help="sample data, or the published and own data, whole")
        if name == "new":
            command.usage = "reprose new FOLDER | (problem | analysis) NAME [VIEW] | handout NAME [SECTION ...]"
            command.add_argument("words", nargs="+", metavar="WORD", help="what is new, and its name")
        if name in (*BUILDING, "open", "export"):
            command.add_argument("handouts", nargs="*", metavar="HANDOUT", help="all handouts where none is named")
        if name in BUILDING:
            command.add_argument("--profile", metavar="NAME", help="a folder of profiles/ that says where jobs run")
            command.usage = f"{command.format_usage().removeprefix('usage: ').strip()} [{END} OPTION ...]"
        if name == "watch":
            command.add_argument("--port", type=int, metavar="N", help="of the address 127.0.0.1:N; else 8765 or any")
        if name == "open":
            command.add_argument("--web", action="store_true", help="the web page instead of the PDF")
        if name == "verify":
            told = "jobs, or how their names begin: toy, views; or the PDF of a handout, to be checked"
            command.add_argument("jobs", nargs="*", metavar="JOB", help=told)
            told = "of a PDF: run so many of its jobs, or all"
            command.add_argument("--recompute", type=count, metavar="N", default=0, help=told)
        if name == "clean":
            command.add_argument("--leftovers", action="store_true", help="only results that nothing makes any more")
        if name == "export":
            command.add_argument("--to", metavar="FOLDER", default=".", help="where the archives are written")
            command.add_argument("--data", action="store_true", help="with the values of figures and tables, as CSV")
        if name == "store":
            command.add_argument("action", choices=("status", "push", "pull", "prune"))
            command.add_argument("--keep", metavar="COMMIT", default="HEAD~20", help="prune: spare what ran since then")
        if name == "diff":
            command.add_argument("revision", help="the commit to compare with, as git names it")
    return made
