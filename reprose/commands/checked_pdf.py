"""Whether the PDF of a handout is what its records say, and what this checkout would make of the same jobs."""

import random
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from reprose.base.canonical import file_digest
from reprose.base.errors import ReproseError
from reprose.base.messages import plural
from reprose.commands.forecast.reasons import listed, of_key
from reprose.commands.snakefile import load_jobs
from reprose.config import reading
from reprose.document.attachments import Attached, read_attached
from reprose.jobs import locks
from reprose.jobs.assessment import VALID, Assessment
from reprose.jobs.digests import Digests
from reprose.jobs.graph import Jobs
from reprose.jobs.job import Job
from reprose.jobs.record import Record, record_at

RIGHT, WRONG, UNKNOWN = 0, 1, 2  # exit statuses
SHOWN = 5  # jobs of a kind that are named
Twice = Callable[[Iterable[Job], int], Iterable[str]]  # runs jobs of so many threads again: what comes out otherwise


def check(pdf: Path, recompute: int, twice: Twice | None) -> int:
    """Print what can be told of a PDF; return 0 if all is right, 1 if something differs, 2 if that is not known."""
    try:
        return _checked(pdf, recompute, twice)
    except ReproseError as error:
        print(f"error: {error}", file=sys.stderr)
        return UNKNOWN


def worst(found: Iterable[int]) -> int:
    """Return what holds of several findings together."""
    known = set(found)
    return WRONG if WRONG in known else max(known)


def _checked(pdf: Path, recompute: int, twice: Twice | None) -> int:
    if not pdf.is_file():
        raise ReproseError(f"{pdf}: no such file.")
    attached = read_attached(pdf.read_bytes(), str(pdf))
    jobs_behind = plural(len(attached.records), "job")
    print(f"{pdf}: {plural(len(attached.pages), 'page')}, made by {jobs_behind} and their typesetting")
    found = [_itself(attached)]
    jobs = _jobs(attached)
    same = _keys(attached.records, jobs)
    found.append(RIGHT if len(same) == len(attached.records) else UNKNOWN)
    assessment = Assessment(jobs, Digests(locks.FOLDER / "digests.json"))
    valid = [(job, record) for job, record in same if assessment.findings[job.record].state == VALID]
    found.append(_results(valid, len(attached.records)))
    found.append(_whole(pdf, attached, jobs, assessment))
    if twice:
        published = () if jobs.tier == "sample" else ("fetch",)  # whose files need no second look
        known = [job for job, _ in valid if job.rule not in published]
        chosen = random.sample(known, min(recompute, len(known)))
        found.append(_recomputed(chosen, list(twice(chosen, jobs.experiments.threads))))
    return worst(found)


def _itself(attached: Attached) -> int:
    """Tell whether the PDF agrees with what is attached to it."""
    pages, records = attached.altered_pages, attached.altered_records
    print(f"  pages: {'not as they were typeset: ' + listed(pages, SHOWN) if pages else 'as they were typeset'}")
    print(f"  records: {'contradict each other: ' + listed(records, SHOWN) if records else 'agree with each other'}")
    return WRONG if pages or records else RIGHT


def _jobs(attached: Attached) -> Jobs:
    """Return the jobs of the tier of a PDF in this checkout."""
    root, tiers = Path.cwd(), {str(record.key.get("tier")) for record in attached.records}
    known = load_jobs(reading.load(root / "config.yaml"), root)
    if not tiers:
        raise ReproseError("the list of its records is empty, so there is nothing to compare.")
    if len(tiers) != 1 or not tiers <= known.keys():
        raise ReproseError(f"the records are of the tiers {listed(sorted(tiers))}, expected one of {', '.join(known)}.")
    return known[tiers.pop()]


def _keys(records: list[Record], jobs: Jobs) -> list[tuple[Job, Record]]:
    """Tell which jobs of the PDF have the same key here, and what differs in the others; return the former."""
    here = {job.name: job for job in jobs.all}
    pairs = [(here[record.name], record) for record in records if record.name in here]
    same = [(job, record) for job, record in pairs if job.canonical_key == record.canonical_key]
    print(f"  keys: {len(same)} of {plural(len(records), 'job')} would be the same in this checkout")
    for job, record in [pair for pair in pairs if pair not in same][:SHOWN]:
        told = of_key(record.key, job.key)
        told += ["its code"] if record.key.get("code") != job.key["code"] else []
        print(f"    {job.name}: {'; '.join(told)}")
    if gone := [record.name for record in records if record.name not in here]:
        print(f"    not in this checkout: {listed(gone, SHOWN)}")
    return same


def _results(valid: list[tuple[Job, Record]], count: int) -> int:
    """Tell which results that are at hand have the bytes that the records say."""
    other = []
    for job, record in valid:
        made = record_at(Path(job.record))
        if made is None or made.outputs != record.outputs:
            other.append(job.name)
    print(f"  results: {len(valid) - len(other)} of {count} are at hand with the same bytes")
    if other:
        print(f"    with others: {listed(other, SHOWN)}")
    if len(valid) < count:
        print(f"    not built here, or not up to date: {count - len(valid)}")
    return WRONG if other else RIGHT if len(valid) == count else UNKNOWN


def _whole(pdf: Path, attached: Attached, jobs: Jobs, assessment: Assessment) -> int:
    """Tell whether the PDF is the one that this checkout makes of the same records."""
    typeset = [job for job in jobs.all if job.rule == "typeset" and assessment.findings[job.record].state == VALID]
    built = [Path(job.outputs["pdf"]) for job in typeset]
    digest = file_digest(pdf)
    if any(file_digest(path) == digest for path in built):
        print("  the PDF: byte for byte what this checkout makes")
        return RIGHT
    names = {record.name for record in attached.records}
    records = [record_at(Path(record.key["outputs"]["provenance"])) for record in attached.records]
    same_records = records == attached.records and any(set(job.settings["jobs"]) == names for job in typeset)
    if same_records or any(read_attached(path.read_bytes(), str(path)).pages == attached.pages for path in built):
        print("  the PDF: another one than this checkout makes of the same results")
        return WRONG
    print("  the PDF: not compared, as its handout is not built here from the same results")
    return UNKNOWN


def _recomputed(chosen: list[Job], differing: list[str]) -> int:
    """Tell whether the jobs that were chosen made the same bytes again."""
    print(f"  recomputed: {len(chosen) - len(differing)} of {plural(len(chosen), 'job')} made the same bytes again")
    for told in differing:
        print(f"    {told}")
    return WRONG if differing else RIGHT if chosen else UNKNOWN
