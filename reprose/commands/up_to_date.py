"""Say where the results of a problem lie, as JSON, if they are what a build would make today: `python -m ...`."""

import json
import sys
from pathlib import Path
from typing import Any

from reprose.base.errors import ReproseError
from reprose.base.messages import plural
from reprose.commands.cli import tier_meant
from reprose.commands.forecast.reasons import why
from reprose.commands.snakefile import load_jobs
from reprose.config import reading
from reprose.config.experiments import TIERS
from reprose.jobs import locks
from reprose.jobs.assessment import VALID, Assessment
from reprose.jobs.digests import Digests
from reprose.jobs.graph import Jobs
from reprose.jobs.job import Job
from reprose.jobs.rules import RULES, job_name, jobs_at

MADE_FOR_READERS = ("plot", "summarize")


def main() -> None:
    """Print what `place` returns for the problem and tier that are named; what is wrong is told in words."""
    root = Path.cwd()
    sys.path.insert(0, str(root))
    problem, *tier = sys.argv[1:]
    try:
        print(json.dumps(place(root, problem, *(tier or [tier_meant(root)]))))
    except (ReproseError, OSError) as error:
        sys.exit(f"error: {error}")


def place(root: Path, problem: str, tier: str) -> dict[str, Any]:
    """Return the paths of the numbers and figures of `problem`, the key and inputs that they were made with."""
    if tier not in TIERS:
        raise ReproseError(f"tier '{tier}'. Allowed: {', '.join(TIERS)}.")
    jobs = load_jobs(reading.load(root / "config.yaml"), root)[tier]
    if problem not in jobs.experiments.problems:
        raise ReproseError(f"no problem '{problem}'. There are: {', '.join(jobs.experiments.problems) or 'none'}.")
    made = {job.rule: job for job in jobs.all if job.wildcards.get("problem") == problem}
    wanted = {rule: made[rule] for rule in MADE_FOR_READERS if rule in made}
    if not wanted:
        raise ReproseError(f"no handout prints the problem '{problem}', so that no build makes its results.")
    _check(jobs, list(wanted.values()))
    read = next(iter(wanted.values()))
    tested = read.inputs.get("artifacts", ())
    return {
        "key": read.key,
        "inputs": read.inputs,
        "artifacts": {_maker(path): path for path in tested},
        **({"figures": wanted["plot"].outputs["manifest"]} if "plot" in wanted else {}),
        **({"numbers": wanted["summarize"].outputs["numbers"]} if "summarize" in wanted else {}),
    }


def _check(jobs: Jobs, wanted: list[Job]) -> None:
    """Raise where one of the jobs, or one that they need, has other results than a build would leave."""
    found = Assessment(jobs, Digests(locks.FOLDER / "digests.json"))
    needed = jobs.upstream(job.record for job in wanted)
    undone = [finding for record, finding in found.findings.items() if record in needed and finding.state != VALID]
    if not undone:
        return
    first = undone[0]
    reasons = "; ".join(line.strip() for reason in why(first) for line in reason.splitlines())
    more = f", and {plural(len(undone) - 1, 'more job')}" if len(undone) > 1 else ""
    raise ReproseError(
        f"not up to date: {first.job.name} ({reasons}){more}. Run 'reprose build --tier {jobs.tier}', and load again."
    )


def _maker(path: str) -> str:
    """Return the name of the job that leaves the file `path`."""
    ((rule, wildcards),) = jobs_at(path)
    return job_name({"rule": rule, **{name: wildcards[name] for name in RULES[rule].wildcards}})


if __name__ == "__main__":
    main()
