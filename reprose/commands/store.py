"""The stores of this project, for a person: what they hold, and what to send, to fetch or to forget."""

import argparse
import re
import time
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from reprose.base.errors import ReproseError
from reprose.commands.git import commit_of, git
from reprose.commands.snakefile import load_jobs
from reprose.config import reading
from reprose.jobs import locks
from reprose.jobs.assessment import VALID, Assessment
from reprose.jobs.digests import Digests
from reprose.jobs.graph import Jobs
from reprose.jobs.record import identity, record_at
from reprose.jobs.sharing import VARIABLE, Sharing, stores_of
from reprose.jobs.store import OBJECTS, RECORDS, Store

MEGABYTE = 1e6
COMMIT = re.compile("[0-9a-f]{40}")
FRESH = 3600.0  # seconds for which an object stays that no record names: its record may be on its way


def run(arguments: argparse.Namespace) -> int:
    """Do what was asked for to each store."""
    root = Path.cwd()
    config = reading.load(root / "config.yaml")
    stores = stores_of(config)
    if not stores.stores:
        raise ReproseError(
            f"there is no store. Name one in the variable {VARIABLE}, or under `stores:` in config.yaml."
        )
    jobs = load_jobs(config, root)
    if arguments.action == "prune":
        return _prune(stores.stores, jobs.values(), arguments.keep)
    sharing = Sharing(jobs[arguments.tier], stores)
    locks.hold_build()
    digests = Digests(locks.FOLDER / "digests.json")
    if arguments.action == "status":
        return _status(sharing, digests)
    if arguments.action == "push":
        found = Assessment(sharing.jobs, digests)
        print(f"sent: the results of {sharing.send(found, sharing.jobs.all, again=True)} jobs")
    else:
        sharing.retrieve(digests)
        print(f"fetched: the results of {len(stores.brought)} jobs, which the next build puts in their places")
    return int(any(store.is_away for store in stores.stores))


def _status(sharing: Sharing, digests: Digests) -> int:
    found = sharing.look(digests)
    for store in sharing.stores.stores:
        objects, records = store.listed(OBJECTS), store.listed(RECORDS)
        size = sum(told["size"] for told in [*objects.values(), *records.values()]) / MEGABYTE
        print(f"{store.url}: {len(records)} jobs, {len(objects)} objects, {size:.1f} MB")
    valid = sum(finding.state == VALID for finding in found.findings.values())
    total = len(sharing.jobs.all)
    print(
        f"{sharing.jobs.tier}: of {total} jobs {valid} are up to date here, {len(found.held)} can be taken from stores"
    )
    return 0


def _prune(stores: Iterable[Store], tiers: Iterable[Jobs], keep: str) -> int:
    """Delete the records that nothing needs, then the objects that no record names."""
    oldest = commit_of(keep)
    commits = {oldest, *(git("rev-list", f"{oldest}..HEAD") or "").split()}
    needed = {name for jobs in tiers for name in _identities(jobs)}
    for store in (store for store in stores if store.writable):
        named, gone = set(), 0
        for path, told in list(store.records()):
            made_at = COMMIT.search(str(told.get("run", {}).get("commit", "")))
            if told and (Path(path).name in needed or (made_at and made_at.group() in commits)):
                named |= set(told["record"]["outputs"].values())
            else:
                store.remove(path)
                gone += 1
        freed = 0
        for path, told in store.listed(OBJECTS).items():
            if Path(path).name not in named and _age(told) > FRESH:
                store.remove(path)
                freed += told["size"]
        print(f"{store.url}: forgot the results of {gone} jobs, freed {freed / MEGABYTE:.1f} MB")
    return 0


def _identities(jobs: Jobs) -> Iterable[str]:
    """Yield the identities of the results that are here."""
    found = Assessment(jobs, Digests(locks.FOLDER / "digests.json"))
    for finding in found.findings.values():
        record = record_at(Path(finding.job.record))
        if finding.state == VALID and record:
            yield identity(record.key, record.inputs)


def _age(told: dict[str, Any]) -> float:
    """Return how many seconds ago a file of a store was written, as far as the store tells."""
    written = told.get("LastModified") or told.get("mtime") or told.get("updated")
    if isinstance(written, datetime):
        return time.time() - written.timestamp()
    return time.time() - written if isinstance(written, int | float) else float("inf")
