"""Run jobs a second time and compare what they make, byte for byte; or check a PDF. What was built stays as it is."""

import argparse
import subprocess
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from reprose.base.errors import ReproseError
from reprose.base.files import remove_folder
from reprose.base.messages import MARK, harmless, plural
from reprose.commands.checked_pdf import check, worst
from reprose.commands.forecast.eta import cores_here
from reprose.commands.invocation import step_call
from reprose.commands.snakefile import load_jobs
from reprose.config import reading
from reprose.jobs import handover, locks
from reprose.jobs.assessment import VALID, Assessment
from reprose.jobs.digests import Digests
from reprose.jobs.graph import Jobs
from reprose.jobs.job import Job
from reprose.jobs.record import CHECKPOINTS, checkpoint_folder, read_record, record_at

SCRATCH = locks.FOLDER / "twice"
CAUSES = (
    "What comes out otherwise hangs on something that no key names: random numbers without a seed"
    " (np.random.default_rng() wants one), the clock, the order of a set or of the files in a folder."
)


def run(arguments: argparse.Namespace) -> int:
    """Run the jobs that are named once more, or check PDFs; return 1 if any makes other bytes than before."""
    if pdfs := [Path(name) for name in arguments.jobs if name.endswith(".pdf")]:
        if len(pdfs) < len(arguments.jobs):
            raise ReproseError("verify: PDFs and jobs are checked in different ways. Name either these or those.")
        if arguments.recompute:
            locks.hold_build()
        twice = run_twice if arguments.recompute else None
        return worst(check(pdf, arguments.recompute, twice) for pdf in pdfs)
    root = Path.cwd()
    locks.hold_build()
    jobs = load_jobs(reading.load(root / "config.yaml"), root)[arguments.tier]
    wanted = named(jobs, arguments.jobs)
    findings = Assessment(jobs, Digests(locks.FOLDER / "digests.json")).findings
    built = [job for job in wanted if findings[job.record].state == VALID]
    differ = 0
    for told in run_twice(built, jobs.experiments.threads):
        print(told, flush=True)
        differ += 1
    print(f"{len(built) - differ} of {plural(len(built), 'job')} made the same bytes a second time")
    if left := len(wanted) - len(built):
        print(f"{left} more {'is' if left == 1 else 'are'} not built, or not up to date: build first")
    if differ:
        print(CAUSES)
    return 1 if differ else 0


def run_twice(jobs: Iterable[Job], threads: int) -> Iterator[str]:
    """Run jobs of so many threads a second time, as many at once as there are cores; yield what comes out otherwise.

    The caller holds the build lock.
    """
    with ThreadPoolExecutor(cores_here([], threads)) as pool:
        try:
            yield from filter(None, pool.map(again, jobs))
        finally:
            remove_folder(SCRATCH, SCRATCH)


def named(jobs: Jobs, names: Iterable[str]) -> list[Job]:
    """Return the jobs with one of these names, or whose names begin with one; published files need no second look."""
    known = [job for job in jobs.all if jobs.tier == "sample" or job.rule != "fetch"]
    wanted = [name.rstrip("/") for name in names]
    for name in wanted:
        if not any(f"{job.name}/".startswith(f"{name}/") for job in known):
            raise ReproseError(f"no job '{name}'. There are: {', '.join(job.name for job in known)}.")
    return [job for job in known if not wanted or any(f"{job.name}/".startswith(f"{name}/") for name in wanted)]


def again(job: Job) -> str:
    """Run a job with its outputs in a folder of its own; return what it makes otherwise, in words, or nothing."""
    outputs = {role: str(SCRATCH / path) for role, path in job.outputs.items()}
    twin = replace(job, outputs=outputs)
    description = handover.hand_over(twin, set())
    done = subprocess.run(**step_call(job.rule, description), capture_output=True, text=True, check=False)
    record = record_at(Path(twin.record))
    if done.returncode or record is None:
        told = [line.removeprefix(MARK) for line in done.stderr.splitlines() if line.startswith(MARK)]
        return f"{job.name}: failed the second time\n{harmless(chr(10).join(told))}"
    if job.rule == "train":
        top = Path("results", job.wildcards["tier"], CHECKPOINTS)
        remove_folder(checkpoint_folder(record.key, record.inputs), top)
    made = {path.removeprefix(f"{SCRATCH}/"): digest for path, digest in record.outputs.items()}
    before = read_record(Path(job.record)).outputs
    differing = [Path(path).name for path in sorted(before.keys() | made.keys()) if before.get(path) != made.get(path)]
    return f"{job.name}: {', '.join(differing)} come out otherwise" if differing else ""
