"""Hand a finished handout on: its LaTeX as one archive, which compiles anywhere."""

import argparse
import shutil
from pathlib import Path

from reprose.base.errors import ReproseError
from reprose.commands.snakefile import load_jobs
from reprose.config import handouts, reading
from reprose.jobs import locks
from reprose.jobs.assessment import VALID, Assessment
from reprose.jobs.digests import Digests


def run(arguments: argparse.Namespace) -> int:
    """Copy the archives of the handouts that are named, or of all, into a folder; an outdated one is an error."""
    root, folder = Path.cwd(), Path(arguments.to)
    jobs = load_jobs(reading.load(root / "config.yaml"), root)[arguments.tier]
    handouts.check_known(arguments.handouts, jobs.handouts)
    found = Assessment(jobs, Digests(locks.FOLDER / "digests.json"))
    made = [jobs.job("typeset", handout=name) for name in arguments.handouts or jobs.handouts]
    if old := [job.wildcards["handout"] for job in made if found.findings[job.record].state != VALID]:
        command = f"reprose build --tier {arguments.tier} {' '.join(old)}"
        raise ReproseError(f"{', '.join(old)}: not built, or out of date. Run '{command}'.")
    folder.mkdir(parents=True, exist_ok=True)
    for job in made:
        target = folder / Path(job.outputs["sources"]).name
        shutil.copyfile(job.outputs["sources"], target)
        print(target)
    return 0
