"""Files that stand for official ones: what the manifests of raw data say about them, and how a handout passes it on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from reprose.base.canonical import read_json
from reprose.base.errors import ReproseError
from reprose.jobs.rules import job_name
from reprose.numbers.printing import Latex, anchor, breakable, escape


@dataclass(frozen=True)
class Substituted:
    """An official file of a data set for which a substitute was taken."""

    dataset: str
    file: str
    note: str  # what is missing in the substitute, as the mirror declares it

    @property
    def job(self) -> str:
        """Return the name of the job that took it."""
        return job_name({"rule": "fetch", "dataset": self.dataset})


def read_substitutes(manifests: Iterable[Path]) -> tuple[Substituted, ...]:
    """Return the substitutes that the manifests `data/{tier}/{dataset}/manifest.json` list."""
    found = []
    for path in manifests:
        for file, entry in read_json(path).items():
            if not isinstance(entry, dict) or "sha256" not in entry:
                raise ReproseError(f"{path}: '{file}' has no SHA-256. Delete the file and run again.")
            if entry.get("substitute"):
                found.append(Substituted(path.parent.name, file, entry["substitute"]))
    return tuple(found)


def announcement(substitutes: Sequence[Substituted]) -> Latex:
    """Return the paragraph that says which official files these results lack; nothing where all are official."""
    if not substitutes:
        return Latex("")
    sentences = [
        rf"\texttt{{{breakable(item.file)}}} of data set \texttt{{{escape(item.dataset)}}}:"
        rf" {escape(item.note.rstrip('. '))}\pvmark{{{anchor(item.job)}}}."
        for item in substitutes
    ]
    return Latex(rf"\substitutenote{{{' '.join(sentences)}}}")
