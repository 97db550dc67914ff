"""Getting raw data from mirrors and servers that are complete, incomplete, wrong or gone."""

import hashlib

import pytest

from local_server import Answer, closed_url, serving
from raw_data import (
    BOTH,
    DATA,
    ITEM,
    MANIFEST,
    MEMBERS,
    QUICK,
    answers,
    check_filled,
    nothing_left,
    official_archive,
    put,
    source,
    substituted,
    zipped,
)
from reprose.base.errors import ReproseError
from reprose.data.obtain import Archive, check_available, obtain


@pytest.mark.parametrize("form", ["{}", "file://{}", "{}/"])
def test_a_mirror_folder_fills_the_folder_without_any_network(mirror, folder, form):
    put(mirror / "ml", BOTH | {"README": b"not asked for"})
    urls = {"u.data": closed_url()}
    assert obtain(source(urls=urls), "ml", folder, form.format(mirror), QUICK) == MANIFEST
    check_filled(folder)


def test_a_mirror_on_a_server_fills_the_folder(folder):
    with serving(answers("/m/ml/")) as server:
        assert obtain(source(), "ml", folder, f"{server.url}/m/", QUICK) == MANIFEST
    check_filled(folder)


def test_files_come_from_their_official_addresses_without_a_mirror(folder):
    with serving(answers()) as server:
        urls = {name: f"{server.url}/{name}" for name in BOTH}
        assert obtain(source(urls=urls), "ml", folder, None, QUICK) == MANIFEST
    check_filled(folder)


def test_files_come_out_of_the_official_archive(tmp_path, folder):
    packed = official_archive(tmp_path)
    with serving({"/ml-100k.zip": [Answer(packed)]}) as server:
        archive = Archive(f"{server.url}/ml-100k.zip", MEMBERS, md5=hashlib.md5(packed).hexdigest())
        assert obtain(source(archives=(archive,)), "ml", folder, None, QUICK) == MANIFEST
    check_filled(folder)


def test_what_the_mirror_lacks_comes_from_the_official_address(mirror, folder):
    put(mirror / "ml", {"u.item": ITEM})
    with serving({"/u.data": [Answer(DATA)]}) as server:
        assert obtain(source(urls={"u.data": f"{server.url}/u.data"}), "ml", folder, str(mirror), QUICK) == MANIFEST
        assert len(server.asked) == 1
    check_filled(folder)


def test_a_mirror_that_cannot_be_reached_is_passed_over(folder):
    with serving(answers()) as server:
        urls = {name: f"{server.url}/{name}" for name in BOTH}
        assert obtain(source(urls=urls), "ml", folder, closed_url(), QUICK) == MANIFEST


def test_verified_files_of_an_earlier_call_are_kept(folder):
    folder.mkdir(parents=True)
    put(folder, BOTH)
    assert obtain(source(), "ml", folder) == MANIFEST
    check_filled(folder)


def test_a_damaged_file_of_an_earlier_call_is_replaced(mirror, folder):
    folder.mkdir(parents=True)
    put(folder, BOTH | {"u.data": DATA[:-1]})
    put(mirror / "ml", BOTH)
    obtain(source(), "ml", folder, str(mirror))
    check_filled(folder)


def test_what_a_killed_call_left_is_used_and_cleared(folder):
    staging = folder.parent / ".ml.part"
    staging.mkdir(parents=True)
    put(staging, {"u.item": ITEM, "u.data.part": DATA[:100]})
    with serving({"/u.data": [Answer(DATA)]}) as server:
        assert obtain(source(urls={"u.data": f"{server.url}/u.data"}), "ml", folder, None, QUICK) == MANIFEST
        assert server.asked == [("/u.data", "bytes=100-")]
    check_filled(folder)


def test_a_wrong_file_in_the_mirror_is_an_error_with_both_digests(mirror, folder):
    put(mirror / "ml", BOTH | {"u.data": b"other"})
    found, expected = hashlib.sha256(b"other").hexdigest(), MANIFEST["u.data"]["sha256"]
    message = rf"'u.data' of data set 'ml' from {mirror}/ml/u.data: .*{found}, expected {expected}\. Replace it"
    with pytest.raises(ReproseError, match=message):
        obtain(source(), "ml", folder, str(mirror))
    assert nothing_left(folder)


def test_a_wrong_official_file_is_an_error_and_leaves_nothing(folder):
    with serving({"/u.item": [Answer(ITEM)], "/u.data": [Answer(b"other")]}) as server:
        urls = {name: f"{server.url}/{name}" for name in BOTH}
        with pytest.raises(ReproseError, match=r"'u\.data' from http.*/u\.data: the SHA-256 .* expected"):
            obtain(source(urls=urls), "ml", folder, None, QUICK)
    assert nothing_left(folder)


def test_a_wrong_official_archive_is_an_error_before_it_is_opened(tmp_path, folder):
    packed = zipped(tmp_path / "a.zip", {"../../evil": b""})
    with serving({"/ml-100k.zip": [Answer(packed)]}) as server:
        archive = Archive(f"{server.url}/ml-100k.zip", MEMBERS, md5="0" * 32)
        with pytest.raises(ReproseError, match=r"ml-100k\.zip: the MD5"):
            obtain(source(archives=(archive,)), "ml", folder, None, QUICK)
    assert nothing_left(folder)


def test_an_unreachable_server_without_a_mirror_is_an_error_that_says_all(folder):
    urls = {"u.data": f"{closed_url()}/u.data", "u.item": f"{closed_url()}/u.item"}
    with pytest.raises(ReproseError) as caught:
        obtain(source(urls=urls, manual="Ask the teacher for the files."), "ml", folder, None, QUICK)
    text = str(caught.value)
    assert "data set 'ml' (MovieLens): cannot get u.data, u.item." in text
    assert "REPROSE_MIRROR is not set" in text
    assert f"{urls['u.data']}: connection refused (2 attempts)" in text
    assert "Ask the teacher for the files.\nPut them into <folder>/ml/" in text
    assert nothing_left(folder)


def test_nothing_is_downloaded_where_another_file_cannot_be_had_anyway(mirror, folder):
    with serving({"/u.data": [Answer(DATA)]}) as server:
        with pytest.raises(ReproseError, match=r"no official address is known for u\.item"):
            obtain(source(urls={"u.data": f"{server.url}/u.data"}), "ml", folder, str(mirror), QUICK)
        assert server.asked == []


def test_an_official_archive_without_the_member_is_named_among_what_was_tried(tmp_path, folder):
    packed = zipped(tmp_path / "a.zip", {"ml-100k/u.data": DATA})
    with serving({"/ml-100k.zip": [Answer(packed)]}) as server:
        archives = (Archive(f"{server.url}/ml-100k.zip", MEMBERS),)
        with pytest.raises(ReproseError, match=r"ml-100k\.zip: has no member for u\.item"):
            obtain(source(archives=archives), "ml", folder, None, QUICK)
    assert not folder.exists()


def test_what_a_call_that_gave_up_has_downloaded_is_not_fetched_again(tmp_path, folder):
    half, gone = Answer(ITEM, sent=len(ITEM) // 2), Answer(status=503)
    with serving({"/u.data": [Answer(DATA)], "/u.item": [half, *[gone] * 4, Answer(ITEM)]}) as server:
        wanted = source(urls={name: f"{server.url}/{name}" for name in BOTH})
        for _ in range(2):
            with pytest.raises(ReproseError, match=r"cannot get u\.item.*\n.*\n.*u\.item: .*503.*2 attempts"):
                obtain(wanted, "ml", folder, None, QUICK)
        assert not folder.exists()
        assert obtain(wanted, "ml", folder, None, QUICK) == MANIFEST
        assert [path for path, _ in server.asked].count("/u.data") == 1
        assert server.asked[-1] == ("/u.item", f"bytes={len(ITEM) // 2}-")
    check_filled(folder)


@pytest.mark.parametrize("secret", ["anna:geheim@", "geheim@"])
def test_no_message_shows_the_password_of_the_mirror(folder, capsys, secret):
    location = closed_url().replace("://", f"://{secret}") + "/data?token=verborgen"
    with pytest.raises(ReproseError) as caught:
        obtain(source(), "ml", folder, location, QUICK)
    told = f"{caught.value} {check_available(source(), 'ml', location)} {capsys.readouterr().err}"
    assert "/data?token=*** (the mirror): connection refused" in told.replace("/ml/u.data", "")
    assert not [word for word in ("anna", "geheim", "verborgen") if word in told]


def test_a_mirror_that_asks_for_a_password_and_a_token_gets_them(folder):
    with serving({f"/m/ml/{name}?token=1": [Answer(data)] for name, data in BOTH.items()}) as server:
        location = server.url.replace("://", "://anna:geheim@") + "/m/?token=1"
        assert obtain(source(), "ml", folder, location, QUICK) == MANIFEST


def test_a_malformed_mirror_is_told_before_any_work(folder):
    assert "REPROSE_MIRROR is 'http://[::1'" in check_available(source(), "ml", "http://[::1", network=QUICK)


def test_a_place_that_cannot_be_written_is_an_error_that_names_it(tmp_path):
    (tmp_path / "data").write_text("a file where a folder should be")
    with pytest.raises(ReproseError, match="data/ml: cannot be filled"):
        obtain(source(), "ml", tmp_path / "data" / "ml")


@pytest.mark.parametrize("digits", [8, 20, 64])
@pytest.mark.parametrize("place", ["folder", "mirror", "archive", "server"])
def test_a_file_stated_by_the_first_digits_is_recorded_with_all_of_them(tmp_path, mirror, folder, digits, place):
    files = {name: entry["sha256"][:digits] for name, entry in MANIFEST.items()}
    folder.mkdir(parents=True)
    if place == "archive":
        zipped(mirror / "ml" / "a.zip", BOTH)
    elif place != "server":
        put(folder if place == "folder" else mirror / "ml", BOTH)
    with serving(answers()) as server:
        stated = source(files=files, urls={name: f"{server.url}/{name}" for name in BOTH})
        assert obtain(stated, "ml", folder, str(mirror), QUICK) == MANIFEST
        assert len(server.asked) == (2 if place == "server" else 0)
    check_filled(folder)


@pytest.mark.parametrize("place", ["folder", "mirror", "archive", "server"])
def test_a_file_that_begins_with_other_digits_than_stated_is_an_error(mirror, folder, place):
    first = MANIFEST["u.data"]["sha256"][:8]
    found = hashlib.sha256(b"other").hexdigest()
    answers = {"/u.data": [Answer(b"other")]} if place != "folder" else {"/u.data": [Answer(DATA)]}
    if place == "archive":
        zipped(mirror / "ml" / "a.zip", {"u.data": b"other"})
    elif place == "folder":  # what lies there is not taken, and replaced
        folder.mkdir(parents=True)
        put(folder, {"u.data": b"other"})
    elif place == "mirror":
        put(mirror / "ml", {"u.data": b"other"})
    with serving(answers) as server:
        stated = source(files={"u.data": first}, urls={"u.data": f"{server.url}/u.data"})
        if place == "folder":
            assert obtain(stated, "ml", folder, str(mirror), QUICK) == {"u.data": MANIFEST["u.data"]}
            return
        with pytest.raises(ReproseError, match=f"{found}, expected {first}"):
            obtain(stated, "ml", folder, str(mirror), QUICK)
    assert nothing_left(folder)


def test_a_mirror_that_has_the_files_is_enough(mirror, folder):
    put(mirror / "ml", BOTH)
    assert check_available(source(), "ml", str(mirror)) is None
    assert not folder.exists()


def test_a_declared_substitute_is_enough_and_the_mirror_is_not_touched(mirror):
    substituted(mirror)
    before = (mirror / "substitutes.yaml").stat()
    assert check_available(source(), "ml", str(mirror)) is None
    assert (mirror / "substitutes.yaml").stat() == before


def test_files_got_before_are_enough(folder):
    folder.mkdir(parents=True)
    put(folder, BOTH)
    assert check_available(source(), "ml", None, folder) is None
    assert check_available(source(), "ml", None) is not None


def test_an_official_address_is_enough_until_the_server_is_asked():
    urls = dict.fromkeys(BOTH, f"{closed_url()}/file")
    assert check_available(source(urls=urls), "ml") is None
    assert "connection refused" in check_available(source(urls=urls), "ml", network=QUICK)


def test_what_cannot_be_had_is_told_before_any_work(mirror):
    put(mirror / "ml", {"u.item": ITEM})
    message = check_available(source(manual="ask the teacher"), "ml", str(mirror))
    assert "cannot get u.data." in message
    assert f"ask the teacher.\nPut them into {mirror}/ml/ and set REPROSE_MIRROR={mirror}" in message


def test_a_mirror_that_is_no_folder_is_told_before_any_work():
    assert "REPROSE_MIRROR is '/no/such', which is no folder" in check_available(source(), "ml", "/no/such")


@pytest.mark.parametrize(
    "changes",
    [
        {"files": {"../u.data": "0" * 64}},
        {"files": {"u.data": "not a digest"}},
        {"files": {"u.data": "0123456"}},
        {"files": {"u.data": "0" * 65}},
        {"urls": {"unknown": "https://home/unknown"}},
        {"archives": (Archive("https://home/download", {"u.data": "u.data"}),)},
        {"archives": (Archive("https://home/a.zip", {"u.data": "u.data"}, md5="0123456789"),)},
    ],
)
def test_a_source_that_could_not_be_fetched_as_stated_is_an_error(folder, changes):
    with pytest.raises(ReproseError, match="MovieLens: "):
        obtain(source(**changes), "ml", folder)
    assert "MovieLens: " in check_available(source(**changes), "ml")
