"""All that touches Snakemake's insides, in one place. Tried with Snakemake 9.27.1 and its plugin for Slurm 2.8.0.

What an invocation will do is not read from its options, which may be abbreviated, stand in a profile, or belong to a
program that embeds Snakemake. It is asked of Snakemake itself, at the moment when it has read the rules and is about to
look at files (`before_planning`): by then it has an executor, or it only looks.
"""

import json
import os
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reprose.base.errors import ReproseError
from reprose.base.system_errors import refusal

RECORD_FORMAT = 6  # of the records that `Memory` reads; one of another format counts as a disagreement
NO_SOFTWARE = "d41d8cd98f00b204e9800998ecf8427e"  # MD5 of nothing: a job without conda, container or module
LONGEST_PREFIX = 50  # characters of a job's name that the Slurm plugin lets others choose


@dataclass(frozen=True)
class Declared:
    """What a rule says of its jobs, with wildcards but without their constraints."""

    outputs: list[str]
    logs: list[str]
    command: str | None  # as Snakemake remembers it


def before_planning(workflow: Any, begin: Callable[[], None]) -> None:
    """Let `begin` be called once, after the rules are read and before Snakemake looks at any file.

    That holds for each invocation that plans jobs, whether a build or a look, from the command line or from a program
    that embeds Snakemake. One that only reads the rules (`--lint`, `--list-rules`) never comes there. What `begin`
    raises ends the invocation.
    """
    plan = workflow._prepare_dag

    def begin_and_plan(*arguments: Any, **named: Any) -> None:
        workflow._prepare_dag = plan
        _raised_for_snakemake(begin)
        plan(*arguments, **named)

    workflow._prepare_dag = begin_and_plan


def _raised_for_snakemake(begin: Callable[[], None]) -> None:
    from snakemake.exceptions import WorkflowError  # slow; what only reads the memory needs no Snakemake

    try:
        begin()
    except (ReproseError, OSError) as error:
        raise WorkflowError(str(refusal(error) or error)) from None


def is_a_build(workflow: Any) -> bool:
    """Return whether this invocation runs jobs. Known once `before_planning` calls; too early is an error.

    All else is a look: a dry run, a graph, a summary, a report. So is `--touch`, which makes nothing: it only gives
    files that are there a new time, and sets Snakemake's memory right for them.
    """
    if workflow.dag_settings is None:
        raise RuntimeError("what Snakemake will do is not known yet: ask within before_planning")
    return workflow.executor_plugin is not None and not workflow.dryrun and not workflow.touch


def targets(workflow: Any) -> list[str]:
    """Return the rules and files that this invocation is asked for. Known once `before_planning` calls."""
    return sorted(map(str, workflow.dag_settings.targets))


def submits(workflow: Any) -> bool:
    """Return whether this invocation hands jobs to Slurm. Known once `before_planning` calls."""
    return is_a_build(workflow) and workflow.executor_plugin.name == "slurm"


def name_jobs(workflow: Any, token: str) -> None:
    """Let the names of all jobs that are submitted to Slurm begin with `token` and an underscore."""
    own = workflow.executor_settings.jobname_prefix  # which a person may have chosen
    workflow.executor_settings.jobname_prefix = f"{token}_{own}"[:LONGEST_PREFIX] if own else token


def is_a_job_of_another(workflow: Any) -> bool:
    """Return whether this Snakemake was started by another one, to run one of its jobs."""
    return workflow.exec_mode.name != "DEFAULT"


def register_gpus(workflow: Any, places: int) -> None:
    """Let so many trainings that take a place on a GPU run at a time, unless a person has set a number."""
    if places and "gpu" not in workflow.global_resources:
        workflow.register_resource("gpu", places)


def calm(workflow: Any) -> None:
    """Switch Snakemake's limit of starts per second off, unless a person has set one. Call it within `before_planning`.

    With a limit, whenever Snakemake 9.27 has looked for jobs to start and some are left, it looks again a second later.
    Each job that ends begins such a chain, and none ends before the work does: after a hundred jobs a core is busy with
    looking. The numbers of cores and of jobs at a time are limit enough.
    """
    scheduling = workflow.scheduling_settings
    limit = scheduling and scheduling.max_jobs_per_timespan
    if limit and (limit.max_jobs, limit.timespan) == (100, 1):  # the default
        scheduling.max_jobs_per_timespan = None


def retry_only(workflow: Any, names: Iterable[str]) -> None:
    """Let jobs of the rules `names` be tried again as often as the profile says, and those of all others never."""
    kept = set(names)
    for rule in workflow.rules:
        if rule.name not in kept:
            rule.restart_times = 0


def declared(workflow: Any) -> dict[str, Declared]:
    """Return what each rule declares, by its name."""
    from snakemake.io import strip_wildcard_constraints

    def plain(paths: Iterable[str]) -> list[str]:
        return [strip_wildcard_constraints(str(path)) for path in paths]

    return {rule.name: Declared(plain(rule.output), plain(rule.log), _command(rule)) for rule in workflow.rules}


def _command(rule: Any) -> str | None:
    """Return the text by which Snakemake tells whether a rule's command was edited."""
    return rule.shellcmd if rule.shellcmd is not None else rule.run_func_src


def memory(workflow: Any) -> "Memory":
    """Return Snakemake's memory, which must be one of files."""
    kept = workflow.workflow_settings.persistence_backend.name.lower()
    if kept != "file":
        raise ReproseError(f"--persistence-backend is '{kept}'. Allowed: file, as the audit corrects that memory.")
    return Memory()


class Memory:
    """What Snakemake remembers of each output: how it was made, and whether a job that makes it was broken off.

    A marker in `incomplete/` means the latter, and is all that `--rerun-incomplete` looks at: if the output is there,
    its job runs again. No record in `metadata/` is no reason to run a job; one that disagrees is. Only the record holds
    the digests of inputs, so without one an input that is newer than the output is a reason, whatever it contains.
    """

    def __init__(self, folder: Path = Path(".snakemake")) -> None:
        self.records = folder / "metadata"
        self.markers = folder / "incomplete"
        self._longest = os.pathconf(".", "PC_NAME_MAX") - 1  # of a file's name, beside the mark "@"

    def forget(self, output: str | Path) -> None:
        """Forget how `output` was made."""
        (self.records / self._name(output)).unlink(missing_ok=True)

    def forget_incomplete(self, output: str | Path) -> None:
        """Forget that a job that makes `output` was broken off."""
        (self.markers / self._name(output)).unlink(missing_ok=True)

    def forget_job(self, outputs: Iterable[str | Path]) -> None:
        """Forget how the outputs of a job were made, and that it was broken off."""
        for output in outputs:
            self.forget(output)
            self.forget_incomplete(output)

    def agrees(self, output: str | Path, params: Iterable[Any], inputs: Iterable[str | Path], command: str) -> bool:
        """Return whether what is remembered of `output`, if anything, is no reason to run its job again.

        `params` are the values that the rule gives to its job, `inputs` all paths with those that are `ancient`, and
        `command` is that of `declared`. What cannot be read, or was written by another Snakemake, does not agree.
        """
        try:
            found = json.loads((self.records / self._name(output)).read_bytes())
        except FileNotFoundError:
            return True
        except (OSError, ValueError):
            return False
        return isinstance(found, dict) and (
            found.get("record_format_version") == RECORD_FORMAT
            and found.get("params") == sorted(map(repr, params))
            and found.get("input") == sorted(map(str, inputs))
            and found.get("code") == command
            and found.get("software_stack_hash") == NO_SOFTWARE
        )

    def has_incomplete(self) -> bool:
        """Return whether any job was broken off."""
        return any(names for _, _, names in os.walk(self.markers))

    def identity(self) -> int | None:
        """Return a number that changes if the memory is lost, or None where there is none."""
        return self.records.stat().st_ino if self.records.exists() else None

    def _name(self, output: str | Path) -> Path:
        """Return the name of a record: the path of the output in base 64, cut into names of files and folders."""
        name = urlsafe_b64encode(str(output).encode()).decode()
        parts = [name[start : start + self._longest] for start in range(0, len(name), self._longest)]
        return Path(*(f"@{part}" for part in parts[:-1]), parts[-1])
