"""The stores of this project, for a person: what they hold, and what to send, to fetch or to forget."""

import argparse
import re
import sys
import time
from collections.abc import Collection, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from reprose.base.errors import ReproseError
from reprose.base.messages import plural
from reprose.commands.git import commit_of, git
from reprose.commands.snakefile import load_jobs
from reprose.config import reading
from reprose.jobs import locks
from reprose.jobs.assessment import HELD, VALID, Assessment
from reprose.jobs.digests import Digests
from reprose.jobs.record import identity
from reprose.jobs.sharing import VARIABLE, Sharing, stores_of
from reprose.jobs.store import OBJECTS, RECORDS, Held, Store, is_unfinished

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
    sharing = {tier: Sharing(each, stores) for tier, each in jobs.items()}
    if arguments.action == "prune":
        return _prune(stores.stores, sharing.values(), arguments.keep)
    return _shared(sharing[arguments.tier], arguments.action)


def _shared(sharing: Sharing, action: str) -> int:
    """Tell what the stores hold, send results there, or fetch them."""
    locks.hold_build()
    stores, digests = sharing.stores, Digests(locks.FOLDER / "digests.json")
    if action == "status":
        return _status(sharing, digests)
    if action == "push":
        return _push(sharing, digests)
    sharing.retrieve(digests)
    print(f"fetched: the results of {plural(len(stores.brought), 'job')}, which the next build puts in place")
    return int(any(store.is_away for store in stores.stores))


def _push(sharing: Sharing, digests: Digests) -> int:
    """Send all results; return 1 where a store that takes some did not take all."""
    taking = [store for store in sharing.stores.stores if store.writable]
    if not taking:
        raise ReproseError("no store takes results: all of them only give.")
    found = Assessment(sharing.jobs, digests)
    print(f"sent: the results of {plural(sharing.send(found, sharing.jobs.all, again=True), 'job')}")
    return int(not all(store.writable for store in taking))


def _status(sharing: Sharing, digests: Digests) -> int:
    found, listed = sharing.look(digests), {}
    for store in sharing.stores.stores:
        if (told := _listed(store)) is None:
            continue
        objects, records = told
        listed[store] = objects
        size = sum(each["size"] for each in [*objects.values(), *records.values()]) / MEGABYTE
        print(f"{store.url}: {plural(len(records), 'job')}, {plural(len(objects), 'object')}, {size:.1f} MB")
    offers = [finding.offer for finding in found.held if isinstance(finding.offer, Held)]
    whole = [held for held in offers if held.store not in listed or held.store.has(held, listed[held.store])]
    valid = sum(finding.state == VALID for finding in found.findings.values())
    here = f"{valid} {'is' if valid == 1 else 'are'} up to date here"
    told = f"{sharing.jobs.tier}: of {plural(len(sharing.jobs.all), 'job')} {here}, "
    lacking = f"; of {len(offers) - len(whole)} more, files are missing there" if len(whole) < len(offers) else ""
    print(f"{told}{len(whole)} can be taken from stores{lacking}")
    return int(any(store.is_away for store in sharing.stores.stores))


def _listed(store: Store) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Return the finished objects and records of a store; None where it does not tell, as one on the web may not."""
    try:
        kinds = [store.listed(kind) for kind in (OBJECTS, RECORDS)]
    except Exception as error:  # of whatever library reaches it
        print(f"{store.url}: does not tell what it holds ({type(error).__name__})")
        return None
    objects, records = ({path: told for path, told in kind.items() if not is_unfinished(path)} for kind in kinds)
    return objects, records


def _prune(stores: Iterable[Store], tiers: Iterable[Sharing], keep: str) -> int:
    """Delete the records that nothing needs, then the objects that no record names."""
    oldest = commit_of(keep)
    commits = {oldest, *(git("rev-list", f"{oldest}..HEAD") or "").split()}
    needed = {name for sharing in tiers for name in _identities(sharing)}
    status = 0
    for store in (store for store in stores if store.writable):
        try:
            _thin_out(store, needed, commits)
        except Exception as error:  # of whatever library reaches it
            status = 1
            print(f"{store.url}: not pruned to the end: {type(error).__name__}: {error}", file=sys.stderr)
    return status


def _thin_out(store: Store, needed: Collection[str], commits: Collection[str]) -> None:
    """Delete from one store what is neither needed nor made at one of some commits."""
    named, gone, freed = set(), 0, 0
    for path, held in list(store.records()):
        made_at = COMMIT.search(str(held.run.get("commit", ""))) if held else None
        if held and (Path(path).name in needed or (made_at and made_at.group() in commits)):
            named |= set(held.record.outputs.values())
        else:
            store.remove(path)
            gone += 1
    for path, told in (store.listed(OBJECTS) | store.listed(RECORDS)).items():
        is_idle = is_unfinished(path) or (path.startswith(OBJECTS) and Path(path).name not in named)
        if is_idle and _age(told) > FRESH:
            store.remove(path)
            freed += told["size"]
    print(f"{store.url}: forgot the results of {plural(gone, 'job')}, freed {freed / MEGABYTE:.1f} MB")


def _identities(sharing: Sharing) -> Iterable[str]:
    """Yield the identities of the results of today's state that are here, or that a store holds."""
    for finding in sharing.look(Digests(locks.FOLDER / "digests.json")).findings.values():
        record = finding.offer.record if isinstance(finding.offer, Held) else finding.found
        if finding.state in (VALID, HELD) and record:
            yield identity(record.key, record.inputs)


def _age(told: dict[str, Any]) -> float:
    """Return how many seconds ago a file of a store was written, as far as the store tells."""
    written = told.get("LastModified") or told.get("mtime") or told.get("updated")
    if isinstance(written, datetime):
        return time.time() - written.timestamp()
    return time.time() - written if isinstance(written, int | float) else float("inf")
