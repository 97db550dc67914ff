"""Write the section of a problem: its template, filled from the registry, with every claim tested."""

from dataclasses import asdict
from pathlib import Path

from reprose.canonical import read_json, to_pretty_json
from reprose.published import read_published
from reprose.registry import read_numbers
from reprose.sections import render_section
from reprose.step import Step, run
from reprose.substitutes import read_substitutes


def main() -> None:
    """Run the step `write`."""
    run(
        write,
        inputs=("template", "published", "numbers", "figures", "manifests"),
        outputs=("section", "headline", "claims"),
    )


def write(step: Step) -> None:
    """Render the template; a false claim on the real tier stops the step."""
    section = render_section(
        step.input("template"),
        problem=step.key["problem"],
        tier=step.key["tier"],
        numbers=read_numbers(step.input("numbers")),
        figures={Path(file).stem for file in read_json(step.input("figures"))},
        published=read_published(step.input("published")),
        provenance=step.key["jobs"],
        substitutes=read_substitutes(step.inputs["manifests"]),
        code_root=Path("scripts"),
    )
    step.output("section").write_text(section.text, encoding="utf-8")
    step.output("headline").write_text(section.headline, encoding="utf-8")
    claims = [asdict(claim) for claim in section.claims]
    step.output("claims").write_text(to_pretty_json(claims), encoding="utf-8")


if __name__ == "__main__":
    main()
