"""Build as far as the numbers of every problem, and leave a list of them: one side of a comparison.

`comparison.py` runs this file beside the engine of another commit, so it asks little of that engine.
"""

from reprose import locks
from reprose.build import ROOT, Build, main
from reprose.canonical import to_pretty_json
from reprose.jobs import Jobs

LATER = ("plot", "write", "typeset")  # rules of which no number depends
MEASURED = "measured-{tier}.json"  # in the folder of the locks: problem -> handouts that print it


class Measure(Build):
    """One build of the numbers of one tier."""

    def run(self) -> int:
        """Build what numbers depend on, of all problems whose data can be had; return the exit status."""
        path = locks.FOLDER / MEASURED.format(tier=self.tier)
        path.unlink(missing_ok=True)
        self.jobs = Jobs(self.jobs.plan, ROOT, missing=self.lacking())
        self.work([[job for job in wave if job.rule not in LATER] for wave in self.jobs.waves()])
        failed = self.failed
        made = [problem for problem in self.jobs.problems_in_use if problem not in failed]
        printed = {name: [h for h, listed in self.jobs.handouts.items() if name in listed] for name in made}
        path.write_text(to_pretty_json(printed), encoding="utf-8")
        if failed:
            print(f"without numbers, as they failed: {', '.join(failed)}", flush=True)
        return 1 if failed else 0


if __name__ == "__main__":
    main(Measure)
