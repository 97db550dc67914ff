"""What the Snakefile calls: describe the jobs when it is read, and take the locks and audit before a build."""

import os
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from reprose.base.errors import ReproseError
from reprose.base.files import remove_folder
from reprose.base.package import engine_file
from reprose.commands import slurm, snakemake_internals
from reprose.commands.forecast.reasons import why
from reprose.commands.git import note_commit
from reprose.commands.invocation import step_environment
from reprose.commands.serving import serve_steps
from reprose.config import handouts, reading, schema_faults
from reprose.config.checked import checked
from reprose.config.experiments import TIERS, expand, usual_tier
from reprose.jobs import handover, locks
from reprose.jobs.assessment import DAMAGED, Assessment
from reprose.jobs.audit import apply, bring_into_the_past, clear_away, report
from reprose.jobs.digests import Digests
from reprose.jobs.graph import Jobs
from reprose.jobs.job import Job
from reprose.jobs.record import CHECKPOINTS, checkpoint_folder
from reprose.jobs.rules import RULES, jobs_at
from reprose.jobs.sharing import Sharing, stores_of
from reprose.jobs.store import DATA
from reprose.training import gpus

UNASKED = (
    "stores cannot be asked for what is made from data that are not here yet; 'reprose build' asks once they are, and"
    " so does Snakemake when it is started again"
)
SCHEMA = "workflow/schemas/config.schema.yaml"


def load_jobs(config: Mapping[str, Any], root: Path) -> dict[str, Jobs]:
    """Return the jobs of both tiers; anything wrong in `config` or its file is an error."""
    if Path.cwd() != root:
        raise ReproseError(f"{Path.cwd()}: run Snakemake in the project's own folder, {root}.")
    reading.load(root / "config.yaml")  # finds keys given twice, which Snakemake's own reader overlooks
    reading.check(config, engine_file(SCHEMA), file=root / "config.yaml")
    if not handouts.names(root):
        raise ReproseError(
            f"{handouts.HANDOUTS}: no handout here, and so nothing to build. A handout is a template"
            f" NAME{handouts.SUFFIX}, whose header lists its sections."
        )
    try:
        return {tier: Jobs(checked(expand(config, tier)), root) for tier in TIERS}
    except ReproseError as error:
        raise ReproseError(schema_faults.located(str(error), root / "config.yaml")) from error


class Workflow:
    """What the rules ask for: paths, inputs and keys, all from the descriptions of jobs."""

    def __init__(self, config: Mapping[str, Any], root: Path) -> None:
        self.jobs = load_jobs(config, root)
        stores = stores_of(config)
        self.sharing = {tier: Sharing(jobs, stores) for tier, jobs in self.jobs.items()}
        self.wanted: Mapping[str, set[str]] = {}  # tier -> records of the jobs that this build is asked for
        self.usual_tier = usual_tier(config)
        self.acts = False  # whether this invocation runs jobs
        self.written: set[str] = set()
        gpus.share(os.environ)
        environment = step_environment()
        os.environ.clear()
        os.environ.update(environment)
        note_commit()

    def job(self, rule: str, wildcards: Mapping[str, str]) -> Job:
        """Return the description of the job of a rule with these wildcards."""
        names = dict(wildcards)
        tier = names.pop("tier")
        if told := self.jobs[tier].unknown(rule, names):
            raise ReproseError(f"{rule}: {told}")
        return self.jobs[tier].job(rule, **names)

    def check_target(self, target: str) -> None:
        """Raise where a path that somebody asks for is one of a job of ours with a name that is not known."""
        named = [(rule, names) for rule, names in jobs_at(target) if names["tier"] in self.jobs]
        faults = [self.jobs[names["tier"]].unknown(rule, names) for rule, names in named]
        if faults and all(faults):
            raise ReproseError(f"{target}: {faults[0]}")

    def key(self, rule: str) -> Callable[[Mapping[str, str]], str]:
        """Return the function that gives a job its only parameter: the name of its description."""

        def digest(wildcards: Mapping[str, str]) -> str:
            job = self.job(rule, wildcards)
            if self.acts:
                handover.hand_over(job, self.written)
            return job.digest

        return digest

    def inputs(self, rule: str, ancient: Callable[[list[str]], Any]) -> Callable[[Mapping[str, str]], dict[str, Any]]:
        """Return the function that gives a job its inputs by role; sealed ones count by their digest files."""

        def by_role(wildcards: Mapping[str, str]) -> dict[str, Any]:
            job = self.job(rule, wildcards)
            given = {role: list(paths) for role, paths in job.inputs.items()}
            return {role: ancient(paths) if job.is_sealed(role) and paths else paths for role, paths in given.items()}

        return by_role

    def outputs(self, rule: str) -> dict[str, str]:
        """Return the outputs of a rule by role, with wildcards."""
        return dict(RULES[rule].outputs)

    def targets(self, tier: str | None = None) -> list[str]:
        """Return all handouts of a tier as PDF and as web page, and the records of all jobs behind them."""
        tier = tier or self.usual_tier
        jobs = self.jobs[tier]
        files = [f"results/{tier}/handouts/{name}.{kind}" for name in jobs.handouts for kind in ("pdf", "html")]
        return files + [job.record for job in jobs.all]

    def threads(self, wildcards: Mapping[str, str]) -> int:
        """Return how many threads a job of a problem reserves."""
        return self._problem(wildcards).compute["threads"]

    def gpus(self, wildcards: Mapping[str, str]) -> int:
        """Return how many GPUs a training takes; the Slurm executor asks for as many under this name."""
        tier, problem = wildcards["tier"], wildcards["problem"]
        return int(self.jobs[tier].describer.devices.get(problem) == "cuda")

    def _problem(self, wildcards: Mapping[str, str]) -> Any:
        return self.jobs[wildcards["tier"]].experiments.problems[wildcards["problem"]]

    def begin(self, workflow: Any) -> None:
        """Before a build, take the locks, heal what a killed build left, and audit; before a mere look, only tell."""
        for target in snakemake_internals.targets(workflow):
            self.check_target(target)
        if snakemake_internals.is_a_job_of_another(workflow):
            slurm.check_wanted()
            self.acts = True
            return
        submits = snakemake_internals.submits(workflow)
        snakemake_internals.register_gpus(workflow, len(gpus.available()) if submits else gpus.places())
        self.acts = snakemake_internals.is_a_build(workflow)
        if self.acts:
            snakemake_internals.calm(workflow)
            _hold()
            if token := slurm.settle(submits):
                snakemake_internals.name_jobs(workflow, token)
            else:
                serve_steps()
            clear_away()
        digests = Digests(locks.FOLDER / "digests.json")
        memory = JobMemory(workflow)
        self.wanted = self._asked_for(snakemake_internals.targets(workflow)) if self.acts else {}
        for tier, jobs in self.jobs.items():
            if self.acts:
                bring_into_the_past(jobs, digests)
            is_shared = self.wanted.get(tier) and self.sharing[tier].stores.stores
            if is_shared or Path("data", tier).exists() or Path("results", tier).exists():
                retrieve = self.sharing[tier].retrieve
                assessment = retrieve(digests, self.wanted[tier]) if is_shared else Assessment(jobs, digests)
                report(assessment, why, self.acts)
                if is_shared and any(job.rule in DATA and job.record in self.wanted[tier] for job in assessment.must):
                    print(UNASKED, file=sys.stderr, flush=True)
                if self.acts:
                    apply(assessment, memory)
                    drop_checkpoints(assessment)
        if self.acts:
            digests.save()
            for jobs in self.jobs.values():
                jobs.keep_fingerprints()
            handover.sweep(job for jobs in self.jobs.values() for job in jobs.all)

    def share(self) -> None:
        """After a build, send its results to the stores that take them."""
        digests = Digests(locks.FOLDER / "digests.json")
        for tier, records in self.wanted.items():
            if records and self.sharing[tier].stores.stores:
                jobs = self.jobs[tier]
                found = Assessment(jobs, digests)
                self.sharing[tier].send(found, [job for job in jobs.all if job.record in records])

    def _asked_for(self, targets: Iterable[str]) -> dict[str, set[str]]:
        """Return the records of the jobs that targets may need, by tier: of all where one is no file of a job."""
        wanted: dict[str, set[str]] = {tier: set() for tier in self.jobs}
        for target in list(targets) or [self.usual_tier]:
            found = [(self.jobs[names["tier"]], rule, names) for rule, names in jobs_at(target)]
            named = [(jobs, self.job(rule, names)) for jobs, rule, names in found if not jobs.unknown(rule, names)]
            for jobs, job in named:
                wanted[jobs.tier] |= jobs.upstream([job.record])
            if not named:
                tier = target if target in self.jobs else self.usual_tier
                wanted[tier] |= {job.record for job in self.jobs[tier].all}
        return wanted


class JobMemory:
    """Snakemake's memory of the outputs of our jobs."""

    def __init__(self, workflow: Any) -> None:
        self.memory = snakemake_internals.memory(workflow)
        self.commands = {name: rule.command for name, rule in snakemake_internals.declared(workflow).items()}
        self.is_broken_off = self.memory.has_incomplete()

    def agrees(self, job: Job) -> bool:
        """Return whether what is remembered of a job gives no reason to run it again."""
        if self.is_broken_off:
            for path in job.outputs.values():
                self.memory.forget_incomplete(path)
        said = ([job.digest], job.paths, self.commands[job.rule])
        return all(self.memory.agrees(path, *said) for path in job.outputs.values())

    def forget(self, job: Job) -> None:
        """Forget the job's files."""
        self.memory.forget_job(job.outputs.values())


def drop_checkpoints(assessment: Assessment) -> None:
    """Delete the checkpoint of each training that has published its results; those of other states and builds stay."""
    for finding in assessment.findings.values():
        record = finding.found
        if finding.job.rule == "train" and record and finding.state != DAMAGED:
            top = Path("results", finding.job.wildcards["tier"], CHECKPOINTS)
            remove_folder(checkpoint_folder(record.key, record.inputs), top)


def _hold() -> None:
    """Hold the build lock, unless the front door does."""
    if locks.BUILD_VARIABLE in os.environ:
        locks.verify("build", int(os.environ[locks.BUILD_VARIABLE]))
    else:
        locks.hold_build()
