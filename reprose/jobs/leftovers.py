"""Results that nothing makes any more: of a handout, variant, batch or view that was renamed or taken out.

They harm no build, but an old PDF beside the new ones may be taken for one of them. Only what a job's own record names
counts, and checkpoints; a person's files among them stay.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from reprose.config import handouts
from reprose.jobs.graph import Jobs
from reprose.jobs.record import CHECKPOINTS, STALE, Record, aside, record_at
from reprose.jobs.rules import RULES, job_name, paths_of

NAMED = 3  # jobs, the rest only counted


def leftovers(jobs: Jobs) -> dict[str, list[Path]]:
    """Return the files that are left of jobs which neither config.yaml nor a template asks for, by the job's name."""
    known, found = set(_known(jobs)), {}
    for record in _others(jobs.tier, known):
        found.setdefault(record.name, set()).update(_files(record, jobs.tier))
    for folder in Path("results", jobs.tier, CHECKPOINTS).glob("*/*/*"):
        names = dict(zip(RULES["train"].wildcards, folder.parts[-3:], strict=True))
        if _place("train", {"tier": jobs.tier, **names}) not in known:
            inner = {path for path in folder.rglob("*") if not path.is_dir()}
            found.setdefault(job_name({"rule": "train", **names}), set()).update(inner)
    return {name: sorted(found[name]) for name in sorted(found) if found[name]}


def told(jobs: Jobs) -> str:
    """Return a line that tells a person what is left over, or "" where nothing is."""
    names = list(leftovers(jobs))
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    text = f"left over, as nothing makes it any more: {', '.join(names[:NAMED])}{more}"
    return f"{text} ('reprose clean --leftovers' deletes it)" if names else ""


def _known(jobs: Jobs) -> Iterator[str]:
    """Yield the place of the record of each job that one could ask for, whether or not a handout prints its results."""
    asked = jobs.experiments
    names = [("fetch", {"dataset": name}) for name in asked.datasets]
    names += [("prepare", {"view": name}) for name in asked.views]
    names += [("typeset", {"handout": name}) for name in handouts.names(jobs.root)]
    names += [("write", {"problem": name}) for name in jobs.sections]
    for problem in asked.problems.values():
        names += [(rule, {"problem": problem.name}) for rule in ("plot", "summarize")]
        for variant in problem.variants.values():
            of_variant = {"problem": problem.name, "variant": variant.name}
            names += [(rule, of_variant) for rule in ("choose", "evaluate")]
            names += [("train", {**of_variant, "batch": batch}) for batch in variant.batches]
    for rule, wildcards in names:
        place = _place(rule, {"tier": jobs.tier, **wildcards})
        yield from (place, place.replace("/handouts/", "/drafts/"))


def _place(rule: str, wildcards: dict[str, str]) -> str:
    return paths_of(rule, wildcards)["provenance"]


def _others(tier: str, known: set[str]) -> Iterator[Record]:
    """Yield the records, at their place or set aside, whose place is none of `known`; a copy of a person's is none."""
    for top in (Path("data", tier), Path("results", tier)):
        for path in sorted(top.rglob("*provenance.json")):
            place = str(path.parent.parent / path.name if path.parent.name == STALE else path)
            record = record_at(path) if place not in known else None
            if record and record.key.get("rule") in RULES and record.key.get("outputs", {}).get("provenance") == place:
                yield record


def _files(record: Record, tier: str) -> Iterator[Path]:
    """Yield the files of a job that are there, at their place or set aside, with its logs."""
    outputs = {*record.outputs, *record.key["outputs"].values()}
    outputs |= {path.replace("provenance.json", "run.json") for path in outputs}
    for path in map(Path, outputs):
        if path.parts[:2] in (("data", tier), ("results", tier)) and ".." not in path.parts:
            yield from (file for file in (path, aside(path)) if os.path.lexists(file))
    log = Path(RULES[record.key["rule"]].log.format(**record.key))
    yield from [log] if log.exists() else []
