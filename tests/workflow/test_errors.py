"""Errors speak to the reader: each names the file, the value and the remedy, and leaves nothing half done."""

import hashlib
import re
import sys
import zlib

import pytest

from local_server import serving

SECTION = "report/problems/toy.tex.j2"
TRAIN = "scripts/problems/toy/train.py"
METRICS = '{"error": loss(self.weights, self.data["validation"])})'  # of the outcome
DATA = "scripts/datasets/line.py"


def refused(project, *says, tier="sample", **environment):
    """Build, expect a refusal that says all of `says` and shows no traceback, and no partial output."""
    command = project.reprose("build", "--tier", tier, "--", "--cores", "2")
    build = project.run(command, check=False, **environment)
    assert build.code != 0, build.text
    for text in says:
        assert text in build.text, build.text
    assert "Traceback" not in build.text
    assert not list(project.folder.rglob(".new.*"))
    return build


def test_a_number_that_nobody_made(toy):
    toy.edit(SECTION, 'n("plain.error")', 'n("plane.error")')
    refused(toy, f"{SECTION}:3: no number 'plane.error'", "Did you mean 'plain.error'", "Rule 'summarize' makes it")
    assert not (toy.folder / "results/sample/toy/section/section.tex").exists()


def test_a_metric_that_is_no_number(toy):
    toy.edit(TRAIN, METRICS, '{"error": float("nan")})')
    refused(toy, "run single/1: the metric 'error' is nan, expected a finite number")
    assert not (toy.folder / "results/sample/toy/plain/first_1_2/metrics.json").exists()


def test_an_exception_of_the_project_s_code_is_told_by_its_place_and_the_way_there_stands_in_the_log(toy):
    toy.edit(TRAIN, "        time.sleep(wanted.pause)", "        raise KeyError(run_of(self))")
    refused(
        toy,
        "error: toy/plain/first_1_2/train: trial single, seed 1, epoch 1: ",
        ", epoch 1: scripts/problems/toy/train.py:34: NameError: name 'run_of' is not defined",
        "  raise KeyError(run_of(self))",
        "The calls that led there stand in logs/sample/toy/",
    )
    assert b"Traceback" in toy.read("logs/sample/toy/plain/first_1_2/train.log")


def test_a_column_that_there_is_not_is_told_with_those_that_there_are(toy):
    toy.edit(TRAIN, "        time.sleep(wanted.pause)", '        self.data["train"]["rental"]')
    refused(
        toy,
        f"{TRAIN}:34: KeyError: 'rental'",
        "The view 'thirds' has no 'rental', but: x, y.",
    )


def test_a_metric_to_choose_by_that_there_is_not_is_told_by_the_first_run(toy):
    toy.edit("config.yaml", "metric: error", "metric: eror")
    toy.edit(TRAIN, "keeps =", "keep =")  # so that training begins anew
    build = refused(toy, "config.yaml: problems.toy.select.metric is 'eror', but run single/1 has no such validation")
    assert "failed  toy/plain/choose" not in build.text


def test_a_fault_of_latex_is_told_with_the_line_of_the_template(toy):
    toy.edit(SECTION, "The plain fit", "\\nonsense The plain fit")
    refused(toy, f"error: handouts/toy/typeset: LaTeX: {SECTION}:3: Undefined control sequence.")


def test_functions_of_a_problem_that_return_nothing_or_take_something_else(toy):
    toy.edit("scripts/problems/toy/evaluate.py", "    return Evaluation", "    Evaluation")
    refused(toy, "toy/plain/evaluate: scripts/problems/toy/evaluate.py: evaluate returns nothing (None). Allowed: Eval")
    toy.edit("scripts/problems/toy/evaluate.py", "    Evaluation", "    return Evaluation")
    toy.edit("scripts/problems/toy/summary.py", "    return numbers", "    numbers.sort(key=str)")
    refused(toy, "toy/summarize: scripts/problems/toy/summary.py: summarize returns nothing (None). Allowed: a list")
    toy.edit(TRAIN, "used: Mapping[str, Arrays], device: str)", "device: str)")
    build = refused(
        toy, f"error: {TRAIN}:13: 'train' takes (runs: Sequence[Run], data: Mapping[str, Arrays], device: str)"
    )
    assert build.ran == set()


def test_a_module_that_is_not_installed_is_told_with_the_line_that_imports_it(toy):
    toy.edit(TRAIN, "import numpy as np\n", "import numpy as np\nimport not_there\n")
    refused(toy, "scripts/problems/toy/train.py:8: the package 'not_there' is imported by the code of a step, but not")


def test_a_project_without_a_handout(toy):
    (toy.folder / "report/handouts/toy.tex.j2").rename(toy.folder / "toy.tex.j2")
    refused(
        toy, "error: report/handouts: no handout here, and so nothing to build. A handout is a template NAME.tex.j2"
    )


def test_bare_snakemake_tells_a_fault_of_config_yaml_without_lines_of_its_own(toy):
    toy.edit("config.yaml", "epochs: 20,", "epochs: twenty,")
    said = toy.snakemake("-n", check=False).text
    assert "error: config.yaml:25: problems.toy.variants.plain: epochs is 'twenty', expected a valid integer." in said
    assert "common.smk" not in said


def test_what_a_training_prints_goes_to_its_log_and_the_screen_says_where(toy):
    toy.edit(TRAIN, "        time.sleep(wanted.pause)", '        print("hello", self.done)')
    said = toy.build().text
    assert "hello" not in said
    assert len(re.findall(r"what toy/\S+/train prints stands in logs/sample/toy/\S+/train.log; what others", said)) == 1
    assert b"hello 3" in toy.read("logs/sample/toy/plain/first_1_2/train.log")


def test_hyperparameters_that_are_no_settings(toy):
    toy.edit("scripts/problems/toy/hyperparameters.py", "class Hyperparameters(Settings)", "class Hyperparameters")
    refused(toy, "hyperparameters.py: 'Hyperparameters' is no Settings, by which values are checked. Write 'class Hyp")


def test_an_unknown_hyperparameter(toy):
    toy.edit("config.yaml", "epochs: 20,", "epoch: 20,")
    where = "config.yaml:25: problems.toy.variants.plain"
    refused(toy, f"{where}: unknown hyperparameter 'epoch'. Did you mean 'epochs'? Allowed: decay, epochs")


def test_an_ill_typed_hyperparameter(toy):
    toy.edit("config.yaml", "epochs: 20,", "epochs: twenty,")
    refused(toy, "config.yaml:25: problems.toy.variants.plain: epochs is 'twenty', expected a valid integer.")


def test_an_unknown_key(toy):
    toy.edit("config.yaml", "    select: {metric", "    selection: {metric")
    refused(
        toy,
        ": problems.toy: unknown key 'selection'. Did you mean 'select'?",
        "Allowed keys: compute, environment, hyperparameters, reads, sample, select, uses, variants, views.",
    )


def test_a_target_of_no_problem(toy):
    build = toy.snakemake("-n", "results/sample/tyo/numbers/numbers.json", check=False)
    assert build.code != 0
    assert "results/sample/tyo/numbers/numbers.json: there is no problem 'tyo'. Known: toy." in build.text
    assert not [word for word in ("Traceback", "KeyError") if word in build.text]


def test_a_key_given_twice(toy):
    toy.edit("config.yaml", "  device: cpu\n", "  device: cpu\n  device: cpu\n")
    refused(toy, "config.yaml:4: the key 'device' is given twice.")


def test_a_seed_given_twice(toy):
    toy.edit("config.yaml", "seeds: [[1, 2], [3, 3]]", "seeds: [[1, 3], [3, 4]]")
    refused(toy, "problems.toy.variants.plain.blocks: seed 3 of 'single' is given twice", "Remove one of them.")


def test_a_section_of_no_problem(toy):
    toy.edit("report/handouts/toy.tex.j2", "sections: toy", "sections: toys")
    refused(toy, "toy.tex.j2: the section 'toys' is no problem of config.yaml. Allowed: toy; and prose alone")


def test_a_split_that_breaks_its_promise(toy):
    toy.edit("config.yaml", "test: true", "test: false")
    refused(toy, "config.yaml: views.thirds.test is False, but the split 'thirds' leaves 20 test rows.")


@pytest.fixture
def mirrored(toy, tmp_path):
    """The toy project with published data in a mirror; returns the project and the mirrored file."""
    path = tmp_path / "mirror/line/line.csv"
    path.parent.mkdir(parents=True)
    path.write_bytes(toy.read("data/sample/line/line.csv"))
    toy.edit(DATA, '"0" * 64', f'"{hashlib.sha256(path.read_bytes()).hexdigest()}"')
    return toy, path


def test_published_data_from_a_mirror_build_the_handout(mirrored):
    toy, path = mirrored
    toy.run(toy.reprose("build", "--tier", "real", "--", "--cores", "2"), REPROSE_MIRROR=str(path.parents[1]))
    assert (toy.folder / "results/real/handouts/toy.pdf").exists()


def test_a_false_claim_on_published_data(mirrored):
    toy, path = mirrored
    toy.edit(SECTION, "plain.error < 1", "plain.error < ridge.error and plain.error > 1")
    refused(
        toy, f"{SECTION}:4: this claim does not hold", "plain.error", tier="real", REPROSE_MIRROR=str(path.parents[1])
    )
    assert not (toy.folder / "results/real/toy/section/section.tex").exists()


def test_a_false_claim_on_sample_data_is_only_marked_and_what_looks_wrong_is_told(toy):
    toy.edit(SECTION, "plain.error < 1", "plain.error > 1")
    toy.edit(SECTION, "The plain fit", r"\rule{200mm}{1mm}\par The plain fit")
    toy.edit("scripts/problems/toy/helper.py", '"epoch"', '"epoch \u4e2d"')
    said = toy.build().text
    assert "warning: toy/plot: figure 'curves' has boxes for what its font lacks: U+4E2D" in said
    assert f"warning: handouts/toy/typeset: {SECTION}:3" in said and "pt too wide for its place" in said
    assert b"failedclaimmark" in toy.read("results/sample/toy/section/section.tex")


def test_a_wrong_checksum(mirrored):
    toy, path = mirrored
    path.write_text("1,2\n")
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    refused(toy, "line.csv", found, tier="real", REPROSE_MIRROR=str(path.parents[1]))
    assert not (toy.folder / "data/real/line/line.csv").exists()


def test_an_unreachable_server_without_a_mirror_is_told_before_any_work(mirrored):
    toy, _ = mirrored
    build = refused(toy, "data set 'line'", "cannot get line.csv", "REPROSE_MIRROR", tier="real")
    assert build.ran == set()


def test_a_password_of_the_mirror_is_left_nowhere(mirrored):
    toy, _ = mirrored
    with serving({}) as server:
        toy.edit(DATA, "http://127.0.0.1:9", server.url)
        address = server.url.replace("://", "://anna:geheim@") + "/data?token=verborgen"
        command = toy.reprose("draft", "--tier", "real", "--", "--cores", "2")
        build = toy.run(command, REPROSE_MIRROR=address, NO_PROXY="127.0.0.1")
    left = {str(path.relative_to(toy.folder)): path.read_bytes() for path in toy.folder.rglob("*") if path.is_file()}
    told = {name for name, content in left.items() if b"/data/line?token=***" in content}
    assert {"logs/real/line/fetch.log", "results/real/drafts/toy.html"} <= told
    left["the screen"] = build.text.encode()
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", left["results/real/drafts/toy.pdf"], flags=re.DOTALL)
    left["the PDF, unpacked"] = b"".join(
        zlib.decompressobj().decompress(stream) for stream in streams if stream[:1] == b"x"
    )
    secrets = (b"anna", b"geheim", b"verborgen")
    assert [name for name, content in left.items() if any(secret in content for secret in secrets)] == []


def test_no_latex(toy, tmp_path):
    toy.edit("report/handouts/toy.tex.j2", r"\title{A line}", r"\title{Another line}")
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("bash", "tee", "env", "sh", "uname"):
        (tools / name).symlink_to(f"/bin/{name}" if name in ("bash", "sh", "uname") else f"/usr/bin/{name}")
    python = tools / "python"
    python.symlink_to(sys.executable)
    refused(
        toy,
        "LaTeX: the program 'latexmk' is missing",
        "apt-get install",
        "not built: toy, which could not",
        PATH=str(tools),
    )
