"""Downloads from a server on this machine that stalls, breaks off, fails and lies."""

import gzip
import hashlib
import sys
import time

import pytest

from local_server import Answer, closed_url, serving
from reprose.base.errors import ReproseError
from reprose.data.download import AbsentError, Network, UnobtainableError, download, progress, refusal

BODY = bytes(range(256)) * 4096  # 1 MiB
HALF = len(BODY) // 2
SHA256 = hashlib.sha256(BODY).hexdigest()
QUICK = Network(attempts=3, pause=0.01, connect=5, read=5)


def names(folder) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_arrives_whole_and_its_digest_is_returned(tmp_path):
    with serving({"/file": [Answer(BODY)]}) as server:
        assert download(f"{server.url}/file", tmp_path / "got", network=QUICK) == SHA256
    assert (tmp_path / "got").read_bytes() == BODY
    assert names(tmp_path) == ["got"]


def test_an_empty_file_is_a_file(tmp_path):
    with serving({"/file": [Answer(b"")]}) as server:
        download(f"{server.url}/file", tmp_path / "got", network=QUICK)
    assert (tmp_path / "got").read_bytes() == b""


def test_a_server_that_fails_at_first_is_asked_again(tmp_path, capsys):
    with serving({"/file": [Answer(status=500), Answer(status=503), Answer(BODY)]}) as server:
        assert download(f"{server.url}/file", tmp_path / "got", SHA256, network=QUICK) == SHA256
        assert len(server.asked) == 3
    assert "500" in capsys.readouterr().err


def test_the_pause_between_attempts_doubles(tmp_path, monkeypatch):
    pauses = []
    monkeypatch.setattr(time, "sleep", pauses.append)
    network = Network(attempts=4, pause=1.0, connect=0.5, read=0.5)
    with pytest.raises(UnobtainableError):
        download(f"{closed_url()}/file", tmp_path / "got", network=network)
    assert pauses == [1.0, 2.0, 4.0]


def test_half_a_file_is_continued_where_it_broke_off(tmp_path):
    with serving({"/file": [Answer(BODY, sent=HALF), Answer(BODY)]}) as server:
        assert download(f"{server.url}/file", tmp_path / "got", SHA256, network=QUICK) == SHA256
        assert server.asked == [("/file", None), ("/file", f"bytes={HALF}-")]
    assert (tmp_path / "got").read_bytes() == BODY


def test_a_server_without_ranges_sends_the_file_from_the_start(tmp_path):
    with serving({"/file": [Answer(BODY, sent=HALF), Answer(BODY, ranges=False)]}) as server:
        assert download(f"{server.url}/file", tmp_path / "got", SHA256, network=QUICK) == SHA256
    assert (tmp_path / "got").read_bytes() == BODY


def test_half_a_file_is_not_continued_where_no_digest_could_tell_that_it_changed(tmp_path):
    with serving({"/file": [Answer(BODY, sent=HALF), Answer(BODY)]}) as server:
        download(f"{server.url}/file", tmp_path / "got", network=QUICK)
        assert server.asked == [("/file", None), ("/file", None)]


def test_a_file_that_changed_while_it_was_continued_is_fetched_from_the_start(tmp_path):
    other = b"x" * len(BODY)
    with serving({"/file": [Answer(other, sent=HALF), Answer(BODY), Answer(BODY)]}) as server:
        assert download(f"{server.url}/file", tmp_path / "got", SHA256, network=QUICK) == SHA256
        assert [wanted for _, wanted in server.asked] == [None, f"bytes={HALF}-", None]


def test_a_download_that_was_killed_is_continued_by_the_next(tmp_path):
    (tmp_path / "got.part").write_bytes(BODY[:HALF])
    with serving({"/file": [Answer(BODY)]}) as server:
        assert download(f"{server.url}/file", tmp_path / "got", SHA256, network=QUICK) == SHA256
        assert server.asked == [("/file", f"bytes={HALF}-")]
    assert names(tmp_path) == ["got"]


def test_a_remainder_that_is_longer_than_the_file_is_thrown_away(tmp_path):
    (tmp_path / "got.part").write_bytes(BODY + b"more")
    with serving({"/file": [Answer(status=416), Answer(BODY)]}) as server:
        assert download(f"{server.url}/file", tmp_path / "got", SHA256, network=QUICK) == SHA256


def test_a_body_that_always_ends_early_is_an_error_and_leaves_nothing(tmp_path):
    with (
        serving({"/file": [Answer(BODY, sent=HALF, ranges=False)]}) as server,
        pytest.raises(UnobtainableError, match=r"/file: .*ended .*3 attempts.*REPROSE_MIRROR"),
    ):
        download(f"{server.url}/file", tmp_path / "got", SHA256, network=QUICK)
    assert names(tmp_path) == []


def test_a_stalled_server_is_an_error_in_finite_time(tmp_path):
    started = time.monotonic()
    with (
        serving({"/file": [Answer(BODY, sent=10, stalls=True, ranges=False)]}) as server,
        pytest.raises(UnobtainableError, match="stalled"),
    ):
        download(f"{server.url}/file", tmp_path / "got", network=Network(3, 0.01, 5, read=0.2))
    assert time.monotonic() - started < 4  # the server would stall for 5
    assert names(tmp_path) == []


def test_a_server_that_drips_counts_as_stalled(tmp_path):
    with (
        serving({"/file": [Answer(BODY[:200], drips=True)]}) as server,
        pytest.raises(UnobtainableError, match=r"stalled: \d+ bytes"),
    ):
        download(f"{server.url}/file", tmp_path / "got", network=Network(1, 0.01, 5, read=0.2, slowest=1000))


def test_a_missing_file_is_asked_for_once(tmp_path):
    with serving({}) as server:
        with pytest.raises(AbsentError, match=r"/file: the server answered 404"):
            download(f"{server.url}/file", tmp_path / "got", network=QUICK)
        assert len(server.asked) == 1


def test_a_closed_port_is_an_error_that_names_the_mirror(tmp_path):
    url = f"{closed_url()}/file"
    with pytest.raises(UnobtainableError, match=r"connection refused \(3 attempts\).*REPROSE_MIRROR") as caught:
        download(url, tmp_path / "got", network=QUICK)
    assert url in str(caught.value)


def test_an_address_that_is_none_is_an_error(tmp_path):
    with pytest.raises(UnobtainableError, match="htp://nowhere"):
        download("htp://nowhere", tmp_path / "got", network=QUICK)


@pytest.mark.parametrize("digests", [{"sha256": "0" * 64}, {"md5": "0" * 32}])
def test_wrong_bytes_are_an_error_with_both_digests(tmp_path, digests):
    kind, expected = next(iter(digests.items()))
    found = hashlib.new(kind, BODY).hexdigest()
    with (
        serving({"/file": [Answer(BODY)]}) as server,
        pytest.raises(ReproseError, match=rf"'got' from {server.url}/file: .*{found}, expected {expected}"),
    ):
        download(f"{server.url}/file", tmp_path / "got", **digests, network=QUICK)
    assert names(tmp_path) == []


def test_a_body_beyond_the_limit_is_refused(tmp_path):
    with serving({"/file": [Answer(BODY)]}) as server, pytest.raises(ReproseError, match="more than 1,000 bytes"):
        download(f"{server.url}/file", tmp_path / "got", network=Network(limit=1000))
    assert names(tmp_path) == []


def test_a_compressed_file_is_stored_as_it_is_even_if_the_server_labels_it_as_encoded(tmp_path):
    packed = gzip.compress(BODY)
    with serving({"/file.gz": [Answer(packed, encoding="gzip")]}) as server:
        download(f"{server.url}/file.gz", tmp_path / "got", network=QUICK)
    assert (tmp_path / "got").read_bytes() == packed


def test_a_folder_that_cannot_be_written_is_an_error_that_names_it(tmp_path):
    with serving({"/file": [Answer(BODY)]}) as server, pytest.raises(ReproseError, match=r"absent/got\.part"):
        download(f"{server.url}/file", tmp_path / "absent" / "got", network=QUICK)


def test_progress_is_a_line_for_every_tenth_where_nobody_watches(capsys):
    with progress("http://host/u.data", 0, 1000) as advance:
        for _ in range(100):
            advance(10)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 10
    assert lines[-1].startswith("u.data: 100 %")


def test_progress_is_a_bar_on_a_terminal(monkeypatch, capsys):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    with progress("http://host/u.data", 0, 1000) as advance:
        advance(1000)
    assert "u.data" in capsys.readouterr().err


def test_a_server_is_asked_for_headers_only_and_says_what_it_lacks():
    with serving({"/file": [Answer(BODY)], "/forbids": [Answer(status=403)]}) as server:
        assert refusal(f"{server.url}/file", QUICK) is None
        assert refusal(f"{server.url}/forbids", QUICK) is None  # may refuse this kind of request only
        assert "404" in refusal(f"{server.url}/absent", QUICK)
    assert refusal(f"{closed_url()}/file", QUICK) == "connection refused"


def test_what_ctrl_c_leaves_is_kept_for_the_next_call(tmp_path, monkeypatch):
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("reprose.data.download.verify", interrupt)
    with serving({"/file": [Answer(BODY)]}) as server, pytest.raises(KeyboardInterrupt):
        download(f"{server.url}/file", tmp_path / "got", SHA256, network=QUICK)
    assert names(tmp_path) == ["got.part"]
