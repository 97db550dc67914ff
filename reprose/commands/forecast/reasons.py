"""Why a job has to run: which parameter, library, function or file is no longer what its record says."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from reprose.base.canonical import read_json
from reprose.base.errors import ReproseError
from reprose.base.messages import plural
from reprose.code.names import IMPORT, WHOLE
from reprose.commands.forecast.edits import altered
from reprose.jobs.assessment import Finding
from reprose.jobs.job import Job
from reprose.jobs.record import here_or_aside

SHOWN = 4  # of a kind, the rest only counted
WIDTH = 36  # characters of a value
OTHER = {"code", "versions", "trials", "outputs"}  # parts of a key that are told in a way of their own
NAMES = {IMPORT: "what importing it executes", WHOLE: "the module as a whole"}


def why(finding: Finding) -> tuple[str, ...]:
    """Return all reasons for which the job of a finding must run."""
    job, found = finding.job, finding.found
    if found is None or found.canonical_key == job.canonical_key:
        return finding.faults or ("its outputs are not complete",)
    said = [fault for fault in finding.faults if fault != "made with another key"]
    said += of_key(found.key, job.key)
    if found.key.get("code") != job.key["code"]:
        said += of_code(here_or_aside(job.run_record), job)
    return tuple(said) or finding.faults


def of_key(found: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Return what differs between the key of a record and the key of today, but for the code."""
    plain = [{name: value for name, value in key.items() if name not in OTHER} for key in (found, now)]
    said = [_parameter(*change) for change in differences(*plain)]
    said += _trials(*(dict(key.get("trials", [])) for key in (found, now)))
    versions = differences(*({"": dict(key.get("versions", {}))} for key in (found, now)))
    return said + [_version(*change) for change in versions]


def of_code(run: Path, job: Job) -> list[str]:
    """Return which definitions changed since the run that left the file `run`, with a changed line where git has it."""
    made, root = job.code, Path.cwd()
    try:
        left = read_json(run)
        old = left["definitions"]
    except (ReproseError, KeyError, TypeError):
        return ["its code changed; which part, no record tells"]
    changed = [name for name, digest in made.definitions.items() if old.get(name, digest) != digest]
    added = [name for name in made.definitions if name not in old]
    removed = [name for name in old if name not in made.definitions]
    said = []
    for name in changed[:SHOWN]:
        module, _, short = name.partition(":")
        lines = altered(root, left.get("commit", ""), Path(made.files[module]), short)
        said.append("\n".join([f"{_name(name)} changed", *lines]))
    if len(changed) > SHOWN:
        said.append(f"{plural(len(changed) - SHOWN, 'more definition')} changed")
    said += [f"{word}: {listed(map(_name, names))}" for word, names in (("new", added), ("gone", removed)) if names]
    return said or ["its code changed; which part, no record tells"]


def differences(old: Any, new: Any, path: str = "") -> list[tuple[str, Any, Any]]:
    """Return (path, old, new) of all values in which two nested mappings differ; None stands for an absent one."""
    if not (isinstance(old, Mapping) and isinstance(new, Mapping)):
        return [] if old == new else [(path, old, new)]
    found = []
    for name in sorted(old.keys() | new.keys()):
        found += differences(old.get(name), new.get(name), f"{path}.{name}" if path else name)
    return found


def _parameter(path: str, old: Any, new: Any) -> str:
    if isinstance(old, list) and isinstance(new, list):
        gone, more = [item for item in old if item not in new], [item for item in new if item not in old]
        if gone or more:
            parts = [
                f"{word} {listed(map(_value, items))}" for word, items in (("without", gone), ("with", more)) if items
            ]
            return f"{path}: now {', '.join(parts)}"
    return f"{path}: {_value(old)} -> {_value(new)}"


def _trials(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Return what differs between two tables of trials, without repeating what changed alike in all."""
    alike = [change for label in new if label in old for change in differences(old[label], new[label])]
    said = [f"hyperparameter {path}: {_value(was)} -> {_value(now)}" for path, was, now in alike]
    for word, labels in (("with", [x for x in new if x not in old]), ("without", [x for x in old if x not in new])):
        if labels:
            said.append(f"trials: now {word} {listed(labels)}")
    return list(dict.fromkeys(said))


def _version(path: str, old: Any, new: Any) -> str:
    package = path.removeprefix(".")
    if old is None:
        return f"now uses {package} {new}"
    return f"no longer uses {package}" if new is None else f"version of {package}: {old} -> {new}"


def _name(definition: str) -> str:
    module, _, name = definition.partition(":")
    return f"{module}: {NAMES[name]}" if name in NAMES else definition


def _value(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
    return "none" if value is None else text if len(text) <= WIDTH else f"{text[: WIDTH - 3]}..."


def listed(items: Iterable[object], most: int = SHOWN) -> str:
    """Return the first of some items in words, and how many more there are."""
    names = list(map(str, items))
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
