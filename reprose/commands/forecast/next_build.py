"""What the next build would run, and why: the audit's findings, told in words."""

from pathlib import Path

from reprose.commands.forecast import reasons
from reprose.jobs.audit import Assessment, Finding
from reprose.jobs.description import Job


class NextBuild:
    """The jobs that the next build must run, each with its reasons, and those that it may run."""

    def __init__(self, assessment: Assessment) -> None:
        self.assessment = assessment
        self.jobs = assessment.jobs
        self.must = assessment.must
        self.may = assessment.may
        self.back = assessment.back

    def why(self, job: Job) -> tuple[str, ...]:
        """Return all reasons for which a job must run."""
        finding = self.assessment.findings[job.record]
        return tuple(self._edits(finding)) or finding.faults or ("its outputs are not complete",)

    def _edits(self, finding: Finding) -> list[str]:
        job, found = finding.job, finding.found
        if found is None or found.canonical_key == job.canonical_key:
            return []
        said = [fault for fault in finding.faults if fault != "made with another key"]
        said += reasons.of_key(found.key, job.key)
        if found.key.get("code") != job.key["code"]:
            said += reasons.of_code(Path(job.run_record), job)
        return said
