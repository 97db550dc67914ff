"""Mirrors: where they are, and what they declare."""

import pytest

from local_server import Answer, serving
from reprose.base.errors import ReproseError
from reprose.data.mirror import open_mirror
from reprose.data.mirror_address import resolved

ENTRY = "- {dataset: ml, official: u.data, file: part, sha256: '" + "0" * 64 + "', note: ten lines}\n"


def test_no_location_is_no_mirror():
    assert open_mirror(None) is None
    assert open_mirror("") is None


def test_a_location_is_a_folder_or_an_address(tmp_path):
    assert open_mirror(str(tmp_path)).place("ml", "u.data") == f"{tmp_path}/ml/u.data"
    assert open_mirror("https://host/data/").place("ml", "a b") == "https://host/data/ml/a%20b"


@pytest.mark.parametrize("location", ["/no/such/folder", "htp://host", "ftp://host/data"])
def test_any_other_location_is_an_error_that_says_what_is_allowed(location):
    with pytest.raises(ReproseError, match=rf"REPROSE_MIRROR is '{location}'.*Allowed: an existing folder"):
        open_mirror(location)


def test_a_folder_is_named_so_that_other_folders_and_homes_mean_the_same(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert resolved("data/../m") == resolved(f"file://{tmp_path}/m") == f"{tmp_path}/m"
    assert resolved("~/m") == f"{tmp_path}/home/m"
    for location in ("", "http://host/m/", "~no-such-user/m"):
        assert resolved(location) == location


@pytest.mark.parametrize(
    "location",
    [
        "http://[::1",
        "http://host:port/data",
        "http://host:99999/data",
        "http:///data",
        "http://ho st/data",
        "~no-such-user/data",
        "/" + "long" * 2000,
    ],
)
def test_a_malformed_location_is_an_error(location):
    with pytest.raises(ReproseError, match="REPROSE_MIRROR is .*well-formed address"):
        open_mirror(location)


@pytest.mark.parametrize(
    "place", ["anna:geheim@host", "http://anna:geh/eim@host", "ftp://geheim@host", "http://a:geheim@ho st"]
)
def test_the_password_of_a_malformed_location_is_not_shown(place):
    with pytest.raises(ReproseError, match=r"REPROSE_MIRROR is '.*\*\*\*@ho ?st'") as caught:
        open_mirror(place)
    assert "geh" not in str(caught.value)
    assert "anna" not in str(caught.value)


def test_a_query_stays_at_the_end_of_an_address():
    address = open_mirror("https://anna:geheim@host/data/?token=1").place("ml", "u.data")
    assert address == "https://anna:geheim@host/data/ml/u.data?token=1"


def test_declarations_are_read_by_data_set(tmp_path):
    (tmp_path / "substitutes.yaml").write_text("\ufeff" + ENTRY + ENTRY.replace("ml", "other"))
    found = open_mirror(str(tmp_path)).substitutes("ml", tmp_path)
    assert [(name, item.file, item.note) for name, item in found.items()] == [("u.data", "part", "ten lines")]


@pytest.mark.parametrize(
    "text",
    [
        "- dataset: ml",
        "[",
        "dataset: ml",
        "- ml",
        ENTRY.replace("part", "../part"),
        ENTRY.replace("part", "3"),
        ENTRY.replace("000", "xyz"),
        ENTRY.replace("}", ", more: 1}"),
        "\udcff",
    ],
)
def test_a_malformed_declaration_is_an_error_that_names_the_file(tmp_path, text):
    (tmp_path / "substitutes.yaml").write_text(text, errors="surrogateescape")
    with pytest.raises(ReproseError, match=rf"{tmp_path}/substitutes\.yaml"):
        open_mirror(str(tmp_path)).substitutes("ml", tmp_path)


def test_checksums_on_a_server_name_the_archives_of_a_data_set(tmp_path):
    digest = "ab" * 32
    names = ("ml/a.zip", "ml/b.tar.xz", "ml/u.data", "other/c.zip", "ml/x/../d.zip", "ml/._a.zip")
    listing = "\ufeff" + "".join(f"{digest}  {name}\n" for name in names)
    with serving({"/SHA256SUMS": [Answer(listing.encode())]}) as server:
        found = open_mirror(server.url).archives("ml", tmp_path, ("official.zip",))
    assert found == {"official.zip": "", "a.zip": digest, "b.tar.xz": digest}
