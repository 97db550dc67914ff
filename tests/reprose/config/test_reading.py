from pathlib import Path

import pytest

from reprose.base.errors import ReproseError
from reprose.config import reading

ROOT = Path(__file__).resolve().parents[3]
SCHEMA = ROOT / "workflow/schemas/config.schema.yaml"


@pytest.fixture
def project_config():
    return reading.load(ROOT / "config.yaml")


def test_the_projects_own_configuration_is_valid(project_config):
    reading.check(project_config, SCHEMA)


def test_a_key_given_twice_is_an_error_that_names_the_line(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text("compute:\n  threads: 1\n  threads: 2\n")
    with pytest.raises(ReproseError, match=r"config.yaml:3: the key 'threads' is given twice"):
        reading.load(path)


def test_text_that_is_no_mapping_is_an_error(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text("- one\n")
    with pytest.raises(ReproseError, match="found list, expected a mapping"):
        reading.load(path)


def test_an_unknown_key_is_an_error_that_lists_the_allowed_ones(project_config):
    project_config["compute"]["thread"] = 2
    with pytest.raises(ReproseError, match=r"compute: .*'thread'.*Allowed keys: device, threads"):
        reading.check(project_config, SCHEMA)


def test_an_ill_typed_value_is_an_error_that_names_its_place(project_config):
    project_config["compute"]["threads"] = "two"
    with pytest.raises(ReproseError, match=r"compute.threads: 'two' is not of type 'integer'"):
        reading.check(project_config, SCHEMA)


def test_a_sample_is_either_seeded_or_empty(project_config):
    project_config["datasets"]["generated"]["sample"] = {}
    reading.check(project_config, SCHEMA)
    project_config["datasets"]["generated"]["sample"] = {"points": 9}
    with pytest.raises(ReproseError, match=r"datasets.generated.sample: 'seed' is a required property"):
        reading.check(project_config, SCHEMA)


def test_every_fault_is_reported_at_once(project_config):
    project_config["compute"] = {"threads": 0, "device": "tpu"}
    with pytest.raises(ReproseError, match=r"(?s)compute.device.*\n.*compute.threads"):
        reading.check(project_config, SCHEMA)


def test_sample_values_override_only_on_the_sample_tier():
    block = {"epochs": 200, "grid": {"rate": [1, 2]}, "sample": {"epochs": 5, "grid": {"rate": [1]}}}
    assert reading.of_tier(block, "sample") == {"epochs": 5, "grid": {"rate": [1]}}
    assert reading.of_tier(block, "real") == {"epochs": 200, "grid": {"rate": [1, 2]}}
