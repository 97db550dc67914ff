"""The front door: build handouts in waves, so that a step that rewrites equal bytes stops there.

The audit says what there is to do; nothing to do, nothing is started. Between two waves it looks again: a job whose
inputs came out as they were is done. Stages of which nothing has run before share one invocation of Snakemake.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from functools import cached_property
from pathlib import Path

from reprose.commands import availability, direct, slurm
from reprose.commands.forecast.reasons import why
from reprose.commands.forecast.this_build import LastBuild, keep_numbers
from reprose.commands.git import note_commit
from reprose.commands.invocation import Snakemake
from reprose.commands.screen.lines import Lines
from reprose.commands.screen.progress import Progress
from reprose.commands.screen.terminal import opened
from reprose.commands.snakefile import load_jobs
from reprose.config import handouts, reading
from reprose.document import typed_numbers
from reprose.jobs import leftovers, locks
from reprose.jobs.assessment import BACK, VALID, Assessment
from reprose.jobs.audit import report
from reprose.jobs.digests import Digests
from reprose.jobs.graph import Jobs
from reprose.jobs.job import Job
from reprose.jobs.record import here_or_aside
from reprose.jobs.sharing import Sharing, stores_of
from reprose.jobs.store import DATA, Stores
from reprose.steps import epochs

MOST = 10_000  # records that are handed to one run of Snakemake: a command may have a megabyte or two


def run(arguments: argparse.Namespace) -> int:
    """Build the handouts that are named; return 1 if any could not be built."""
    started = time.monotonic()
    snakemake, jobs, stores = begin(arguments)
    gaps = availability.lacking(jobs)
    blocked = availability.blocked(jobs, gaps)
    if blocked:
        draft = f"'make draft TIER={jobs.tier}' builds them with what is there."
        print(f"left out, for want of data: {', '.join(blocked)}. {draft}", file=sys.stderr, flush=True)
        jobs = Jobs(jobs.experiments, jobs.root, without=jobs.without | set(blocked))
        if not jobs.handouts:
            return 1
    build = Build(jobs, snakemake, stores)
    worked = build.bring_up_to_date(jobs.all)
    build.tell(time.monotonic() - started, worked)
    return 1 if blocked or build.undone else 0


def begin(arguments: argparse.Namespace) -> tuple[Snakemake, Jobs, Stores]:
    """Take the build lock; return how Snakemake is called, the jobs of the handouts that are named, and the stores."""
    root = Path.cwd()
    descriptor = locks.hold_build()
    note_commit()
    slurm.settle(submits=False)  # here already, where the person sees at once what it says
    config = reading.load(root / "config.yaml")
    jobs = load_jobs(config, root)[arguments.tier]
    profile = slurm.options(arguments.profile, root) if arguments.profile else []
    snakemake = Snakemake(arguments.tier, descriptor, [*profile, *arguments.snakemake])
    return snakemake, chosen(jobs, arguments.handouts), stores_of(config)


def chosen(jobs: Jobs, names: Iterable[str]) -> Jobs:
    """Return the jobs of the handouts that are named, or of all where none is."""
    wanted = list(names)
    handouts.check_known(wanted, jobs.handouts)
    without = set(jobs.handouts) - set(wanted) if wanted else set()
    return Jobs(jobs.experiments, jobs.root, without) if without else jobs


class Build:
    """One build of some jobs of a tier."""

    def __init__(self, jobs: Jobs, snakemake: Snakemake, stores: Stores) -> None:
        self.jobs = jobs
        self.snakemake = snakemake
        self.undone: list[Job] = []  # jobs of waves that failed
        self.sharing = Sharing(jobs, stores)

    @cached_property
    def workers(self) -> int:
        """Return how many light jobs may run at a time; 0 where Snakemake runs all."""
        return direct.workers(self.snakemake.options, self.jobs.root)

    def bring_up_to_date(self, wanted: Iterable[Job]) -> bool:
        """Run what has to run of the jobs `wanted`, wave after wave; return whether there was anything to do."""
        jobs = list(wanted)
        found = self.assess({job.record for job in jobs})
        self.jobs.keep_fingerprints()
        if not found.not_valid(jobs):
            keep_numbers(self.jobs.tier, jobs)
            return False
        build = LastBuild(found, jobs, self.snakemake.options)
        progress = Progress([job.name for job in (*build.must, *build.may)], build.time_left)
        print(build, flush=True)
        with opened(progress) as screen:
            self._run_waves(found, jobs, screen)
        build.close(progress.took, not self.undone)
        return True

    def _run_waves(self, found: Assessment, wanted: list[Job], screen: Lines) -> None:
        """Run each wave in which there is something to do."""
        records = {job.record for job in wanted}
        epochs.sweep()
        for wave in self._waves(records):
            if jobs := self._to_do(wave, found):
                report(found, why)
                status = self._run(jobs, found, screen)
                found = self.assess(records)
                self.sharing.send(found, wanted)
                self.undone += found.not_valid(wave) if status else []
                screen.settle([job.name for job in wanted if found.findings[job.record].state == VALID])
        self.undone = found.not_valid(wanted)  # also what Snakemake, for a reason of its own, did not run

    def _waves(self, records: Collection[str]) -> Iterator[list[Job]]:
        waves = ([job for job in wave if job.record in records] for wave in self.jobs.waves())
        for wave in joined(waves, bool(self.sharing.stores.stores)):
            yield from direct.layers(wave) if self.workers and direct.are_light(wave) else [wave]

    def _run(self, jobs: list[Job], found: Assessment, screen: Lines) -> int:
        records = [job.record for job in jobs]
        states = {found.findings[record].state for record in records}
        needed = {found.findings[record].state for record in self.jobs.upstream(records) - set(records)}
        if self.workers and (states == {BACK} or (direct.are_light(jobs) and needed <= {VALID})):
            return direct.run(jobs, found, screen, self.workers)
        parts = [records[start : start + MOST] for start in range(0, len(records), MOST)]
        return next(filter(None, [self.snakemake.run(part, screen) for part in parts]), 0)

    def assess(self, wanted: Collection[str]) -> Assessment:
        """Return what the audit would find now, with what stores hold of the jobs with the records `wanted`.

        The digests of files that it took are kept, so that no start after it reads them once more.
        """
        found = self.sharing.retrieve(Digests(locks.FOLDER / "digests.json"), wanted)
        with suppress(OSError):  # on a full disk, which the jobs tell of
            found.digests.save()
        return found

    def _to_do(self, wave: list[Job], found: Assessment) -> list[Job]:
        """Return the jobs of a wave whose results are not at hand, but for what needs a job that failed."""
        failed = self.jobs.downstream(job.record for job in self.undone) | {job.record for job in self.undone}
        return [job for job in wave if found.findings[job.record].state != VALID and job.record not in failed]

    @property
    def failed(self) -> dict[str, Job]:
        """Return the problems whose sections need an undone job, each with the first such job."""
        undone = {job.record: job for job in self.undone}
        found = {}
        for problem in {problem for listed in self.jobs.handouts.values() for problem in listed}:
            needed = self.jobs.upstream([self.jobs.job("write", problem=problem).record])
            if first := next((job for record, job in undone.items() if record in needed), None):
                found[problem] = first
        return found

    def tell(self, seconds: float, worked: bool) -> None:
        """Name the handouts and the time that the build took; of those that failed, say what to do."""
        failed, untypeset = self.failed, {job.wildcards.get("handout") for job in self.undone}
        for name, problems in self.jobs.handouts.items():
            if blame := sorted(set(problems) & failed.keys()):
                print(f"not built: {name}, as these sections failed: {', '.join(blame)}{self._earlier(name)}")
            elif name in untypeset:
                print(f"not built: {name}, which could not be typeset{self._earlier(name)}")
            else:
                tier = self.jobs.tier
                print(f"{'built' if worked else 'up to date'}: results/{tier}/handouts/{name}.pdf, {name}.html")
        if typed := typed_numbers.told(self._prose()):
            print(typed)
        if left := leftovers.told(self.jobs):
            print(left)
        if self.undone:
            print("What was finished is kept. Mend the cause and run the same command again.")
        print(f"{seconds:.1f} s", flush=True)

    def _prose(self) -> list[str]:
        """Return the templates of the handouts, and the LaTeX that these read as it is."""
        names = [("handout", "typeset", name) for name in self.jobs.handouts]
        names += [("problem", "write", name) for listed in self.jobs.handouts.values() for name in listed]
        jobs = [self.jobs.job(rule, **{wildcard: name}) for wildcard, rule, name in names]
        files = [path for job in jobs for role in ("template", "parts", "static") for path in job.inputs.get(role, ())]
        return [path for path in dict.fromkeys(files) if path.endswith((handouts.SUFFIX, ".tex"))]

    def _earlier(self, handout: str) -> str:
        """Return where the PDF of an earlier state lies, in words; nothing where there is none."""
        found = here_or_aside(self.jobs.job("typeset", handout=handout).outputs["pdf"])
        return f"; {found} is of an earlier state" if found.exists() else ""


def joined(waves: Iterable[list[Job]], is_shared: bool = False) -> list[list[Job]]:
    """Join each wave of which no job has run to the one before: where every job must run, none can be spared.

    Where there are stores (`is_shared`), the data stand apart from what follows: a store that may not hold them can
    be asked for what is made from them once they are there.
    """
    found: list[list[Job]] = []
    for wave in filter(None, waves):
        is_next = is_shared and found and found[-1][-1].rule in DATA and wave[0].rule not in DATA
        if found and not is_next and not any(map(has_run, wave)):
            found[-1] = found[-1] + wave
        else:
            found.append(wave)
    return found


def has_run(job: Job) -> bool:
    """Return whether a record of `job` is there, or was set aside by the audit."""
    return here_or_aside(job.record).exists()


def counted(jobs: Iterable[Job]) -> str:
    """Return how many jobs of each rule there are: "2 train, 1 choose"."""
    return ", ".join(f"{count} {rule}" for rule, count in Counter(job.rule for job in jobs).items())
