"""Write the section of a problem: its template, filled from the registry, with every claim tested."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reprose.base.canonical import read_json, to_pretty_json
from reprose.document.sections import render_section
from reprose.document.substitutes import read_substitutes
from reprose.jobs.rules import job_name, jobs_at, other_role
from reprose.numbers.registry import read_numbers
from reprose.numbers.reproduction import read_published
from reprose.steps.frame import Step, run
from reprose.steps.style import from_report

if TYPE_CHECKING:
    from reprose.code.witness import Witness


def main(key: Mapping[str, Any], witness: "Witness") -> None:
    """Run the step `write`."""
    run(write, key, witness)


def write(step: Step) -> None:
    """Render the template; a false claim on the real tier stops the step."""
    others = step.inputs.get(other_role("others", "numbers"), [])
    left = [*step.inputs["artifacts"], *step.inputs.get(other_role("others", "artifacts"), [])]
    artifacts = {_maker(path): path for path in left}
    numbers = {key: item for path in step.inputs["numbers"] for key, item in read_numbers(path, artifacts).items()}
    for path in others:
        numbers |= {f"{path.parents[1].name}/{key}": item for key, item in read_numbers(path, artifacts).items()}
    section = render_section(
        step.input("template"),
        problem=step.key["problem"],
        tier=step.key["tier"],
        numbers=numbers,
        figures={Path(file).stem for path in step.inputs["figures"] for file in read_json(path)}
        | {
            f"{path.parents[1].name}/{Path(file).stem}"
            for path in step.inputs.get(other_role("others", "figures"), [])
            for file in read_json(path)
        },
        published={
            name: document for path in step.inputs["published"] for name, document in read_published(path).items()
        },
        provenance=step.key["jobs"],
        substitutes=read_substitutes(step.inputs["manifests"]),
        listings=step.key["listings"],
        parts=from_report(step)["parts"],
        sample=step.key.get("sample"),
    )
    step.output("section").write_text(section.text, encoding="utf-8")
    step.output("headline").write_text(section.headline, encoding="utf-8")
    claims = [asdict(claim) for claim in section.claims]
    step.output("claims").write_text(to_pretty_json(claims), encoding="utf-8")


def _maker(path: Path) -> str:
    """Return the name of the job whose output `path` is."""
    ((rule, wildcards),) = jobs_at(str(path))
    return job_name({"rule": rule, **wildcards})
