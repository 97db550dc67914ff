"""What a build hands to its steps: the description of each job, and the sources that it was keyed with, by digest."""

import json
from collections.abc import Iterable
from pathlib import Path

from reprose.base.files import write_whole
from reprose.code.witness import compiled_name
from reprose.jobs.job import Job
from reprose.jobs.locks import FOLDER

DESCRIPTIONS = FOLDER / "jobs"
SOURCES = FOLDER / "sources"


def description_file(job: Job) -> Path:
    """Return the file that a step is called with."""
    return DESCRIPTIONS / f"{job.digest}.json"


def hand_over(job: Job, written: set[str]) -> Path:
    """Write the description of a job, and of the sources behind it those that are not among `written` yet."""
    for text in job.sources.values():
        if text.digest not in written:
            written.add(text.digest)
            _keep(SOURCES / text.digest, text.content)
    sources = {module: [text.file, text.digest] for module, text in job.sources.items()}
    made = {
        "name": job.name,
        "key": job.key,
        "sources": sources,
        "definitions": job.code.definitions,
        "expected": job.expected,
    }
    file = description_file(job)
    _keep(file, json.dumps(made, sort_keys=True).encode())
    return file


def sweep(jobs: Iterable[Job]) -> None:
    """Delete the descriptions and sources that none of `jobs` needs. No step may be running."""
    wanted = set()
    for job in jobs:
        wanted.add(f"{job.digest}.json")
        for text in job.sources.values():
            wanted |= {text.digest, compiled_name(text.digest, text.file)}
    for path in [*DESCRIPTIONS.glob("*"), *SOURCES.glob("*")]:
        if path.name not in wanted and not path.is_dir():  # storage servers put folders of their own everywhere
            path.unlink(missing_ok=True)


def _keep(path: Path, content: bytes) -> None:
    """Write a file unless it holds these bytes already."""
    try:
        if path.read_bytes() == content:
            return
    except OSError:
        path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, content)
