"""Taking raw data out of archives and from substitutes in the mirror."""

import gzip
import hashlib
import tarfile

import pytest
import yaml

from local_server import Answer, closed_url, serving
from raw_data import (
    BOTH,
    DATA,
    ITEM,
    MANIFEST,
    MEMBERS,
    PART,
    QUICK,
    answers,
    check_filled,
    declare,
    nothing_left,
    official_archive,
    put,
    source,
    substituted,
    zipped,
)
from reprose.base.errors import ReproseError
from reprose.data.obtain import Archive, check_available, obtain


@pytest.mark.parametrize(
    ("name", "mode"),
    [("a.tar", "w"), ("a.tar.gz", "w:gz"), ("a.tgz", "w:gz"), ("a.tar.xz", "w:xz"), ("a.tar.bz2", "w:bz2")],
)
def test_a_tar_in_the_mirror_is_as_good_as_the_files(tmp_path, mirror, folder, name, mode):
    put(tmp_path, BOTH)
    with tarfile.open(mirror / "ml" / name, mode) as tar:
        for member in BOTH:
            tar.add(tmp_path / member, f"elsewhere/{member}")
    assert obtain(source(), "ml", folder, str(mirror)) == MANIFEST
    check_filled(folder)


def test_a_zip_and_a_gzip_file_in_the_mirror_complete_each_other(mirror, folder):
    zipped(mirror / "ml" / "a.zip", {"deep/u.item": ITEM})
    (mirror / "ml" / "u.data.gz").write_bytes(gzip.compress(DATA))
    assert obtain(source(), "ml", folder, str(mirror)) == MANIFEST
    check_filled(folder)


@pytest.mark.parametrize("names", ["official", "listed"])
def test_an_archive_on_a_mirror_server_is_found_by_its_official_name_or_in_the_checksums(tmp_path, folder, names):
    packed = official_archive(tmp_path)
    checksums = f"{hashlib.sha256(packed).hexdigest()}  ml/mine.zip\n{'0' * 64}  other/not.zip\n".encode()
    archives = (Archive(f"{closed_url()}/ml-100k.zip", MEMBERS),)
    path = "/ml/ml-100k.zip" if names == "official" else "/ml/mine.zip"
    with serving(
        {path: [Answer(packed)]} | ({"/SHA256SUMS": [Answer(checksums)]} if names == "listed" else {})
    ) as server:
        assert obtain(source(archives=archives), "ml", folder, server.url, QUICK) == MANIFEST
    check_filled(folder)


def test_a_wrong_member_in_the_mirror_is_an_error_that_names_the_archive(mirror, folder):
    zipped(mirror / "ml" / "a.zip", BOTH | {"u.data": b"other"})
    with pytest.raises(ReproseError, match=rf"'u.data' of data set 'ml' from {mirror}/ml/a.zip: the SHA-256"):
        obtain(source(), "ml", folder, str(mirror))
    assert nothing_left(folder)


def test_a_hostile_archive_in_the_mirror_is_an_error_and_writes_nothing(tmp_path, mirror, folder):
    zipped(mirror / "ml" / "a.zip", {"../../../u.data": DATA})
    with pytest.raises(ReproseError, match="leaves its folder"):
        obtain(source(), "ml", folder, str(mirror))
    assert nothing_left(folder)
    assert [path.name for path in tmp_path.rglob("u.data")] == []


def test_a_truncated_archive_in_the_mirror_is_an_error_that_names_it(mirror, folder):
    packed = zipped(mirror / "ml" / "a.zip", BOTH)
    (mirror / "ml" / "a.zip").write_bytes(packed[: len(packed) // 2])
    with pytest.raises(ReproseError, match=r"ml/a\.zip: the archive is damaged or cut short"):
        obtain(source(), "ml", folder, str(mirror))
    assert nothing_left(folder)


def test_a_data_file_is_not_looked_into_though_its_name_ends_like_an_archive(mirror, folder):
    (mirror / "ml" / "images.zip").write_bytes(ITEM)
    files = {"images.zip": MANIFEST["u.item"]["sha256"], "u.data": MANIFEST["u.data"]["sha256"]}
    with pytest.raises(ReproseError, match=r"cannot get u\.data\.\n.*archives looked into: none"):
        obtain(source(files=files), "ml", folder, str(mirror))


def test_a_declared_substitute_takes_the_official_name_and_the_manifest_says_so(mirror, folder):
    substituted(mirror)
    manifest = obtain(source(), "ml", folder, str(mirror))
    assert manifest["u.data"] == {"sha256": hashlib.sha256(PART).hexdigest(), "substitute": "10 of 1,000 lines"}
    assert manifest["u.item"] == MANIFEST["u.item"]
    assert (folder / "u.data").read_bytes() == PART


def test_a_declared_substitute_on_a_server_is_used(folder):
    entry = {"dataset": "ml", "official": "u.data", "file": "part", "sha256": hashlib.sha256(PART).hexdigest()}
    declaration = yaml.safe_dump([entry | {"note": "10 lines"}]).encode()
    answers = {"/substitutes.yaml": [Answer(declaration)], "/ml/part": [Answer(PART)], "/ml/u.item": [Answer(ITEM)]}
    with serving(answers) as server:
        assert obtain(source(), "ml", folder, server.url, QUICK)["u.data"]["substitute"] == "10 lines"
    assert sorted(path.name for path in folder.iterdir()) == ["u.data", "u.item"]


@pytest.mark.parametrize("inside", ["", "a.zip"])
def test_the_official_file_is_preferred_to_a_declared_substitute(mirror, folder, inside):
    put(mirror / "ml", {"u.item": ITEM, "u.data.partial": PART} | ({} if inside else {"u.data": DATA}))
    if inside:
        zipped(mirror / "ml" / inside, {"u.data": DATA})
    declare(mirror)
    assert obtain(source(), "ml", folder, str(mirror)) == MANIFEST


def test_an_undeclared_substitute_is_not_used(mirror, folder):
    substituted(mirror, dataset="another")
    with pytest.raises(ReproseError, match=r"cannot get u\.data\."):
        obtain(source(), "ml", folder, str(mirror))
    assert nothing_left(folder)


def test_a_substitute_of_another_digest_than_declared_is_an_error(mirror, folder):
    substituted(mirror, data=b"something else")
    with pytest.raises(ReproseError, match=r"ml/u\.data\.partial: the SHA-256"):
        obtain(source(), "ml", folder, str(mirror))
    assert nothing_left(folder)


def test_a_declared_substitute_that_is_not_there_is_an_error(mirror, folder):
    put(mirror / "ml", {"u.item": ITEM})
    declare(mirror)
    with pytest.raises(ReproseError, match=r"substitutes\.yaml: declares 'u\.data\.partial'.* no such file"):
        obtain(source(), "ml", folder, str(mirror))


def test_a_useless_archive_does_not_stand_before_a_good_one(mirror, folder, capsys):
    packed = zipped(mirror / "ml" / "ml-100k.zip", {f"ml-100k/{name}": data for name, data in BOTH.items()})
    put(mirror / "ml", {"._ml-100k.zip": b"\0\5\x16\7", "a.zip": packed[: len(packed) // 2], "b.tar.gz": b""})
    zipped(mirror / "ml" / "c.zip", {"../u.data": DATA})
    assert obtain(source(), "ml", folder, str(mirror)) == MANIFEST
    check_filled(folder)
    passed = [line.partition(": ")[2] for line in capsys.readouterr().err.splitlines()]
    assert [line.partition(": ")[0] for line in passed] == [
        f"{mirror}/ml/{name}" for name in ("a.zip", "b.tar.gz", "c.zip")
    ]


def test_an_archive_on_a_server_that_is_not_what_its_checksum_says_does_not_stand_before_a_good_one(tmp_path, folder):
    packed = zipped(tmp_path / "a.zip", {f"ml-100k/{name}": data for name, data in BOTH.items()})
    digest = hashlib.sha256(packed).hexdigest()
    answers = {"/SHA256SUMS": [Answer(f"{digest}  ml/a.zip\n{digest}  ml/b.zip\n".encode())]}
    with serving(answers | {"/ml/a.zip": [Answer(packed[:-9])], "/ml/b.zip": [Answer(packed)]}) as server:
        assert obtain(source(), "ml", folder, server.url, QUICK) == MANIFEST


def test_a_useless_archive_does_not_stand_before_the_official_server(mirror, folder):
    put(mirror / "ml", {"a.zip": b"PK"})
    with serving(answers()) as server:
        urls = {name: f"{server.url}/{name}" for name in BOTH}
        assert obtain(source(urls=urls), "ml", folder, str(mirror), QUICK) == MANIFEST


@pytest.mark.parametrize("inside", ["ml-100k", "downloads/ml-100k (1)"])
def test_a_folder_as_unzipped_is_as_good_as_the_files(mirror, folder, inside):
    (mirror / "ml" / inside).mkdir(parents=True)
    put(mirror / "ml" / inside, BOTH | {"README": b""})
    (mirror / "ml" / "__MACOSX").mkdir()
    put(mirror / "ml" / "__MACOSX", {"u.data": b"shadow"})
    assert check_available(source(), "ml", str(mirror)) is None
    assert obtain(source(), "ml", folder, str(mirror)) == MANIFEST
    check_filled(folder)


def test_a_server_may_hold_a_folder_as_unzipped(folder):
    archives = (Archive(f"{closed_url()}/ml-100k.zip", MEMBERS),)
    with serving({f"/ml/ml-100k/{name}": [Answer(data)] for name, data in BOTH.items()}) as server:
        assert obtain(source(archives=archives), "ml", folder, server.url, QUICK) == MANIFEST


def test_another_file_of_the_name_deeper_down_is_passed_over_and_told(mirror, folder):
    (mirror / "ml" / "old").mkdir()
    put(mirror / "ml" / "old", {"u.data": b"other"})
    put(mirror / "ml", {"u.item": ITEM})
    with pytest.raises(ReproseError, match=r"tried: .*u\.data: no such file; old/u\.data has another SHA-256"):
        obtain(source(), "ml", folder, str(mirror))
    zipped(mirror / "ml" / "a.zip", BOTH)
    assert obtain(source(), "ml", folder, str(mirror)) == MANIFEST


def test_a_mirror_that_answers_with_a_web_page_is_passed_over(folder):
    page = Answer(b"<html>welcome</html>")
    names = ("SHA256SUMS", "substitutes.yaml", "ml/u.data", "ml/u.item", "ml/ml-100k.zip", "ml/ml-100k/u.data")
    answers = {f"/mirror/{name}": [page] for name in (*names, "ml/ml-100k/u.item")}
    with serving(answers | {f"/{name}": [Answer(data)] for name, data in BOTH.items()}) as server:
        urls = {name: f"{server.url}/{name}" for name in BOTH}
        archives = (Archive(f"{closed_url()}/ml-100k.zip", MEMBERS),)
        wanted = source(urls=urls, archives=archives)
        assert obtain(wanted, "ml", folder, f"{server.url}/mirror", QUICK) == MANIFEST


def test_an_official_server_that_answers_with_a_web_page_is_followed_by_the_next_place(tmp_path, folder):
    packed = official_archive(tmp_path)
    with serving({"/u.data": [Answer(b"<html>log in</html>")], "/ml-100k.zip": [Answer(packed)]}) as server:
        archives = (Archive(f"{server.url}/ml-100k.zip", MEMBERS),)
        wanted = source(urls={"u.data": f"{server.url}/u.data"}, archives=archives)
        assert obtain(wanted, "ml", folder, None, QUICK) == MANIFEST


@pytest.mark.parametrize("cuts", [1, 2])
def test_an_official_archive_cut_short_unnoticed_is_fetched_once_more(tmp_path, folder, cuts):
    packed = official_archive(tmp_path)
    cut = Answer(packed, sent=len(packed) // 2, measured=False)
    with serving({"/ml-100k.zip": [*[cut] * cuts, Answer(packed)]}) as server:
        wanted = source(archives=(Archive(f"{server.url}/ml-100k.zip", MEMBERS),))
        if cuts == 1:
            assert obtain(wanted, "ml", folder, None, QUICK) == MANIFEST
        else:
            with pytest.raises(ReproseError, match=f"tried: {server.url}/ml-100k.zip: the archive is damaged"):
                obtain(wanted, "ml", folder, None, QUICK)
            assert nothing_left(folder)
