"""Build as far as the numbers of every problem, and leave a list of them: one side of a comparison.

`earlier.py` runs this file beside the engine of another commit, so it asks little of that engine.
"""

import argparse
import sys
from pathlib import Path

from reprose.base.canonical import to_pretty_json
from reprose.base.errors import ReproseError
from reprose.commands import availability
from reprose.commands.build import Build, begin
from reprose.commands.draft import without_sections
from reprose.config.experiments import TIERS
from reprose.jobs import locks

LATER = ("plot", "write", "typeset")  # rules of which no number depends
MEASURED = "measured-{tier}.json"  # in the folder of the locks: problem -> handouts that print it


def main() -> None:
    """Build what numbers depend on, of all problems whose data can be had; exit with 1 if any failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tier", choices=TIERS, default="sample")
    parser.set_defaults(profile=None, handouts=[], snakemake=[])
    arguments = parser.parse_args()
    path = locks.FOLDER / MEASURED.format(tier=arguments.tier)
    try:
        snakemake, jobs, stores = begin(arguments)
        path.unlink(missing_ok=True)
        build = Build(without_sections(jobs, availability.lacking(jobs)), snakemake, stores)
        build.bring_up_to_date(job for job in build.jobs.all if job.rule not in LATER)
    except ReproseError as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit(1)  # the comparison that waits for this tells of it
    made = build.jobs
    listed = {job.wildcards["problem"] for job in made.all if job.rule == "summarize"} - build.failed.keys()
    printed = {name: [h for h, sections in made.handouts.items() if name in sections] for name in sorted(listed)}
    path.write_text(to_pretty_json(printed), encoding="utf-8")
    if build.failed:
        sys.exit(f"without numbers, as they failed: {', '.join(sorted(build.failed))}")


if __name__ == "__main__":
    sys.path.insert(0, str(Path.cwd()))
    main()
