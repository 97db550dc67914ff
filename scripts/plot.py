"""Draw the figures of a problem and list them with their digests."""

import re

from reprose import loading
from reprose.canonical import file_digest, to_pretty_json
from reprose.errors import ReproseError
from reprose.plotting import apply_style, save
from reprose.results import load_results
from reprose.step import Step, run

FORMATS = ("pdf", "svg")


def main() -> None:
    """Run the step `plot`."""
    run(plot, inputs=("results", "style"), outputs=("manifest",))


def plot(step: Step) -> None:
    """Write every figure as PDF and SVG beside the manifest."""
    apply_style(step.input("style"))
    folder = step.outputs["manifest"].parent
    manifest = {}
    for name, figure in loading.problem(step.key["problem"], "figures").draw(load_results(step.key)).items():
        if not re.fullmatch("[a-z][a-z0-9_]*", name):
            raise ReproseError(f"problems/{step.key['problem']}/figures.py: figure '{name}': use a-z, 0-9 and _.")
        for suffix in FORMATS:
            file = step.extra(folder / f"{name}.{suffix}")
            save(figure, file)
            manifest[f"{name}.{suffix}"] = file_digest(file)
    step.output("manifest").write_text(to_pretty_json(manifest), encoding="utf-8")


if __name__ == "__main__":
    main()
