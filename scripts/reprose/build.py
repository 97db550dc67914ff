"""The front door: build every handout of a tier in waves, so that a step that rewrites equal bytes stops there.

Snakemake compares inputs by content between invocations, not within one. So the front door asks once what there is to
do (`snakemake --dry-run`), and then runs only the stages concerned, one invocation each.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from reprose import config as configuration
from reprose import entrance, loading, locks
from reprose.download import Network
from reprose.errors import ReproseError
from reprose.jobs import Jobs
from reprose.plan import TIERS
from reprose.sources import check_available
from reprose.step import MARK

QUICK = Network(connect=3, read=3, attempts=1)  # for the question whether a server has a file
ROOT = Path(__file__).resolve().parents[2]


def main() -> None:
    """Build the handouts of one tier; exit with 1 if any could not be built."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tier", choices=TIERS, default="sample", help="sample data or the published data")
    parser.add_argument("snakemake", nargs="*", help="further arguments for Snakemake, after --")
    arguments = parser.parse_args()
    os.chdir(ROOT)
    try:
        descriptor = locks.hold_build()
        jobs = entrance.jobs(configuration.load(ROOT / "config.yaml"), ROOT)[arguments.tier]
        sys.exit(Build(jobs, descriptor, arguments.snakemake).run())
    except ReproseError as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit("interrupted; run the same command again to go on")


class Build:
    """One build of one tier, with the build lock held by this process and handed to Snakemake."""

    def __init__(self, jobs: Jobs, descriptor: int, options: list[str]) -> None:
        self.jobs = jobs
        self.descriptor = descriptor
        self.options = options
        self.tier = jobs.plan.tier

    def run(self) -> int:
        """Run the waves that have something to do; return the exit status."""
        started = time.monotonic()
        if blocked := self.blocked():
            self.jobs = Jobs(self.jobs.plan, ROOT, without=blocked)
            print(f"left out, for want of data: {', '.join(blocked)}", file=sys.stderr, flush=True)
            if not self.jobs.handouts:
                return 1
        planned = self.planned(job.provenance for job in self.jobs.all)
        if planned:
            print(f"to do: {', '.join(f'{count} {rule}' for rule, count in planned.items())} (at most)", flush=True)
        for rules, targets in self.jobs.waves():
            if rules & planned.keys() and self.snakemake(*targets):
                return self.failed()
        if planned:
            shutil.rmtree(Path("results", self.tier, "checkpoints"), ignore_errors=True)
        self.show(time.monotonic() - started, bool(planned))
        return 1 if blocked else 0

    def blocked(self) -> list[str]:
        """Return the handouts whose data cannot be had, and say of each data set why, before any work."""
        faults = {name: self._fault(name) for name in self.jobs.datasets_in_use} if self.tier == "real" else {}
        for message in filter(None, faults.values()):
            print(f"error: {message}", file=sys.stderr, flush=True)
        found = []
        for handout, problems in self.jobs.handouts.items():
            needed = {job.wildcards["dataset"] for job in self.jobs.behind(problems) if job.rule == "fetch"}
            if any(faults.get(name) for name in needed):
                found.append(handout)
        return found

    def _fault(self, dataset: str) -> str | None:
        source, folder = loading.dataset(dataset).SOURCE, Path("data", self.tier, dataset)
        return check_available(source, dataset, os.environ.get("REPROSE_MIRROR"), folder, QUICK)

    def planned(self, targets: Iterable[str]) -> dict[str, int]:
        """Return the rules that Snakemake would run, with the number of jobs; audits first."""
        asked = subprocess.run(
            self._command("--dry-run", "--quiet", "rules", "host", "reason", "--", *targets),
            env=self._environment(),
            pass_fds=[self.descriptor],
            capture_output=True,
            text=True,
        )
        sys.stderr.write("".join(line + "\n" for line in asked.stderr.splitlines() if line.startswith("audit: ")))
        if asked.returncode:
            raise ReproseError(f"Snakemake cannot plan the build:\n{asked.stdout}{asked.stderr}")
        table = (asked.stdout + asked.stderr).partition("Job stats:")[2]
        return {rule: int(count) for rule, count in re.findall(r"^(\w+)\s+(\d+)\s*$", table, re.M) if rule != "total"}

    def snakemake(self, *targets: str) -> int:
        """Run one wave and return Snakemake's exit status."""
        command, environment = self._command("--", *targets), self._environment()
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, "pass_fds": [self.descriptor]}
        with subprocess.Popen(command, env=environment, **pipes) as running:
            said = list(self._shown(running.stdout))
        if running.returncode and not any(line.startswith(f"{MARK}error") for line in said):
            print("".join(said[-40:]), flush=True)
        return running.returncode

    def _shown(self, lines: Iterable[str]) -> Iterator[str]:
        """Pass on Snakemake's lines into its log, and those that a step says to the person also to the screen."""
        log = Path("logs", self.tier, "snakemake.log")
        log.parent.mkdir(parents=True, exist_ok=True)
        with open(log, "a", encoding="utf-8", buffering=1) as file:
            for line in lines:
                file.write(line)
                if line.startswith(MARK):
                    print(line.removeprefix(MARK), end="", flush=True)
                yield line

    def failed(self) -> int:
        """Say what to do after a failure; what was finished stays."""
        print(
            "\nThe build stopped; what was finished is kept. Mend the cause and run the same command again.", flush=True
        )
        return 1

    def show(self, seconds: float, worked: bool) -> None:
        """Name the handouts and the time that the build took."""
        state = "built" if worked else "up to date"
        for name in self.jobs.handouts:
            print(f"{state}: results/{self.tier}/handouts/{name}.pdf")
        print(f"{seconds:.1f} s", flush=True)

    def _command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "snakemake", *self.options, *arguments]

    def _environment(self) -> dict[str, str]:
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
        return {**os.environ, "PATH": path, locks.BUILD_VARIABLE: str(self.descriptor)}


if __name__ == "__main__":
    main()
