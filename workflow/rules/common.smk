"""What the rules share: the descriptions of all jobs that config.yaml and the templates under report/ ask for.

No rules stand here. What a job reads, writes and depends on is described once, in reprose/jobs/: the rules take their
inputs, outputs and keys from there.
"""

import sys
from pathlib import Path

from snakemake.utils import min_version

from reprose.base.errors import ReproseError
from reprose.base.project import conda_environment
from reprose.commands import snakemake_internals
from reprose.commands.snakefile import Workflow
from reprose.jobs.rules import RULES

min_version("9.27")

try:
    REPROSE = Workflow(config, Path(workflow.basedir))
except ReproseError as error:
    sys.exit(f"error: {error}")  # Snakemake would add lines of its own
CONDA = conda_environment(Path(workflow.basedir))


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


def inputs(rule):
    """Return the function that gives a job of `rule` its inputs by role."""
    return unpack(REPROSE.inputs(rule, ancient))


def begin():
    """Let the engine take the locks and audit what an earlier build left, before Snakemake looks at any file."""
    snakemake_internals.retry_only(workflow, ["train"])  # what fails on this machine would fail again
    snakemake_internals.before_planning(workflow, lambda: REPROSE.begin(workflow))


onsuccess:
    REPROSE.share()
