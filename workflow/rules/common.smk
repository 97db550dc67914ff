"""What the rules share: the plan that config.yaml expands to, the keys of jobs, and the inputs that depend on the plan.

No rule stands here. The plan and the keys are the engine's (scripts/reprose/plan.py, jobs.py); the functions below only
look up paths.
"""

import sys
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path

sys.path.insert(0, str(Path(workflow.basedir) / "scripts"))

from snakemake.cli import parse_args
from snakemake.io import strip_wildcard_constraints

from reprose import cluster, entrance
from reprose.errors import ReproseError
from reprose.handouts import STYLE_FILES
from reprose.system import refusal

try:
    JOBS = entrance.jobs(config, Path(workflow.basedir))
except ReproseError as error:
    raise WorkflowError(str(error)) from None


# On a cluster only training is submitted: what takes seconds runs where the build was started.
localrules:
    fetch,
    prepare,
    choose,
    evaluate,
    plot,
    summarize,
    write,
    typeset,


wildcard_constraints:
    tier="sample|real",
    dataset="[a-z][a-z0-9_]*",
    view="[a-z][a-z0-9_]*",
    problem="(?!views/|handouts/|drafts/|checkpoints/)[a-z][a-z0-9_]*",
    variant="(?!figures/|numbers/|section/)[a-z][a-z0-9_]*",
    batch="[a-z][a-z0-9_]*_[0-9]+_[0-9]+",
    handout="[a-z][a-z0-9_]*",


def begin():
    """Take the locks and audit what an earlier build left, unless this invocation only looks."""
    outputs = {rule.name: [strip_wildcard_constraints(path) for path in rule.output] for rule in workflow.rules}
    logs = {rule.name: [strip_wildcard_constraints(path) for path in rule.log] for rule in workflow.rules}
    for each in workflow.rules:
        if each.name != "train":  # what fails on this machine would fail again
            each.restart_times = 0
    try:
        entrance.begin(workflow, outputs, logs, JOBS, submits())
    except (ReproseError, OSError) as error:
        raise WorkflowError(str(refusal(error) or error)) from None


onstart:
    entrance.calm(workflow)


def submits():
    """Return whether this invocation hands jobs to Slurm, which Snakemake itself knows only after it has read the rules."""
    if cluster.PLUGIN not in sys.modules:
        return False
    with redirect_stderr(StringIO()):
        return parse_args(sys.argv[1:])[1].executor == "slurm"


def key(rule):
    """Return the function that gives a job of `rule` its key."""

    def key_of_job(wildcards):
        return JOBS[wildcards.tier].key(rule, **wildcards)

    return key_of_job


def plan(wildcards):
    return JOBS[wildcards.tier].plan


def threads_of(wildcards):
    return plan(wildcards).problems[wildcards.problem].compute["threads"]


def cards_of(wildcards):
    """Return how many GPUs a training takes; the Slurm executor asks for as many under this name."""
    return int(plan(wildcards).problems[wildcards.problem].compute["device"] == "cuda")


def handouts(tier):
    """Return all handouts of `tier` as PDF and as web page, and the records of all jobs behind them."""
    files = [f"results/{tier}/handouts/{name}.{kind}" for name in JOBS[tier].handouts for kind in ("pdf", "html")]
    return files + [job.provenance for job in JOBS[tier].all]


def manifest_of_view(wildcards):
    dataset = plan(wildcards).views[wildcards.view].dataset
    return f"data/{wildcards.tier}/{dataset}/manifest.json"


def of_view(suffix):
    """Return the function that gives a view the parts of the view that it is made of, if of any."""

    def parts_of_view(wildcards):
        base = plan(wildcards).views[wildcards.view].of
        parts = ("train", "validation", "test") if base else ()
        return [f"results/{wildcards.tier}/views/{base}/{name}.{suffix}" for name in parts]

    return parts_of_view


def part(name):
    """Return the function that gives a variant the part `name` of its view."""

    def part_of_view(wildcards):
        view = plan(wildcards).variant(wildcards.problem, wildcards.variant).view.name
        return f"results/{wildcards.tier}/views/{view}/{name}"

    return part_of_view


def winners_used(wildcards):
    pairs = plan(wildcards).variant(wildcards.problem, wildcards.variant).used
    return [f"results/{wildcards.tier}/{problem}/{variant}/winner.json" for problem, variant in pairs]


def weights_used(wildcards):
    pairs = plan(wildcards).variant(wildcards.problem, wildcards.variant).used_weights
    return [f"results/{wildcards.tier}/{problem}/{variant}/weights.npz" for problem, variant in pairs]


def seals_used(wildcards):
    return [f"{path}.sha256" for path in weights_used(wildcards)]


def of_batches(name):
    """Return the function that gives a variant the file `name` of each of its batches."""

    def file_of_batches(wildcards):
        batches = plan(wildcards).variant(wildcards.problem, wildcards.variant).batches
        return [f"results/{wildcards.tier}/{wildcards.problem}/{wildcards.variant}/{batch}/{name}" for batch in batches]

    return file_of_batches


def of_variants(wildcards):
    """Return all that was measured for the variants of a problem."""
    files = []
    for variant in plan(wildcards).problems[wildcards.problem].variants.values():
        folder = f"results/{wildcards.tier}/{wildcards.problem}/{variant.name}"
        files += [f"{folder}/trials.json", f"{folder}/histories.npz"]
        if variant.view.test:
            files += [f"{folder}/test/metrics.json", f"{folder}/test/artifacts.npz"]
    return files


def of_sections(name):
    """Return the function that gives a handout the file `name` of each of its sections."""

    def file_of_sections(wildcards):
        problems = JOBS[wildcards.tier].handouts[wildcards.handout]
        return [f"results/{wildcards.tier}/{problem}/{name}" for problem in problems]

    return file_of_sections


def manifests_of_problem(wildcards):
    """Return the manifests of the raw data that the results of a problem come from."""
    return JOBS[wildcards.tier].manifests([wildcards.problem])


def manifests_of_handout(wildcards):
    jobs = JOBS[wildcards.tier]
    return jobs.manifests(jobs.handouts[wildcards.handout])


def records_behind(wildcards):
    """Return the records of all jobs whose results a handout prints."""
    jobs = JOBS[wildcards.tier]
    return [job.provenance for job in jobs.behind(jobs.handouts[wildcards.handout])]
