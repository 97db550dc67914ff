"""Typeset a handout as PDF and as web page, with the record of every job behind it as appendix and attachment."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reprose.base.canonical import read_json
from reprose.base.messages import say
from reprose.document.drafts import Missing
from reprose.document.front import comparisons, front
from reprose.document.substitutes import read_substitutes
from reprose.document.typesetting import Handout, typeset
from reprose.jobs.record import read_record
from reprose.steps.frame import Step, run
from reprose.steps.style import from_report, gather_style

if TYPE_CHECKING:
    from reprose.code.witness import Witness


def main(key: Mapping[str, Any], witness: "Witness") -> None:
    """Run the step `typeset`; what sticks out of the page is told at its end: its templates are no inputs."""
    made: list[Handout] = []
    run(lambda step: made.append(typeset_handout(step)), key, witness)
    say("\n".join(f"warning: {witness.job}: {line}" for handout in made for line in handout.overfull))


def typeset_handout(step: Step) -> Handout:
    """Write the PDF and its HTML twin, and return both."""
    with tempfile.TemporaryDirectory(prefix="reprose-style-") as style:
        handout = typeset(
            step.input("template"),
            sections=sections(step),
            draft="missing" in step.key,
            front=front(step.inputs["headlines"], step.inputs["numbers"]),
            figures=figures(step),
            provenance=[read_record(path) for path in step.inputs["records"]],
            style=gather_style(step, Path(style)),
            tier=step.key["tier"],
            **from_report(step),
            substitutes=read_substitutes(step.inputs["manifests"]),
            comparisons=comparisons(step.inputs["claims"]),
        )
    step.output("pdf").write_bytes(handout.pdf)
    step.output("html").write_text(handout.html, encoding="utf-8")
    step.output("sources").write_bytes(handout.sources)
    return handout


def sections(step: Step) -> dict[str, str]:
    """Return the LaTeX of every section in order; in a draft, a box for each that is missing."""
    made = {path.parent.parent.name: path.read_text(encoding="utf-8") for path in step.inputs["sections"]}
    gaps = {problem: Missing(**gap).latex() for problem, gap in step.key.get("missing", {}).items()}
    return {problem: gaps.get(problem) or made[problem] for problem in step.key.get("order", step.key["sections"])}


def figures(step: Step) -> dict[str, Path]:
    """Return the PDF of every figure by "problem/name", each with the digest that its manifest states."""
    found = {}
    for manifest in step.inputs["figures"]:
        for file, digest in read_json(manifest).items():
            path = step.verify(manifest.parent / file, digest, f"Delete {manifest} and run again.")
            if path.suffix == ".pdf":
                found[f"{manifest.parent.parent.name}/{path.stem}"] = path
    return found
