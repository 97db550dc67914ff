import pytest

from reprose.base.errors import ReproseError
from reprose.base.package import engine_file
from reprose.commands import profiles


def add(project, name):
    """Give the project a profile."""
    path = project / "profiles" / name / "profile.yaml"
    path.parent.mkdir(parents=True)
    path.write_text("cores: 1\n")
    return path


def test_a_profile_of_the_project_wins_over_the_engines(tmp_path):
    assert profiles.profile_file("slurm", tmp_path) == engine_file("profiles/slurm/profile.yaml")
    own = add(tmp_path, "slurm")
    assert profiles.profile_file("slurm", tmp_path) == own


def test_an_unknown_profile_is_an_error_that_names_the_known_ones(tmp_path):
    add(tmp_path, "cluster")
    with pytest.raises(ReproseError, match="no profile 'slrum' in .*There are: cluster, default, slurm"):
        profiles.profile_file("slrum", tmp_path)


def test_only_a_project_without_a_default_profile_is_built_with_the_engines(tmp_path):
    assert profiles.default(tmp_path) == ["--workflow-profile", str(engine_file("profiles/default"))]
    add(tmp_path, "default")
    assert profiles.default(tmp_path) == []
