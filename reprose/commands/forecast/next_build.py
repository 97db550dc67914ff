"""Why the next build must run a job: the audit's findings, told in words."""

from pathlib import Path

from reprose.commands.forecast import reasons
from reprose.jobs.audit import Finding


def why(finding: Finding) -> tuple[str, ...]:
    """Return all reasons for which the job of a finding must run."""
    job, found = finding.job, finding.found
    if found is None or found.canonical_key == job.canonical_key:
        return finding.faults or ("its outputs are not complete",)
    said = [fault for fault in finding.faults if fault != "made with another key"]
    said += reasons.of_key(found.key, job.key)
    if found.key.get("code") != job.key["code"]:
        said += reasons.of_code(Path(job.run_record), job)
    return tuple(said) or finding.faults
