"""Small edits of the toy project that can be made and undone at any time: one of each thing that a job depends on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from workflow.project import Project

CONFIG = "config.yaml"
PROBLEM = "scripts/problems/toy"
DATA = "scripts/datasets/line.py"
SECTION = "report/problems/toy.tex.j2"
HANDOUT = "report/handouts/toy.tex.j2"
STYLE = "reprose/document/style"


@dataclass(frozen=True)
class Edit:
    """One edit: `old` becomes `new` in `file`; without `old`, `new` is added to the end of the file."""

    file: str
    old: str
    new: str

    def of(self, text: str) -> str:
        """Return `text` with the edit made."""
        assert self.old in text, f"{self.old!r} is not in {self.file}"
        return text.replace(self.old, self.new, 1) if self.old else text + self.new


EDITS = {
    "view": Edit(CONFIG, "plain:\n        view: thirds", "plain:\n        view: shifted"),
    "split argument": Edit(CONFIG, "{by: 1.0}", "{by: 2.0}"),
    "sample seed": Edit(CONFIG, "seed: 3,", "seed: 4,"),
    "sample rows": Edit(CONFIG, "rows: 60", "rows: 66"),
    "hyperparameter": Edit(CONFIG, "epochs: 20", "epochs: 21"),
    "grid": Edit(CONFIG, "decay: [0.01, 0.1]", "decay: [0.5, 0.4]"),
    "seeds": Edit(CONFIG, "[3, 3]]", "[3, 4]]"),
    "block": Edit(CONFIG, "      ridge:\n", "          second: {seeds: [[7, 7]]}\n      ridge:\n"),
    "select": Edit(CONFIG, "better: lower", "better: higher"),
    "uses": Edit(CONFIG, "toy/ridge/decay", "toy/plain/decay"),
    "threads": Edit(CONFIG, "threads: 1", "threads: 2"),
    "device that comes to the same": Edit(CONFIG, "device: cpu", "device: auto"),
    "comment in config.yaml": Edit(CONFIG, "# the same parts", "# equal parts"),
    "code near": Edit(f"{PROBLEM}/model.py", "2 * np.mean(error)]", "3 * np.mean(error)]"),
    "code far": Edit(f"{PROBLEM}/helper.py", "return SCALE *", "return 1.5 * SCALE *"),
    "comment in code": Edit(f"{PROBLEM}/helper.py", "# the order of", "# the sequence of"),
    "file beside the code": Edit(f"{PROBLEM}/scale.txt", "1.0", "1.25"),
    "split": Edit(DATA, '"train": 0, "validation": size', '"train": size, "validation": 0'),
    "split that gives equal bytes": Edit(DATA, 'size = len(table["x"])', 'size = len(table["y"])'),
    "evaluation": Edit(f"{PROBLEM}/evaluate.py", "loss(weights", "2 * loss(weights"),
    "figure": Edit(f"{PROBLEM}/figures.py", "figsize=(3, 2)", "figsize=(4, 2)"),
    "label of an axis": Edit(f"{PROBLEM}/helper.py", '"epoch"', '"epochs"'),
    "digits": Edit(f"{PROBLEM}/summary.py", "errors, 4,", "errors, 3,"),
    "docstring that is printed": Edit(
        f"{PROBLEM}/model.py", "Return the mean squared", "Return the mean of the squared"
    ),
    "section": Edit(SECTION, "The plain fit has", "The plain line has"),
    "handout": Edit(HANDOUT, r"\title{A line}", r"\title{One line}"),
    "look of figures": Edit("report/style/figures.mplstyle", "", "lines.linewidth: 3\n"),
    "look of pages": Edit("report/style/reprose.sty", "", "% another look\n"),
    "published number": Edit("report/style/published.yaml", '"0.01"', '"0.02"'),
    "references": Edit("report/style/references.bib", "cites nothing", "cites no one"),
}
BREAKS = {
    "reader": Edit(DATA, "ndmin=2", "ndim=2"),
    "training": Edit(f"{PROBLEM}/model.py", "return np.array([", "return undefined_name(["),
    "evaluation": Edit(f"{PROBLEM}/evaluate.py", "return Evaluation(", "return undefined_name("),
    "figure": Edit(f"{PROBLEM}/figures.py", "axes.set_xlabel(", "axes.undefined_name("),
    "summary": Edit(f"{PROBLEM}/summary.py", "numbers = []", "numbers = undefined_name"),
    "section": Edit(SECTION, 'n("plain.error")', 'n("plain.missing")'),
    "handout": Edit(HANDOUT, r"\maketitle", r"\undefinedcommand"),
}
ALL = {**EDITS, **{f"broken {name}": edit for name, edit in BREAKS.items()}}


class Sources:
    """The text of every file that an edit may change, unedited; None for a file that is not there."""

    def __init__(self, project: Project) -> None:
        files = {edit.file for edit in ALL.values()}
        paths = {name: project.folder / name for name in sorted(files)}
        self.texts = {name: path.read_text() if path.exists() else None for name, path in paths.items()}
        looks = {name: project.folder / STYLE / name.rpartition("/")[2] for name in files if self.texts[name] is None}
        self.engine = {
            name: path.read_text() for name, path in looks.items()
        }  # what a file of the project would replace

    def edited(self, names: Iterable[str]) -> Mapping[str, str | None]:
        """Return the texts with the named edits made, in the order of `ALL`."""
        made = dict(self.texts)
        for name in (name for name in ALL if name in set(names)):
            file = ALL[name].file
            made[file] = ALL[name].of(self.engine[file] if made[file] is None else made[file])
        return made

    def write(self, project: Project, names: Iterable[str]) -> None:
        """Bring the files of `project` to the state in which the named edits are made; touch no other file."""
        for name, text in self.edited(names).items():
            path = project.folder / name
            if text is None:
                path.unlink(missing_ok=True)
            elif not path.exists() or path.read_text() != text:
                path.write_text(text)


def prepare(project: Project) -> Project:
    """Let the toy project read a file beside its code, print a published number, and keep every state of training."""
    project.edit(
        f"{PROBLEM}/helper.py", "SCALE = 1.0", 'SCALE = float(Path(__file__).with_name("scale.txt").read_text())'
    )
    project.edit(f"{PROBLEM}/helper.py", "SCALE = ", "from pathlib import Path\n\nSCALE = ")
    (project.folder / PROBLEM / "scale.txt").write_text("1.0\n")
    project.edit(CONFIG, "  toy:\n", f"  toy:\n    reads: [{PROBLEM}/scale.txt]\n")
    section = project.folder / SECTION
    section.write_text(section.read_text() + '\nA note printed \\VAR{reproduction("note")[0].printed}.\n')
    project.edit(CONFIG, "pause: 0.0", "pause: 0.01")  # seconds per epoch, so that a training can be killed
    project.edit("reprose/training/checkpoint.py", "INTERVAL = 30.0", "INTERVAL = 0.0")
    return project
