"""Begin a project, or add a problem, an analysis or a handout to one: plain files, which are then one's own.

All of them come from the project under starter/, which the tests build. Nothing that exists is overwritten.
"""

import argparse
import keyword
import re
import textwrap
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from reprose.base.errors import ReproseError
from reprose.base.files import write_whole
from reprose.base.messages import plural
from reprose.base.package import STARTER, VERSION, engine_file
from reprose.base.project import find_project
from reprose.config import handouts, reading
from reprose.config.experiments import RESERVED_PROBLEMS
from reprose.config.loading import NAME

MODELS = {"problem": "line", "analysis": "look"}  # of the starter
HANDOUT, VIEW = "report", "points"
PROBLEMS = Path("scripts/problems")
CONFIG = "config.yaml"
MORE = {"problem": " [VIEW]", "analysis": " [VIEW]", "handout": " [SECTION ...]"}
NOT_WRITTEN = {"__pycache__"}
Files = Mapping[Path, str]  # path in the project -> text


def run(arguments: argparse.Namespace) -> int:
    """Write what is new, and say what to do next."""
    kind, *names = arguments.words
    if kind not in KINDS:
        if names:
            raise ReproseError(
                f"new: found '{kind} {' '.join(names)}'. Allowed: one folder, or {_listed()} and a name."
            )
        return _project(Path(kind))
    if not names or (len(names) > 2 and kind in MODELS):
        raise ReproseError(
            f"new {kind}: found {plural(len(names), 'name')}. Allowed: reprose new {kind} NAME{MORE[kind]}. A project"
            f" in a folder that is called so is begun by reprose new ./{kind}."
        )
    return KINDS[kind](find_project(Path.cwd()), *names)


def _project(folder: Path) -> int:
    write(folder, {**starter_files(), Path("Snakefile"): engine_file("Snakefile").read_text(encoding="utf-8")})
    print(f"{folder}: a project with one small report. Next: cd {folder} && make report")
    return 0


def _problem(model: str, root: Path, name: str, view: str = "") -> int:
    """Add a problem like that of the starter, on `view`, or on the first one of config.yaml."""
    config = reading.load(root / CONFIG)
    check_name(name, config)
    views = list(config.get("views") or {})
    if not views or (view and view not in views):
        raise ReproseError(
            f"{root / CONFIG}: no view '{view}'. There are: {', '.join(views) or 'none; write one first'}."
        )
    copied = [(path.as_posix(), text) for path, text in starter_files().items() if _is_of(model, path)]
    wanted = view or views[0]
    texts = {Path(_renamed(path, model, name)): _renamed(text, model, name) for path, text in copied}
    write(root, {path: text.replace(f'"{VIEW}', f'"{wanted}') for path, text in texts.items()})
    _configure(root, block(model, name, wanted))
    _tell_handout(root, name)
    return 0


def _handout(root: Path, name: str, *sections: str) -> int:
    """Add a handout of `sections`, or of those of all problems."""
    check_name(name, {})
    known = list(reading.load(root / CONFIG).get("problems") or {})
    for section in sections:
        if section not in known:
            raise ReproseError(f"new handout: no problem '{section}'. There are: {', '.join(known) or 'none'}.")
    text = starter_files()[handouts.HANDOUTS / f"{HANDOUT}{handouts.SUFFIX}"]
    text = re.sub("%# sections: .*", f"%# sections: {', '.join(sections or known)}", text)
    write(root, {handouts.HANDOUTS / f"{name}{handouts.SUFFIX}": _titled("title", name, text)})
    print(f"Next: reprose build {name}")
    return 0


KINDS: Mapping[str, Callable[..., int]] = {
    **{kind: partial(_problem, model) for kind, model in MODELS.items()},
    "handout": _handout,
}


def write(root: Path, files: Files) -> None:
    """Write files of a project; if one of them exists, write none."""
    if there := [str(root / path) for path in files if (root / path).exists()]:
        more = f" and {len(there) - 1} more" if len(there) > 1 else ""
        raise ReproseError(f"{there[0]}{more}: there already, and nothing was written. Choose another name.")
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        write_whole(root / path, text.encode())
        print(f"wrote {root / path}")


def starter_files() -> dict[Path, str]:
    """Return the text of each file of the starter by its path in a project."""
    found = sorted(path for path in STARTER.rglob("*") if path.is_file() and not NOT_WRITTEN & {*path.parts})
    texts = {path.relative_to(STARTER): path.read_text(encoding="utf-8") for path in found}
    return {path: text.replace("{version}", VERSION) for path, text in texts.items()}


def check_name(name: str, config: Mapping[str, Any]) -> None:
    """Raise unless `name` can name a new problem or handout."""
    if not NAME.fullmatch(name) or keyword.iskeyword(name) or name in RESERVED_PROBLEMS:
        raise ReproseError(
            f"'{name}' cannot be a name. Allowed: a-z, then a-z, 0-9 and _, no word of Python, and none of"
            f" {', '.join(sorted(RESERVED_PROBLEMS))}."
        )
    if name in (config.get("problems") or {}):
        raise ReproseError(f"{CONFIG}: problems.{name} is there already. Choose another name.")


def block(model: str, name: str, view: str) -> str:
    """Return the lines of config.yaml for a problem like `model`, on `view`."""
    text = starter_files()[Path(CONFIG)].partition("\nproblems:\n")[2]
    (lines,) = re.findall(rf"^  {model}:.*\n(?:    .*\n)*", text, flags=re.MULTILINE)
    return re.sub(r"(view: |views: \[)\w+", rf"\g<1>{view}", lines.replace(f"  {model}:", f"  {name}:", 1))


def inserted(text: str, lines: str) -> str | None:
    """Return the text of config.yaml with `lines` at the end of its problems; None where that is not safe."""
    whole = text if text.endswith("\n") else f"{text}\n"
    whole = re.sub(r"^problems:[ \t]*\{[ \t]*\}", "problems:", whole, flags=re.MULTILINE)
    section = re.search(r"^problems:[ \t]*(#.*)?\n(([ \t]*(#.*)?\n)*[ \t]+\S.*\n)*", whole, flags=re.MULTILINE)
    if not section:
        return None
    made = whole[: section.end()] + lines + whole[section.end() :]
    try:
        old, new, more = (yaml.safe_load(each) for each in (text, made, f"problems:\n{lines}"))
    except yaml.YAMLError:
        return None
    wanted = {**old, "problems": {**(old["problems"] or {}), **more["problems"]}}
    return made if new == wanted else None


def _configure(root: Path, lines: str) -> None:
    path = root / CONFIG
    made = inserted(path.read_text(encoding="utf-8"), lines)
    if made is None:
        print(f"Add to `problems:` in {path}:\n{lines}")
        return
    write_whole(path, made.encode())
    print(f"added to {path}:\n{textwrap.dedent(lines)}", end="")


def _tell_handout(root: Path, name: str) -> None:
    listed = ", ".join(str(handouts.HANDOUTS / f"{known}{handouts.SUFFIX}") for known in handouts.names(root))
    print(f"Next: name {name} in the first line of a handout ({listed or 'reprose new handout NAME'}), and build.")


def _is_of(model: str, path: Path) -> bool:
    return path.is_relative_to(PROBLEMS / model) or path == handouts.SECTIONS / f"{model}{handouts.SUFFIX}"


def _renamed(text: str, model: str, name: str) -> str:
    """Return a path or text of the problem `model` as one of the problem `name`."""
    titled = _titled("section", name, text)
    return re.sub(rf"(?<=problems[./]){model}\b|(?<=(?:fig|tab):){model}(?=:)|\b{model}(?=/plot)", name, titled)


def _titled(command: str, name: str, text: str) -> str:
    """Return LaTeX whose first `command`, such as "section", has the words of a name for its title."""
    title = name.capitalize().replace("_", " ")
    return re.sub(rf"^\\{command}\{{.*\}}", lambda _: rf"\{command}{{{title}}}", text, count=1, flags=re.MULTILINE)


def _listed() -> str:
    return ", ".join(KINDS)
