"""What a build takes from stores instead of running it, and sends there when it has run."""

import os
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from reprose.jobs import locks
from reprose.jobs.assessment import VALID, Assessment
from reprose.jobs.digests import Digests
from reprose.jobs.graph import Jobs
from reprose.jobs.job import Job
from reprose.jobs.store import DATA, Held, Stores

VARIABLE = "REPROSE_STORE"  # addresses with spaces between
NOTED = locks.FOLDER / "sent.json"


def stores_of(config: Mapping[str, Any]) -> Stores:
    """Return the stores that the variable REPROSE_STORE names, or else config.yaml."""
    if locks.BUILD_VARIABLE in os.environ:  # set by the front door, which asks them itself
        return Stores([], NOTED)
    named = os.environ[VARIABLE].split() if VARIABLE in os.environ else config.get("stores", [])
    return Stores(named, NOTED)


class Sharing:
    """The stores in their use by one tier of a project."""

    def __init__(self, jobs: Jobs, stores: Stores) -> None:
        self.jobs = jobs
        self.stores = stores

    def look(self, digests: Digests, wanted: Collection[str] | None = None) -> Assessment:
        """Return what the audit would find, and of the jobs with the records `wanted`, or of all, what stores hold."""

        def ask(job: Job, inputs: Mapping[str, str]) -> Held | None:
            return self.stores.find(job, inputs) if wanted is None or job.record in wanted else None

        return Assessment(self.jobs, digests, ask if self.stores.stores else None)

    def retrieve(self, digests: Digests, wanted: Collection[str] | None = None) -> Assessment:
        """Return what the audit finds once all that stores hold is here, to come back as after an undone edit.

        Whenever something does not come whole, what was to follow from it is looked at again.
        """
        while True:
            found = self.look(digests, wanted)
            if not found.held:
                found.brought = self.stores.brought
                return found
            for finding in found.held:
                assert isinstance(finding.offer, Held)
                if not self.stores.bring(finding.offer, finding.job):
                    break

    def send(self, found: Assessment, jobs: Iterable[Job], again: bool = False) -> int:
        """Send the valid results among those of `jobs` to the stores that take them; return how many were sent."""
        findings = [found.findings[job.record] for job in jobs]
        valid = [(each.job, each.found) for each in findings if each.state == VALID and each.found]
        free = [(job, record) for job, record in valid if job.rule not in DATA or self._may_be_passed_on(job)]
        return self.stores.send(free, again)

    def _may_be_passed_on(self, job: Job) -> bool:
        """Return whether the data that a job leaves are made up by a module of ours, or free for others."""
        experiments = self.jobs.experiments
        if job.rule == "prepare":
            names = [view.dataset for view in experiments.origins(job.wildcards["view"])]
        else:
            names = [job.wildcards["dataset"]]
        blocks = [experiments.datasets[name] for name in names]
        is_sample = self.jobs.tier == "sample"
        return all(block.get("redistribute", is_sample and "file" not in block) for block in blocks)
