"""Draw the figures of a problem and list them with their digests."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from reprose.base.canonical import file_digest, to_pretty_json
from reprose.base.errors import ReproseError
from reprose.base.messages import say
from reprose.config import loading
from reprose.document.figures import apply_style, save
from reprose.steps.frame import Step, run
from reprose.steps.style import style_file
from reprose.training.results import load_results

if TYPE_CHECKING:
    from reprose.code.witness import Witness

FORMATS = ("pdf", "svg")


def main(key: Mapping[str, Any], witness: "Witness") -> None:
    """Run the step `plot`."""
    run(plot, key, witness)


def plot(step: Step) -> None:
    """Write every figure as PDF and SVG beside the manifest."""
    apply_style(style_file(step, "figures.mplstyle"))
    folder = step.outputs["manifest"].parent
    manifest = {}
    for name, figure in (
        loading.problem(step.key["problem"], "figures").draw(load_results(step.key, step.inputs)).items()
    ):
        if not re.fullmatch("[a-z][a-z0-9_]*", name):
            raise ReproseError(f"problems/{step.key['problem']}/figures.py: figure '{name}': use a-z, 0-9 and _.")
        for suffix in FORMATS:
            file = step.extra(folder / f"{name}.{suffix}")
            if (lacking := save(figure, file)) and suffix == FORMATS[0]:
                say(f"warning: {step.name}: figure '{name}' has boxes for what its font lacks: {', '.join(lacking)}")
            manifest[f"{name}.{suffix}"] = file_digest(file)
    step.output("manifest").write_text(to_pretty_json(manifest), encoding="utf-8")
