"""The made-up jobs, described once, and the project that each tool needs to run them."""

import json
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import yaml

from workflow.project import make_bare

HERE = Path(__file__).parent
OURS = HERE / "ours"
SEEDS = (1, 2, 3, 4)
VARIANTS = 4  # of a problem
TRAININGS = VARIANTS * len(SEEDS)  # of a problem
SWAPPED = "p0", "variant0"  # whose two hyperparameters the event swaps
TEMPLATE = "The lines of {problem} have these errors:\n{errors}\n"
Description = dict[str, dict[str, dict[str, float]]]  # problem -> variant -> hyperparameter -> value


@dataclass(frozen=True)
class Job:
    """One job: a script, its words, and what a careful person lists for a tool that does not see it."""

    name: str
    command: str
    inputs: list[str]
    outputs: list[str]
    settings: dict[str, float] = field(default_factory=dict)


def described(problems: int, swapped: bool = False) -> Description:
    """Return the hyperparameters of all variants; or what they are when two of one variant are `swapped`."""
    rates = {f"variant{each}": round(0.2 + each / 100, 2) for each in range(VARIANTS)}
    found = {
        f"p{number}": {name: {"rate": rate, "decay": 0.02} for name, rate in rates.items()}
        for number in range(problems)
    }
    problem, variant = SWAPPED
    if swapped:
        values = found[problem][variant]
        found[problem][variant] = {"rate": values["decay"], "decay": values["rate"]}
    return found


def jobs(description: Description) -> Iterator[Job]:
    """Yield every job after those that it needs."""
    yield _job("fetch", "fetch", "{out}", [], ["line.csv"])
    yield _job("prepare", "prepare", "{given} {out}", ["out/line.csv"], ["train.npz", "test.npz"])
    for problem, variants in description.items():
        model, tested = f"problems/{problem}/model.py", []
        for variant, values in variants.items():
            folder = f"{problem}/{variant}"
            for seed in SEEDS:
                words = f"{problem} {values['rate']} {values['decay']} {seed} {{given}} {{out}}"
                made = [f"{folder}/seed{seed}.npz"]
                yield _job(f"{folder}/seed{seed}", "train", words, ["out/train.npz"], made, [model], values)
            weights = [f"out/{folder}/seed{seed}.npz" for seed in SEEDS]
            yield _job(f"{folder}/choose", "choose", "{out} {given}", weights, [f"{folder}/weights.npz"])
            given = ["out/test.npz", f"out/{folder}/weights.npz"]
            tested.append(f"out/{folder}/metrics.json")
            words = f"{problem} {{given}} {{out}}"
            yield _job(f"{folder}/evaluate", "evaluate", words, given, [f"{folder}/metrics.json"], [model])
        yield _job(f"{problem}/plot", "plot", "{out} {given}", tested, [f"{problem}/figure.pdf"])
        yield _job(f"{problem}/summarize", "summarize", "{out} {given}", tested, [f"{problem}/numbers.json"])
        given = [f"problems/{problem}/section.tex", f"out/{problem}/numbers.json"]
        yield _job(f"{problem}/write", "write", "{given} {out}", given, [f"{problem}/section.tex"])
    parts = [f"out/{problem}/{file}" for problem in description for file in ("section.tex", "figure.pdf")]
    yield _job("page", "typeset", "{out} {given}", parts, ["page.pdf"])


def _job(
    name: str,
    script: str,
    words: str,
    given: list[str],
    made: list[str],
    code: list[str] | None = None,
    settings: Mapping[str, float] | None = None,
) -> Job:
    outputs = [f"out/{path}" for path in made]
    filled = words.format(given=" ".join(given), out=" ".join(outputs))
    command = f"{sys.executable} scripts/{script}.py {filled}"
    return Job(name, command, [f"scripts/{script}.py", *(code or []), *given], outputs, dict(settings or {}))


def write_peer(folder: Path, description: Description) -> None:
    """Write the scripts, problems and settings that the other tools have in common."""
    shutil.copytree(HERE / "scripts", folder / "scripts", dirs_exist_ok=True)
    for problem, variants in description.items():
        (folder / "problems" / problem).mkdir(parents=True, exist_ok=True)
        shutil.copy(HERE / "model.py", folder / "problems" / problem)
        (folder / "problems" / problem / "section.tex").write_text(section(problem, [f"<{name}>" for name in variants]))
    for job in jobs(description):
        for path in job.outputs:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)  # make and doit make no folders


def section(problem: str, numbers: list[str]) -> str:
    """Return the template of a section that prints these numbers."""
    return TEMPLATE.format(problem=problem, errors=", ".join(numbers))


def write_snakemake(folder: Path, description: Description) -> None:
    """Write what plain Snakemake needs: the rules, and the settings beside them."""
    shutil.copy(HERE / "Snakefile", folder)
    settings = {"python": sys.executable, "seeds": list(SEEDS), "problems": description}
    (folder / "params.yaml").write_text(yaml.dump(settings))


def write_dvc(folder: Path, description: Description) -> None:
    """Write the stages of DVC, one for each job; a stage runs again where its command changed."""
    stages = {
        job.name.replace("/", "_"): {"cmd": job.command, "deps": job.inputs, "outs": job.outputs}
        for job in jobs(description)
    }
    (folder / "dvc.yaml").write_text(yaml.dump({"stages": stages}))


def write_doit(folder: Path, description: Description) -> None:
    """Write the tasks of doit."""
    shutil.copy(HERE / "dodo.py", folder)
    (folder / "jobs.json").write_text(json.dumps([asdict(job) for job in jobs(description)]))


def write_make(folder: Path, description: Description) -> None:
    """Write a Makefile; as make does not see a changed command, what has settings depends on the file of them all."""
    text = "all: out/page.pdf\n"
    for job in jobs(description):
        needed = [*job.inputs, *(["settings.json"] if job.settings else [])]
        text += f"{' '.join(job.outputs)} &: {' '.join(needed)}\n\t{job.command}\n"
    _write_changed(folder / "Makefile", text)
    _write_changed(folder / "settings.json", json.dumps(description))


def _write_changed(path: Path, text: str) -> None:
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


def write_reprose(folder: Path, description: Description) -> None:
    """Write the project for Reprose: the engine, a data set, and for each problem its functions and section."""
    if not (folder / "Snakefile").exists():
        _write_own(folder, description)
    blocks = {"first": {"seeds": [[seed, seed] for seed in SEEDS]}}
    problems: dict[str, Any] = {}
    for problem, variants in description.items():
        made = {
            name: {"view": "thirds", "hyperparameters": values, "blocks": blocks} for name, values in variants.items()
        }
        problems[problem] = {"select": {"metric": "error", "better": "lower"}, "variants": made}
    config = {
        "compute": {"threads": 1, "device": "cpu"},
        "datasets": {"line": {"sample": {"seed": 3}}},
        "views": {"thirds": {"dataset": "line", "split": "thirds", "values": {}, "test": True}},
        "problems": problems,
    }
    (folder / "config.yaml").write_text(yaml.dump(config))


def _write_own(folder: Path, description: Description) -> None:
    """Write the project with all its problems: each is the same as the first, under its own name."""
    files = {f"scripts/{name}__init__.py": '"""A package."""\n' for name in ("", "datasets/", "problems/")}
    files["scripts/datasets/line.py"] = (OURS / "scripts/datasets/line.py").read_text()
    for problem, variants in description.items():
        for path in [*(OURS / "scripts/problems/p0").glob("*.py"), HERE / "model.py"]:
            files[f"scripts/problems/{problem}/{path.name}"] = path.read_text().replace("p0", problem)
        text = section(problem, [rf'\VAR{{n("{name}.error")}}' for name in variants])
        files[f"report/problems/{problem}.tex.j2"] = text + '\n\\includegraphics{\\VAR{figure("errors")}}\n'
    page = (OURS / "report/handouts/page.tex.j2").read_text()
    files["report/handouts/page.tex.j2"] = page.replace("p0", ", ".join(description))
    files["report/style/references.bib"] = "% Nothing is cited.\n"
    make_bare(folder, files)
