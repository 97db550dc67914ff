"""What the Snakefile calls: expand the configuration when it is read, and take the locks and audit before a build."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from reprose import cards, cluster, loading, locks
from reprose import config as configuration
from reprose.audit import Audit, Digests, report, sweep
from reprose.errors import ReproseError
from reprose.experiment import settings
from reprose.jobs import LOGS, PROVENANCE, Job, Jobs
from reprose.plan import TIERS, Plan, Variant, expand
from reprose.step import COMMIT_VARIABLE

# Invocations that read the workflow but build nothing.
LOOKING = {
    "--lint",
    "--summary",
    "-S",
    "--detailed-summary",
    "-D",
    "--dag",
    "--rulegraph",
    "--filegraph",
    "--list",
    "-l",
}
LOOKING |= {
    "--list-rules",
    "--list-target-rules",
    "--report",
    "--unlock",
    "--archive",
    "--d3dag",
    "--list-input-changes",
}
LOOKING |= {
    "--list-params-changes",
    "--list-code-changes",
    "--list-changes",
    "--lc",
    "--li",
    "--lp",
    "--lv",
    "--dry-run",
}


def jobs(config: Mapping[str, Any], root: Path) -> dict[str, Jobs]:
    """Return the jobs of both tiers; anything wrong in `config` or its file is an error."""
    if Path.cwd() != root:
        raise ReproseError(f"{Path.cwd()}: run Snakemake in the project's own folder, {root}.")
    _prepare_environment(root)
    configuration.load(root / "config.yaml")  # finds keys given twice, which Snakemake's own reader overlooks
    configuration.check(config, root / "workflow/schemas/config.schema.yaml")
    plans = {tier: expand(config, tier) for tier in TIERS}
    for plan in plans.values():
        _check_hyperparameters(plan)
    cards.share(os.environ)
    return {tier: Jobs(plan, root) for tier, plan in plans.items()}


def _prepare_environment(root: Path) -> None:
    """Set what all steps inherit: no byte code, which could be older than its source; the commit, for their records."""
    paths = [str(root / "scripts"), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    os.environ["PYTHONPATH"] = os.pathsep.join(dict.fromkeys(paths))
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    os.environ.setdefault(COMMIT_VARIABLE, subprocess.getoutput("git describe --always --dirty --abbrev=40 2>&-"))


def begin(
    workflow: Any,
    outputs: Mapping[str, list[str]],
    logs: Mapping[str, list[str]],
    jobs_of_tier: Mapping[str, Jobs],
    submits: bool,
) -> None:
    """Before a build, take the locks, heal what a killed build left, and audit; before a mere look, only tell.

    `outputs` and `logs` are the paths with wildcards that each rule declares; `submits` says whether jobs go to Slurm.
    """
    if workflow.exec_mode.name != "DEFAULT":
        cluster.check_wanted()
        return
    if (count := len(cards.available())) and "gpu" not in workflow.global_resources:
        workflow.register_resource("gpu", count)  # so many trainings that take one run at a time
    held = locks.BUILD_VARIABLE in os.environ
    act = held or not (workflow.output_settings.dryrun or LOOKING & set(sys.argv))
    if act:
        if held:
            locks.verify("build", int(os.environ[locks.BUILD_VARIABLE]))
        else:
            locks.hold_build()
        cluster.settle(submits)
        locks.heal()
        sweep([Path("data"), Path("results"), locks.FOLDER])
        for cache in Path("scripts").rglob("__pycache__"):  # with it, a step could run code older than its source
            shutil.rmtree(cache, ignore_errors=True)
    for expected, declared in ((PROVENANCE, outputs), (LOGS, logs)):
        for rule, path in expected.items():
            if path not in declared.get(rule, []):
                raise ReproseError(f"workflow/rules: rule {rule} does not declare {path}, which the engine expects.")
    audit_results(jobs_of_tier, outputs, act)


def calm(workflow: Any) -> None:
    """Switch Snakemake's limit of starts per second off, unless a person has set one.

    With a limit, whenever Snakemake 9.27 has looked for jobs to start and some are left, it looks again a second later.
    Each job that ends begins such a chain, and none ends before the work does: after a hundred jobs a core is busy with
    looking. The numbers of cores and of jobs at a time are limit enough.
    """
    limit = workflow.scheduling_settings.max_jobs_per_timespan
    if limit and (limit.max_jobs, limit.timespan) == (100, 1):  # the default
        workflow.scheduler.job_rate_limiter = None


def audit_results(jobs_of_tier: Mapping[str, Jobs], patterns: Mapping[str, list[str]], act: bool) -> None:
    """Audit every tier that has results; `patterns` are the outputs that the rules declare, with wildcards."""
    digests = Digests(locks.FOLDER / "digests.json")
    audit = Audit(digests, act)
    for tier, made in jobs_of_tier.items():
        if not (Path("data", tier).exists() or Path("results", tier).exists()):
            continue
        checked = [
            (job.name, audit.check(Path(job.provenance), made.key_of(job), _outputs(job, patterns))) for job in made.all
        ]
        report([(name, finding) for name, finding in checked if finding], act)
    if act:
        digests.save()


def _outputs(job: Job, patterns: Mapping[str, list[str]]) -> list[Path]:
    return [Path(pattern.format(**job.wildcards)) for pattern in patterns[job.rule]]


def _check_hyperparameters(plan: Plan) -> None:
    for problem in plan.problems.values():
        kind = loading.problem(problem.name, "hyperparameters").Hyperparameters
        for variant in problem.variants.values():
            _check_variant(plan, variant, kind)


def _check_variant(plan: Plan, variant: Variant, kind: type) -> None:
    """Check the values of a variant; of those that it takes from a winner, by the first that the winner may have."""
    where = f"config.yaml: problems.{variant.problem}.variants.{variant.name}"
    for runs in variant.batches.values():
        for values in {run.trial: run.values for run in runs}.values():
            settings(kind, {name: _example(plan, value, where) for name, value in values.items()}, where)


def _example(plan: Plan, value: Any, where: str) -> Any:
    """Return `value`, or where it is a reference, the value of the first run of the variant that it names."""
    while isinstance(value, Mapping):
        problem, variant, name = value["from"].split("/")
        known = next(iter(plan.variant(problem, variant).batches.values()))[0].values
        if name not in known:
            raise ReproseError(f"{where}.uses: '{value['from']}' is no hyperparameter. Allowed: {', '.join(known)}.")
        value = known[name]
    return value
