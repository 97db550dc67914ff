"""Hand a finished handout on: its LaTeX as one archive, which compiles anywhere."""

import argparse
from pathlib import Path

from reprose.base.errors import ReproseError
from reprose.base.files import write_whole
from reprose.commands.snakefile import load_jobs
from reprose.config import handouts, reading
from reprose.document.archive import PICTURES, with_data
from reprose.jobs import locks
from reprose.jobs.assessment import VALID, Assessment
from reprose.jobs.digests import Digests
from reprose.jobs.graph import Jobs
from reprose.jobs.job import Job
from reprose.jobs.record import read_record
from reprose.jobs.rules import other_role


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
        sources = Path(job.outputs["sources"]).read_bytes()
        write_whole(target, with_data(sources, *_data(job, jobs)) if arguments.data else sources)
        print(target)
    return 0


def _data(job: Job, jobs: Jobs) -> tuple[dict[str, bytes], str]:
    """Return the values behind the figures and tables of a handout, and a note on them."""
    from reprose.document.data_files import data_files  # brings matplotlib, which takes a second

    page = Path(job.outputs["html"]).read_text(encoding="utf-8")
    written = [each for each in jobs.all if {*each.outputs.values()} & {*job.inputs["sections"]}]
    of_others = [path for each in written for path in each.inputs.get(other_role("others", "numbers"), ())]
    wanted = {*job.inputs["figures"], *job.inputs["numbers"], *of_others}
    makers = [each for each in jobs.all if wanted & {*each.outputs.values()}]
    pictures = [path for path in job.inputs.get("static", ()) if Path(path).suffix.lower() in PICTURES]
    return data_files(page, [read_record(Path(maker.record)) for maker in makers], pictures)
