"""Typeset a handout as PDF and as web page, with the record of every job behind it as appendix and attachment."""

import sys
from pathlib import Path
from typing import Any

from reprose.canonical import file_digest, read_json
from reprose.effort import total
from reprose.errors import ReproseError
from reprose.latex import Latex, number_text
from reprose.missing import Missing
from reprose.provenance import read_provenance
from reprose.registry import read_numbers
from reprose.step import Step, run
from reprose.substitutes import read_substitutes
from reprose.typesetting import typeset

INPUTS = ("template", "style", "sections", "headlines", "claims", "figures", "numbers", "manifests", "records")


def main() -> None:
    """Run the step `typeset`."""
    run(typeset_handout, inputs=INPUTS, outputs=("pdf", "html"))


def typeset_handout(step: Step) -> None:
    """Write the PDF and its HTML twin; boxes that stick out are told on standard error."""
    handout = typeset(
        step.input("template"),
        sections=sections(step),
        draft="missing" in step.key,
        front=front(step),
        figures=figures(step.inputs["figures"]),
        provenance=[read_provenance(path) for path in step.inputs["records"]],
        style=step.inputs["style"][0].parent,
        tier=step.key["tier"],
        substitutes=read_substitutes(step.inputs["manifests"]),
    )
    step.output("pdf").write_bytes(handout.pdf)
    step.output("html").write_text(handout.html, encoding="utf-8")
    for line in handout.overfull:
        print(line, file=sys.stderr)


def sections(step: Step) -> dict[str, str]:
    """Return the LaTeX of every section in order; in a draft, a box for each that is missing."""
    made = {path.parent.parent.name: path.read_text(encoding="utf-8") for path in step.inputs["sections"]}
    gaps = {problem: Missing(**gap).latex() for problem, gap in step.key.get("missing", {}).items()}
    return {problem: gaps.get(problem) or made[problem] for problem in step.key.get("order", step.key["sections"])}


def front(step: Step) -> dict[str, Any]:
    """Return what the first page says of the sections: the headline of each, and what all of them cost."""
    read = {path.parent.parent.name: path.read_text(encoding="utf-8") for path in step.inputs["headlines"]}
    headlines = [(Latex(problem), Latex(text)) for problem, text in read.items() if text]
    costs = total(read_numbers(path) for path in step.inputs["numbers"])
    return {"headlines": headlines, **{name: number_text(value, 0) for name, value in costs.items()}}


def figures(manifests: list[Path]) -> dict[str, Path]:
    """Return the PDF of every figure by "problem/name", each with the digest that its manifest states."""
    found = {}
    for manifest in manifests:
        for file, digest in read_json(manifest).items():
            path = manifest.parent / file
            if not path.exists() or file_digest(path) != digest:
                raise ReproseError(f"{path}: missing or changed since it was drawn. Delete {manifest} and run again.")
            if path.suffix == ".pdf":
                found[f"{manifest.parent.parent.name}/{path.stem}"] = path
    return found


if __name__ == "__main__":
    main()
