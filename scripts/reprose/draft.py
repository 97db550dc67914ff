"""Build drafts: every handout with the sections that can be made, and a box where one cannot."""

import subprocess
import sys
from pathlib import Path

from reprose.build import ROOT, Build, main
from reprose.handouts import STYLE_FILES
from reprose.jobs import Job, Jobs
from reprose.step import MARK


class Draft(Build):
    """One build of the drafts of one tier. Drafts are no part of the workflow: they are typeset anew each time."""

    def run(self) -> int:
        """Build what can be built, then typeset every handout; return the exit status."""
        gaps = self.lacking()
        self.jobs = Jobs(self.jobs.plan, ROOT, missing=gaps)
        self.work([[job for job in wave if job.rule != "typeset"] for wave in self.jobs.waves()])
        gaps |= {problem: self.missing(problem, job, said(job)) for problem, job in self.failed.items()}
        self.jobs = Jobs(self.jobs.plan, ROOT, missing=gaps)
        return max([self.typeset(name) for name in self.jobs.handouts], default=0)

    def typeset(self, handout: str) -> int:
        """Typeset one draft by the step of that name; return its exit status."""
        folder = Path("results", self.tier, "drafts")
        listed = [Path("results", self.tier, problem) for problem in self.jobs.handouts[handout]]
        options = {
            "key": [self.jobs.key("typeset", tier=self.tier, handout=handout)],
            "template": [f"report/handouts/{handout}.tex.j2"],
            "style": [f"report/style/{file}" for file in STYLE_FILES],
            "sections": [path / "section/section.tex" for path in listed],
            "headlines": [path / "section/headline.tex" for path in listed],
            "claims": [path / "section/claims.json" for path in listed],
            "figures": [path / "figures/manifest.json" for path in listed],
            "numbers": [path / "numbers/numbers.json" for path in listed],
            "manifests": self.jobs.manifests(self.jobs.handouts[handout]),
            "records": [job.provenance for job in self.jobs.behind(self.jobs.handouts[handout])],
            "pdf": [folder / f"{handout}.pdf"],
            "html": [folder / f"{handout}.html"],
            "provenance": [folder / f"{handout}.provenance.json"],
        }
        words = [word for name, values in options.items() for word in (f"--{name}", *map(str, values))]
        done = subprocess.run(
            [sys.executable, "scripts/typeset.py", *words], env=self._environment(), stderr=subprocess.PIPE, text=True
        )
        shown = [line.removeprefix(MARK) for line in done.stderr.splitlines() if line.startswith(MARK)]
        print("\n".join(shown), flush=True)
        if not done.returncode:
            gaps = [name for name in self.jobs.missing or {} if name in self.jobs.sections(handout)]
            print(f"draft: {folder / handout}.pdf" + (f", without {', '.join(gaps)}" if gaps else ""), flush=True)
        return done.returncode


def said(job: Job) -> str:
    """Return the error at the end of the log of `job`, or where to look."""
    log = Path(job.log)
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.exists() else []
    told = [line.removeprefix(MARK) for line in lines if line.startswith(MARK)]
    return "\n".join(told) or "It was not tried, or left no message."


if __name__ == "__main__":
    main(Draft)
