"""Archives that are sound, cut short, hostile or too large."""

import gzip
import hashlib
import io
import random
import stat
import tarfile
import zipfile
from pathlib import Path

import pytest

from reprose.base.errors import ReproseError
from reprose.data.archives import Wanted, extract, is_archive, members, save

DATA = random.Random(0).randbytes(50_000)
SHA256 = hashlib.sha256(DATA).hexdigest()
WANTED = {"u.data": Wanted(SHA256, ("ml-100k/u.data", "u.data"))}
TARS = {"a.tar": "w", "a.tar.gz": "w:gz", "a.tgz": "w:gz", "a.tar.xz": "w:xz", "a.tar.bz2": "w:bz2"}
KINDS = [*TARS, "a.zip", "u.data.gz"]


def make(path: Path, content: dict[str, bytes]) -> Path:
    """Write an archive of the kind that its name says; a gzip file holds the last content only."""
    if path.name in TARS:
        with tarfile.open(path, TARS[path.name]) as tar:
            for name, data in content.items():
                item = tarfile.TarInfo(name)
                item.size = len(data)
                tar.addfile(item, io.BytesIO(data))
    elif path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
            for name, data in content.items():
                file.writestr(name, data)
    else:
        path.write_bytes(gzip.compress(list(content.values())[-1], mtime=0))
    return path


def with_entry(path: Path, name: str, kind: bytes) -> Path:
    """Write a tar whose only entry is a link or a device."""
    with tarfile.open(path, "w") as tar:
        item = tarfile.TarInfo(name)
        item.type, item.linkname = kind, "/etc/passwd"
        tar.addfile(item)
    return path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


@pytest.mark.parametrize("kind", KINDS)
def test_a_named_member_is_taken_and_nothing_else(tmp_path, folder, kind):
    archive = make(tmp_path / kind, {"ml-100k/README": b"read me", "ml-100k/u.data": DATA})
    assert extract(archive, WANTED, folder) == {"u.data": SHA256}
    assert names(folder) == ["u.data"]
    assert (folder / "u.data").read_bytes() == DATA


@pytest.mark.parametrize("path", ["u.data", "./u.data", "ml-100k/u.data", "deep/er/ml-100k/u.data"])
def test_a_member_is_found_in_any_folder(tmp_path, folder, path):
    assert extract(make(tmp_path / "a.zip", {path: DATA}), WANTED, folder) == {"u.data": SHA256}


@pytest.mark.parametrize("path", ["u.data.bak", "not-u.data", "u.data/other"])
def test_a_member_of_another_name_is_not_taken(tmp_path, folder, path):
    assert extract(make(tmp_path / "a.tar", {path: DATA}), WANTED, folder) == {}
    assert names(folder) == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_member_with_wrong_bytes_is_reported_and_not_kept(tmp_path, folder, kind):
    found = extract(make(tmp_path / kind, {"u.data": b"other"}), WANTED, folder)
    assert found == {"u.data": hashlib.sha256(b"other").hexdigest()}
    assert names(folder) == []


@pytest.mark.parametrize("order", [1, -1])
def test_of_two_members_of_one_name_the_right_one_is_taken(tmp_path, folder, order):
    content = dict([("old/u.data", b"other"), ("new/u.data", DATA)][::order])
    assert extract(make(tmp_path / "a.tar.gz", content), WANTED, folder) == {"u.data": SHA256}
    assert (folder / "u.data").read_bytes() == DATA


@pytest.mark.parametrize("kind", ["a.tar", "a.tar.xz", "a.zip"])
@pytest.mark.parametrize("path", ["../u.data", "a/../../u.data", "/tmp/u.data", "..\\u.data", "C:\\u.data", "\\u.data"])
def test_a_path_that_leaves_the_folder_is_an_error(tmp_path, folder, kind, path):
    with pytest.raises(ReproseError, match="leaves its folder"):
        extract(make(tmp_path / kind, {path: DATA}), WANTED, folder)
    assert names(folder) == []
    assert names(tmp_path) == sorted([kind, "out"])


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
def test_a_link_or_device_in_the_place_of_a_file_is_an_error(tmp_path, folder, kind):
    with pytest.raises(ReproseError, match=r"a\.tar, member 'ml-100k/u\.data': is a link or a device"):
        extract(with_entry(tmp_path / "a.tar", "ml-100k/u.data", kind), WANTED, folder)
    assert names(folder) == []


def test_a_link_in_a_zip_is_an_error(tmp_path, folder):
    item = zipfile.ZipInfo("u.data")
    item.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as file:
        file.writestr(item, "/etc/passwd")
    with pytest.raises(ReproseError, match="is a link or a device"):
        extract(tmp_path / "a.zip", WANTED, folder)


def test_a_link_that_nobody_asked_for_is_passed_over(tmp_path, folder):
    assert extract(with_entry(tmp_path / "a.tar", "latest", tarfile.SYMTYPE), WANTED, folder) == {}


@pytest.mark.parametrize("kind", KINDS)
def test_an_archive_cut_short_is_an_error_that_names_it_and_leaves_nothing(tmp_path, folder, kind):
    whole = make(tmp_path / kind, {"ml-100k/u.data": DATA}).read_bytes()
    for cut in range(0, len(DATA), len(DATA) // 23):
        (tmp_path / kind).write_bytes(whole[:cut])
        with pytest.raises(ReproseError, match=rf"{kind}: the archive is damaged or cut short"):
            extract(tmp_path / kind, WANTED, folder)
        assert names(folder) == []


@pytest.mark.parametrize("kind", KINDS)
def test_flipped_bytes_give_the_right_file_or_an_error_of_ours(tmp_path, folder, kind):
    chance = random.Random(kind)
    whole = make(tmp_path / kind, {"ml-100k/u.data": DATA[:2000]}).read_bytes()
    wanted = {"u.data": Wanted(hashlib.sha256(DATA[:2000]).hexdigest(), ("u.data",))}
    for _ in range(150):
        damaged = bytearray(whole)
        for _ in range(3):
            damaged[chance.randrange(len(whole))] = chance.randrange(256)
        (tmp_path / kind).write_bytes(damaged)
        try:
            right = extract(tmp_path / kind, wanted, folder).get("u.data") == wanted["u.data"].sha256
        except ReproseError:
            right = False
        assert names(folder) == (["u.data"] if right else [])
        (folder / "u.data").unlink(missing_ok=True)


@pytest.mark.parametrize("kind", KINDS)
def test_what_unpacks_beyond_the_limit_is_refused(tmp_path, folder, kind):
    archive = make(tmp_path / kind, {"u.data": bytes(3_000_000)})
    with pytest.raises(ReproseError, match=r"unpacks to more than 1,000,000 bytes"):
        extract(archive, WANTED, folder, limit=1_000_000)
    assert names(folder) == []


def test_a_large_member_before_the_wanted_one_counts_too(tmp_path, folder):
    archive = make(tmp_path / "a.tar.xz", {"zeros": bytes(3_000_000), "u.data": DATA})
    with pytest.raises(ReproseError, match=r"member 'zeros': unpacks to more"):
        extract(archive, WANTED, folder, limit=1_000_000)


def test_an_archive_of_too_many_members_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("reprose.data.archives.MEMBERS", 10)
    archive = make(tmp_path / "a.tar", {str(number): b"" for number in range(11)})
    with pytest.raises(ReproseError, match="more than 10 members"):
        list(members(archive))


@pytest.mark.parametrize("kind", ["a.zip", "a.tar"])
def test_a_path_may_be_parted_as_windows_does(tmp_path, folder, kind):
    archive = make(tmp_path / kind, {"ml-100k\\README": b"read me", "ml-100k\\u.data": DATA})
    assert extract(archive, WANTED, folder) == {"u.data": SHA256}
    assert names(folder) == ["u.data"]


@pytest.mark.parametrize(
    ("place", "number", "message"),
    [(6, 1, r"member 'u\.data': is encrypted. Unpack it by hand"), (8, 9, r"a\.zip: packed in a way .*by hand")],
)
def test_what_python_cannot_unpack_is_not_called_damaged(tmp_path, folder, place, number, message):
    archive = make(tmp_path / "a.zip", {"u.data": DATA})
    packed = bytearray(archive.read_bytes())
    packed[place] = packed[packed.index(b"PK\1\2") + place + 2] = number  # flags, or method, in both headers
    archive.write_bytes(packed)
    with pytest.raises(ReproseError, match=message):
        extract(archive, WANTED, folder)
    assert names(folder) == []


def test_a_folder_that_cannot_be_written_is_not_blamed_on_the_archive(tmp_path):
    with pytest.raises(ReproseError, match="could not be unpacked into"):
        extract(make(tmp_path / "a.zip", {"u.data": DATA}), WANTED, tmp_path / "absent")


def test_an_unknown_kind_of_archive_is_an_error(tmp_path, folder):
    with pytest.raises(ReproseError, match=r"a\.rar: not a known kind of archive\. Allowed: \.tar"):
        extract(tmp_path / "a.rar", WANTED, folder)
    assert is_archive("A.TAR.GZ")
    assert not is_archive("u.data")


def test_saving_more_than_the_limit_leaves_no_file(folder):
    with pytest.raises(ReproseError, match="the source: unpacks to more than 10 bytes"):
        save(io.BytesIO(DATA), folder / "file", "the source", limit=10)
    assert names(folder) == []


@pytest.mark.parametrize("behind", [b"garbage", b"\r\n", b"\0" * 600])
def test_what_follows_the_end_of_a_gzip_file_does_no_harm(tmp_path, folder, behind):
    path = make(tmp_path / "u.data.gz", {"u.data": DATA})
    path.write_bytes(path.read_bytes() + behind)
    assert extract(path, WANTED, folder) == {"u.data": SHA256}


def test_garbage_alone_is_no_gzip_file(tmp_path, folder):
    (tmp_path / "u.data.gz").write_bytes(b"garbage")
    with pytest.raises(ReproseError, match="Not a gzipped file"):
        extract(tmp_path / "u.data.gz", WANTED, folder)
