"""Draw the figures of a problem and list them with their digests."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from matplotlib.figure import Figure

from reprose.base.canonical import file_digest, to_pretty_json
from reprose.base.errors import ReproseError
from reprose.base.faults import kind
from reprose.base.messages import say
from reprose.config import loading
from reprose.document.figure_values import values
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
    """Write every figure as PDF and SVG, and what it shows as CSV, beside the manifest."""
    apply_style(style_file(step, "figures.mplstyle"))
    folder = step.outputs["manifest"].parent
    manifest = {}
    made = loading.drawer(step.key)(load_results(step.key, step.inputs))
    for name, figure in checked(made, f"scripts/problems/{step.key['problem']}/figures.py: draw").items():
        for suffix in FORMATS:
            file = step.extra(folder / f"{name}.{suffix}")
            if (lacking := save(figure, file)) and suffix == FORMATS[0]:
                say(f"warning: {step.name}: figure '{name}' has boxes for what its font lacks: {', '.join(lacking)}")
            manifest[f"{name}.{suffix}"] = file_digest(file)
        shown = step.extra(folder / f"{name}.csv")
        shown.write_text(values(figure), encoding="utf-8")
        manifest[f"{name}.csv"] = file_digest(shown)
    step.output("manifest").write_text(to_pretty_json(manifest), encoding="utf-8")


def checked(made: Any, where: str) -> dict[str, Figure]:
    """Return what the function `where` has made; what are no figures by name is an error."""
    if not isinstance(made, Mapping):
        raise ReproseError(f"{where} returns {kind(made)}. Allowed: a dictionary of figures by name.")
    for name, figure in made.items():
        if not re.fullmatch("[a-z][a-z0-9_]*", str(name)):
            raise ReproseError(f"{where}: figure '{name}': use a-z, 0-9 and _.")
        if not isinstance(figure, Figure):
            raise ReproseError(f"{where}: figure '{name}' is {kind(figure)}. Allowed: one of matplotlib.")
    return dict(made)
