import re
from pathlib import Path

import pytest
import yaml

from reprose.base.errors import ReproseError
from reprose.config import reading, schema_faults

ROOT = Path(__file__).resolve().parents[3]
SCHEMA = ROOT / "workflow/schemas/config.schema.yaml"


@pytest.fixture
def project_config():
    return reading.load(ROOT / "config.yaml")


PLAIN = "problems.toy.variants.plain"
TOY = """compute:
  threads: 1
  device: cpu
problems:
  toy:
    select: {metric: error, better: lower}
    variants:
      plain:
        view: all
        blocks:
          main: {seeds: [[1, 2]]}
      other:
        view: all
        blocks: {main: {seeds: [[1, 2]]}}
    sample: {hyperparameters: {rate: 1}}
datasets: {line: {sample: {seed: 1}}}
views: {all: {dataset: line, split: halves, values: {}, test: true}}
"""


def test_the_projects_own_configuration_is_valid(project_config):
    reading.check(project_config, SCHEMA)


def test_a_key_given_twice_is_an_error_that_names_the_line(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text("compute:\n  threads: 1\n  threads: 2\n")
    with pytest.raises(ReproseError, match=r"config.yaml:3: the key 'threads' is given twice"):
        reading.load(path)


@pytest.mark.parametrize(
    ("number", "read"), [("010", 8), ("1:30", 90), ("1_0", 10), ("1_0.5", 10.5), ("-1:30.5", -90.5)]
)
def test_a_number_that_yaml_reads_as_another_is_an_error_that_names_the_line(tmp_path, number, read):
    path = tmp_path / "config.yaml"
    path.write_text(f"compute:\n  threads: {number}\n")
    with pytest.raises(ReproseError, match=rf"config.yaml:2: {number} is a number that YAML reads as {read}\."):
        reading.load(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rate: 1e-4", "config.yaml:1: 1e-4 is a number that YAML reads as text. Write 1.0e-4, or put it"),
        ("rate: -3E5", "-3E5 is a number that YAML reads as text. Write -3.0e[+]5, or put it in quotes"),
        ("rates: [0.1,\n  1.5e3]", "config.yaml:2: 1.5e3 is a number that YAML reads as text. Write 1.5e[+]3, or"),
        ("day: 2026-13-45", "config.yaml:1: 2026-13-45: month must be in 1..12. Put it in quotes"),
        (f"seed: {'9' * 5000}", r"config.yaml:1: 9{40}: Exceeds the limit \(4300 digits\)"),
        ("? [a, b]\n: 1", "config.yaml:1: a key that is a list or a mapping, allowed: text"),
        (f"a: {'[' * 3000}{']' * 3000}", "config.yaml: nested too deeply"),
        ("name: \u00fc", "config.yaml: not UTF-8 at byte 6"),
    ],
)
def test_what_yaml_stumbles_over_is_an_error_that_names_the_place(tmp_path, text, message):
    path = tmp_path / "config.yaml"
    path.write_text(f"{text}\n", encoding="latin-1")
    with pytest.raises(ReproseError, match=message):
        reading.load(path)


def test_merged_keys_may_be_replaced_wherever_the_mappings_stand(tmp_path):
    path = tmp_path / "config.yaml"
    deep = "deep:\n  er:\n    base: &base {x: 1, y: 2}\n    middle: &middle {<<: *base, x: 5}\n"
    path.write_text(f"{deep}use:\n  <<: *middle\n  y: 7\nboth: {{<<: *base, <<: *middle}}\n")
    found = reading.load(path)
    assert (found["use"], found["deep"]["er"]["middle"]) == ({"x": 5, "y": 7}, {"x": 5, "y": 2})
    path.write_text(f"{deep}use:\n  <<: *middle\n  y: 7\n  y: 8\n")
    with pytest.raises(ReproseError, match="config.yaml:8: the key 'y' is given twice"):
        reading.load(path)


def test_plain_numbers_are_read_as_they_look(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text("{a: [0, -10, +1, 0.5, .5, 1.0e-3, 0x1f, -0.0]}")
    assert repr(reading.load(path)["a"]) == "[0, -10, 1, 0.5, 0.5, 0.001, 31, -0.0]"


def test_text_that_is_no_mapping_is_an_error(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text("- one\n")
    with pytest.raises(ReproseError, match="found list, expected a mapping"):
        reading.load(path)


def test_an_unknown_key_is_an_error_that_lists_the_allowed_ones(project_config):
    project_config["compute"]["thread"] = 2
    with pytest.raises(ReproseError, match=r"compute: unknown key 'thread'. Allowed keys: device, threads"):
        reading.check(project_config, SCHEMA)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("        view: all\n", "        veiw: all\n", f":9: {PLAIN}: unknown key 'veiw'. Did you mean 'view'?"),
        ("  threads: 1\n", "  threads: two\n", ":2: compute.threads: 'two' is not of type 'integer'"),
        ("        view: all\n", "", f":8: {PLAIN}: the key 'view' is missing."),
        ("[[1, 2]]", "[[1, x]]", f":11: {PLAIN}.blocks.main.seeds.0.1: 'x' is not"),
        ("  sample: {", "  sample: {odd: 1, ", ":15, with the values of `sample:`: problems.toy: unknown key 'odd'"),
    ],
)
def test_a_fault_is_told_once_with_its_line_and_the_key_that_was_meant(tmp_path, old, new, told):
    path = tmp_path / "config.yaml"
    path.write_text(TOY.replace(old, new, 1))
    assert new in path.read_text()
    with pytest.raises(ReproseError) as caught:
        reading.check(reading.load(path), SCHEMA, file=path)
    assert str(caught.value).startswith(f"config.yaml{told}")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("told", "line"),
    [
        ("problems.toy.variants.plain: rate is 'fast', expected a valid number.", 8),
        ("problems.toy.variants.plain: rate is 'slow', expected a valid number.", 13),
        ("problems.toy.variants.plain: rate is 0, expected more.", 9),
        ("problems.toy.variants.plain: width is 4, expected 5.", 6),
        ("problems.toy.variants.plain: unknown hyperparameter 'width'. Did you mean 'widths'?", 6),
        ("problems.toy.variants.plain: the hyperparameter 'depth' (int) is missing.", 8),
        ("problems.toy.variants.other: rate is 0.5, expected less.", 6),
        ("views.all: by is 1, expected a text.", 3),
        ("views.all.of is 'some'. Allowed: all.", 2),
        ("problems.toy.variants.plain.blocks.main.seeds: [2, 1] runs backwards. Write [1, 2].", 9),
    ],
)
def test_what_does_not_fit_the_code_is_told_with_the_line_of_the_key(tmp_path, told, line):
    path = tmp_path / "config.yaml"
    path.write_text(
        "views:\n  all: {of: some,\n    values: {by: 1}}\n"
        "problems:\n  toy:\n    hyperparameters: {rate: 0.5, width: 4}\n    variants:\n"
        "      plain: {hyperparameters: {rate: fast},\n        blocks: {main: {grid: {rate: [1, 0]}}}}\n"
        "      other:\n        view: all\n    sample:\n      hyperparameters: {rate: slow}\n"
    )
    where = f"config.yaml:{line}:" if line else "config.yaml:"
    assert schema_faults.located(f"first\nconfig.yaml: {told}", path) == f"first\n{where} {told}"


def test_a_file_whose_name_snakemake_would_take_for_a_wildcard_is_refused(project_config):
    project_config["datasets"]["ml_100k"]["reads"] = ["tables/a{b}.csv"]
    with pytest.raises(ReproseError, match=r"datasets.ml_100k.reads.0: 'tables/a{b}.csv' .*A name without braces"):
        reading.check(project_config, SCHEMA)


def test_an_ill_typed_value_is_an_error_that_names_its_place(project_config):
    project_config["compute"]["threads"] = "two"
    with pytest.raises(ReproseError, match=r"compute.threads: 'two' is not of type 'integer'"):
        reading.check(project_config, SCHEMA)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{a: [1, .nan]}", "a.1 is nan, expected a finite number"),
        ("{a: {b: -.inf}}", "a.b is -inf, expected a finite number"),
        ("{a: 2026-11-25}", "a is 2026-11-25, which YAML reads as a date"),
        ("{a: {1: 2}}", "a: the key 1 is no text. Put it in quotes"),
        ("{on: 2}", "top level: the key True is no text"),
        ("{a: !!set {b}}", "a is {'b'}, which YAML reads as a set"),
        ("{a: &a [*a]}", r"a.0: an alias \(\*\) that refers to what it stands in"),
    ],
)
def test_a_value_that_no_key_can_hold_is_an_error_that_names_its_place(text, message):
    with pytest.raises(ReproseError, match=f"config.yaml: {message}"):
        reading.check(yaml.safe_load(text), SCHEMA)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("compute", "threads"), 1.0),
        (("compute", "threads"), True),
        (("datasets", "ml_100k", "sample", "seed"), 3.0),
        (("views", "course", "values", "seed"), 3.0),
        (("views", "course", "values", "seed"), -1),
        (("problems", "multitask", "variants", "converged_shared_ranking", "blocks", "tuned", "seeds"), [[1.0, 2]]),
    ],
)
def test_a_whole_number_is_written_as_one(project_config, place, value):
    block = project_config
    for name in place[:-1]:
        block = block[name]
    assert place[-1] in block
    block[place[-1]] = value
    with pytest.raises(
        ReproseError, match=rf"{'.'.join(place)}.*: {re.escape(str(value).strip('[]').split(',')[0])} is"
    ):
        reading.check(project_config, SCHEMA)


def test_a_sample_is_either_seeded_or_empty(project_config):
    project_config["datasets"]["generated"]["sample"] = {}
    reading.check(project_config, SCHEMA)
    project_config["datasets"]["generated"]["sample"] = {"points": 9}
    with pytest.raises(ReproseError, match=r"datasets.generated.sample: the key 'seed' is missing"):
        reading.check(project_config, SCHEMA)


def test_every_fault_is_reported_at_once(project_config):
    project_config["compute"] = {"threads": 0, "device": "tpu"}
    with pytest.raises(ReproseError, match=r"(?s)compute.device.*\n.*compute.threads"):
        reading.check(project_config, SCHEMA)


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("views", "views.course: unknown key 'trian'. Allowed keys: dataset"),
        ("problems", "problems.multitask: unknown key 'trian'. Allowed keys: compute"),
    ],
)
def test_a_misspelt_key_among_the_values_of_the_sample_tier_is_an_error(project_config, place, message):
    block = project_config[place]["course" if place == "views" else "multitask"]
    block["sample"] = {**block.get("sample", {}), "trian": {}}
    with pytest.raises(ReproseError, match=f"config.yaml, with the values of `sample:`: {message}"):
        reading.check(project_config, SCHEMA)


def test_sample_values_override_only_on_the_sample_tier():
    block = {"epochs": 200, "grid": {"rate": [1, 2]}, "sample": {"epochs": 5, "grid": {"rate": [1]}}}
    assert reading.of_tier(block, "sample") == {"epochs": 5, "grid": {"rate": [1]}}
    assert reading.of_tier(block, "real") == {"epochs": 200, "grid": {"rate": [1, 2]}}
