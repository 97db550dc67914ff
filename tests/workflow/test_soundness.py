"""What a step really executes and reads is what its key and its record name, for all steps of all problems."""

import json
from pathlib import Path

import pytest

from reprose.base.canonical import file_digest
from reprose.code.witness import compiled_name
from reprose.config import handouts
from reprose.jobs.rules import RULES
from web_page import faults
from workflow.project import ROOT
from workflow.traced import CALL, trace_steps

# What makes the surroundings in which all else is keyed: it runs before the witness stands, or is the witness.
FIRST_MODULES = {"reprose.steps.__main__", "reprose.steps.forkserver", "reprose.code.witness"}
FIRST_FILES = ("reprose/__init__.py", "reprose/steps/__init__.py", "reprose/steps/__main__.py")
FIRST_FILES += ("reprose/base/__init__.py", "reprose/base/files.py", "reprose/code/__init__.py")
FIRST_FILES += ("reprose/code/witness.py", "reprose/steps/forkserver.py")
LOOKUP = {"reprose:__getattr__"}  # of exported names: in the key is what they stand for
SCRATCH = {"reprose.base.files:scratch_prefix"}  # of a folder made before the witness stands
FONTS = ".reprose/matplotlib/"  # the list of the fonts that are installed
LOCKS = {".reprose/steps.lock", ".reprose/build.lock"}


class Trace:
    """What one step of a traced build did, beside its description and its records."""

    def __init__(self, project: Path, file: Path) -> None:
        self.project = project
        self.found = json.loads(file.read_text())
        self.description = json.loads((project / ".reprose/jobs" / file.name).read_text())
        self.handed = f".reprose/jobs/{file.name}"
        self.key = self.description["key"]
        path = project / self.key["outputs"]["provenance"]
        self.record = json.loads(path.read_text())
        self.run = json.loads(path.with_name(path.name.replace("provenance", "run")).read_text())

    @property
    def unkeyed(self) -> list[str]:
        """Return the definitions that were executed without being in the fingerprint."""
        missing = set(self.found["definitions"]) - self.run["definitions"].keys() - LOOKUP - SCRATCH
        return sorted(name for name in missing if name.partition(":")[0] not in FIRST_MODULES)

    @property
    def unnamed(self) -> list[str]:
        """Return the files of the project that were read, but that neither record nor key names."""
        top = f"{self.project}/"
        paths = {path.removeprefix(top) for path in self.found["opened"] if path.startswith(top)}
        files = {path for path in paths if (self.project / path).is_file()}
        return sorted(path for path in files - self.named if not self._is_own(path))

    @property
    def named(self) -> set[str]:
        """Return the files that the record names, those that inputs name with their digests, and the code."""
        listed = {path: digest for name in self.record["inputs"] for path, digest in self._listed(name).items()}
        changed = [path for path, digest in listed.items() if file_digest(self.project / path) != digest]
        assert not changed, f"{self.record['name']}: not as an input says: {changed}"
        sources = self.description["sources"].values()
        kept = {f".reprose/sources/{digest}" for _, digest in sources}
        kept |= {f".reprose/sources/{compiled_name(digest, path)}" for path, digest in sources}
        return {*self.record["inputs"], *self.record["outputs"], *listed, *kept, *self._styles(), self.handed, *LOCKS}

    def _listed(self, name: str) -> dict[str, str]:
        """Return the files that an input lists, with their digests."""
        if Path(name).name != "manifest.json":
            return {}
        entries = json.loads((self.project / name).read_text()).items()
        folder = Path(name).parent
        return {str(folder / file): entry["sha256"] if isinstance(entry, dict) else entry for file, entry in entries}

    def _styles(self) -> list[str]:
        """Return the engine's style files that are as the key says."""
        folder = "reprose/document/style"
        wanted = self.key.get("engine_style", {}).items()
        return [f"{folder}/{file}" for file, digest in wanted if file_digest(self.project / folder / file) == digest]

    def _is_own(self, path: str) -> bool:
        """Return whether a file is the step's own: its code as keyed, its checkpoint and log, or what steps share."""
        for file, digest in self.description["sources"].values():
            if path == str(Path(file).relative_to(self.project)) and file_digest(self.project / path) == digest:
                return True  # for the line of a warning
        if path in FIRST_FILES or is_compiled_first(path) or path.startswith(FONTS):
            return True
        tier, names = self.key["tier"], [self.key.get(name, "") for name in ("problem", "variant", "batch")]
        own = [f"results/{tier}/checkpoints/{'/'.join(names)}/", f"logs/{tier}/tensorboard/{'/'.join(names[:2])}/"]
        own.append(RULES[self.key["rule"]].log.format(**self.key))
        return self.key["rule"] == "train" and path.startswith(tuple(own[:2])) or path == own[2]


def is_compiled_first(path):
    """Return whether a file is what Python keeps of the first modules that a step imports."""
    name = Path(path)
    source = name.parent.parent / f"{name.name.partition('.')[0]}.py"
    return name.parent.name == "__pycache__" and str(source) in FIRST_FILES


def traces_of(project):
    """Return the traces of the steps that ran."""
    return [Trace(project.folder, file) for file in sorted(project.folder.glob("traces/*.json"))]


@pytest.fixture(scope="module")
def traces(traced):
    return traces_of(traced)


def test_every_rule_calls_its_step_once():
    assert sum(path.read_text().count(CALL) for path in ROOT.glob("workflow/rules/*.smk")) == len(RULES)


def test_every_job_was_traced(traced, traces):
    assert {trace.record["name"] for trace in traces} == {
        json.loads(path.read_text())["name"]
        for top in ("data", "results")
        for path in traced.folder.glob(f"{top}/**/*provenance.json")
    }
    assert {trace.key["rule"] for trace in traces} == set(RULES)
    for trace in traces:
        assert f"reprose.steps.{trace.key['rule']}:main" in trace.found["definitions"]


def test_every_executed_definition_is_in_the_fingerprint(traces):
    assert {trace.record["name"]: trace.unkeyed for trace in traces if trace.unkeyed} == {}


def test_every_file_of_the_project_that_was_read_is_named_by_the_record_or_is_code_of_the_key(traces):
    assert {trace.record["name"]: trace.unnamed for trace in traces if trace.unnamed} == {}


def test_no_line_of_a_handout_sticks_out_of_its_column(traced):
    logs = {path.parent.name: path.read_text() for path in traced.folder.glob("logs/sample/handouts/*/typeset.log")}
    assert set(logs) == set(handouts.names(ROOT))
    found = {name: [line for line in log.splitlines() if "Overfull" in line] for name, log in logs.items()}
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_the_web_page_of_every_handout_is_whole(traced):
    pages = {path.stem: path.read_text() for path in traced.folder.glob("results/sample/handouts/*.html")}
    assert set(pages) == set(handouts.names(ROOT))
    assert {name: faults(page) for name, page in pages.items() if faults(page)} == {}


SCALE = "scripts/problems/toy/scale.txt"
READS = f"""
from pathlib import Path

SCALE = float(Path("{SCALE}").read_text())
"""


@pytest.fixture
def peeping(toy):
    """The toy project, whose code reads a file that no key names."""
    (toy.folder / SCALE).write_text("1.0")
    toy.edit("scripts/problems/toy/helper.py", "\nSCALE = 1.0\n", READS)
    return toy


def test_a_step_that_reads_a_file_that_no_key_names_fails_by_the_name_of_the_file(peeping):
    build = peeping.build(check=False)
    assert build.code != 0
    assert f"{SCALE} was read, but the key of this job does not name it" in build.text
    assert f"config.yaml: problems.toy: reads: [{SCALE}]" in build.text
    assert "Traceback" not in build.text
    assert not [record for record in build.ran if "/toy/" in record]  # nothing was published


def test_a_file_that_config_names_may_be_read_and_counts(peeping):
    before = peeping.read("results/sample/toy/numbers/numbers.json")
    peeping.edit("config.yaml", "    select: {metric", f"    reads: [{SCALE}]\n    select: {{metric")
    peeping.build()
    assert peeping.read("results/sample/toy/numbers/numbers.json") == before
    (peeping.folder / SCALE).write_text("1.5")
    peeping.build()
    assert peeping.read("results/sample/toy/numbers/numbers.json") != before
    assert peeping.build().ran == set()


def test_the_trace_sees_a_file_that_no_key_names(fresh):
    (fresh.folder / SCALE).write_text("1.0")
    fresh.edit("scripts/problems/toy/helper.py", "\nSCALE = 1.0\n", READS)
    fresh.edit("reprose/steps/frame.py", "        check_opened(self)\n", "")  # the engine's own witness is silent
    fresh.run(fresh.reprose("build", "--", "--cores", "2"), **trace_steps(fresh))
    found = {trace.key["rule"] for trace in traces_of(fresh) if trace.unnamed}
    assert found == {"train", "evaluate", "plot"}
    assert {path for trace in traces_of(fresh) for path in trace.unnamed} == {SCALE}
