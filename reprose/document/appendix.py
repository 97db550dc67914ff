"""The appendix of a web page: one entry for each job behind it, to which the marks of its numbers lead."""

from collections.abc import Mapping, Sequence
from typing import Any

from reprose.jobs.record import Record
from reprose.numbers.printing import Latex, anchor, breakable, escape

SHOWN = 12  # digits of a digest on the page; the attached records hold all 64


def appendix(provenance: Sequence[Record]) -> str:
    """Return the LaTeX of the appendix: one entry for each job, in the given order, each the target of its marks."""
    entries = map(_entry, provenance)
    return "\n".join([r"\provenanceintro\par", r"\begin{records}", *entries, r"\end{records}", ""])


def _entry(record: Record) -> str:
    lines = [rf"\begin{{pventry}}{{{anchor(record.name)}}}{{{breakable(record.name)}}}"]
    lines.append(rf"\pvdigests{{{record.key_digest[:SHOWN]}}}{{{record.key['code'][:SHOWN]}}}")
    lines += [rf"\pvfact{{data}}{{{origin}}}" for origin in _origins(record)]
    lines += [rf"\pvfact{{{escape(name)}}}{{{text}}}" for name, text in _facts(record.key)]
    for word, files in (("from", record.inputs), ("made", record.outputs)):
        lines += [rf"\pvfact{{{word}}}{{{text}}}" for text in _folders(files)]
    return "\n".join([*lines, r"\end{pventry}"])


def _origins(record: Record) -> list[str]:
    """Return what raw data are: published, stand-ins, or generated (no files); nothing for a job that gets none."""
    if record.key["rule"] != "fetch":
        return []
    files = [path for path in record.outputs if not path.endswith("/manifest.json")]
    if not files:
        return ["generated from seeds when a view is prepared"]
    if "file" in record.key:
        return [f"a file of the project, {breakable(record.key['file'])}"]
    return ["stand-ins for published files" if record.key["sample"] else "published files, or declared substitutes"]


def _folders(files: Mapping[str, str]) -> list[str]:
    """Return one text for each folder: its files with their digests, without the seals of files that are there too."""
    folders: dict[str, list[str]] = {}
    for path in sorted(files):
        if path.removesuffix(".sha256") == path or path.removesuffix(".sha256") not in files:
            folder, _, name = path.rpartition("/")
            folders.setdefault(folder, []).append(rf"\mbox{{{escape(name)}}}~\pvsha{{{files[path][:SHOWN]}}}")
    return [rf"{breakable(folder)}/: {', '.join(names)}" for folder, names in folders.items()]


def _facts(key: Mapping[str, Any]) -> list[tuple[str, Latex]]:
    """Return what a reader wants to see of a job's key: its seeds, its trials if few, the versions of its libraries."""
    facts = []
    if key.get("seeds"):
        facts.append(("seeds", escape(", ".join(map(str, key["seeds"])))))
    trials = key.get("trials", [])
    if len(trials) == 1 and isinstance(trials[0], list):
        facts.append(("values", escape(_pairs(trials[0][1]))))
    elif trials:
        facts.append(("trials", escape(len(trials))))
    if key.get("versions"):
        facts.append(("with", escape(_pairs(key["versions"], " "))))
    return facts


def _pairs(values: Mapping[str, Any], sign: str = "=") -> str:
    return ", ".join(f"{name}{sign}{value}" for name, value in sorted(values.items()))
