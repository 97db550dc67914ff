"""Downloads from a server on this machine that stalls, breaks off, fails and lies."""

import email.utils
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
PAGE = b"\n<!-- portal -->\n<!DOCTYPE html><html><title>Log in</title></html>"
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


@pytest.mark.parametrize("digest", [SHA256, ""])
def test_a_body_that_always_ends_early_is_an_error_and_leaves_what_can_be_continued(tmp_path, digest):
    with (
        serving({"/file": [Answer(BODY, sent=HALF, ranges=False)]}) as server,
        pytest.raises(UnobtainableError, match=r"/file: .*ended .*3 attempts.*REPROSE_MIRROR"),
    ):
        download(f"{server.url}/file", tmp_path / "got", digest, network=QUICK)
    assert names(tmp_path) == (["got.part"] if digest else [])


@pytest.mark.parametrize("versions", [(), (("ETag", '"1"'),), (("Last-Modified", "Wed, 25 Nov 2026 10:00:00 GMT"),)])
def test_attempts_that_bring_the_file_on_do_not_count(tmp_path, versions):
    sizes = [len(BODY) * tenths // 10 for tenths in range(1, 10)]
    answers = [Answer(BODY, sent=size, headers=versions) for size in sizes]
    with serving({"/file": [*answers, Answer(BODY)]}) as server:
        digest = "" if versions else SHA256
        assert download(f"{server.url}/file", tmp_path / "got", digest, network=QUICK) == SHA256
        assert server.asked == [("/file", f"bytes={size}-" if size else None) for size in (0, *sizes)]
    assert names(tmp_path) == ["got"]


@pytest.mark.parametrize("known", [True, False])
def test_the_next_call_goes_on_where_one_gave_up(tmp_path, known):
    digest, version = (SHA256, ()) if known else ("", (("ETag", '"1"'),))
    answers = [Answer(BODY, sent=HALF, headers=version), *[Answer(status=503)] * 2]
    with serving({"/file": [*answers, Answer(BODY, headers=version)]}) as server:
        with pytest.raises(UnobtainableError, match="answered 503"):
            download(f"{server.url}/file", tmp_path / "got", digest, network=QUICK)
        assert download(f"{server.url}/file", tmp_path / "got", digest, network=QUICK) == SHA256
        assert server.asked[-1] == ("/file", f"bytes={HALF}-")
    assert names(tmp_path) == ["got"]


def test_bytes_that_trickle_in_over_many_attempts_do_count(tmp_path):
    answers = [Answer(BODY, sent=size) for size in range(1, 20)]
    network = Network(attempts=3, pause=0.01, connect=5, read=5, slowest=1e6)
    with serving({"/file": answers}) as server, pytest.raises(UnobtainableError, match="3 attempts"):
        download(f"{server.url}/file", tmp_path / "got", SHA256, network=network)


def test_an_answer_that_goes_on_elsewhere_is_not_joined(tmp_path):
    (tmp_path / "got.part").write_bytes(BODY[:HALF])
    elsewhere = Answer(BODY, status=206, headers=(("Content-Range", f"bytes 0-{HALF}/{len(BODY)}"),), ranges=False)
    with serving({"/file": [elsewhere, Answer(BODY)]}) as server:
        assert download(f"{server.url}/file", tmp_path / "got", SHA256, network=QUICK) == SHA256


@pytest.mark.parametrize("known", [True, False])
def test_a_body_cut_short_whose_length_nobody_told_is_continued(tmp_path, known):
    with serving({"/file": [Answer(BODY, sent=HALF, measured=False), Answer(BODY)]}) as server:
        if known:
            assert download(f"{server.url}/file", tmp_path / "got", SHA256, network=QUICK) == SHA256
            assert server.asked == [("/file", None), ("/file", f"bytes={HALF}-")]
        else:  # nothing could tell; what is in the archive will
            assert download(f"{server.url}/file", tmp_path / "got", network=QUICK) != SHA256


def test_a_pause_that_the_server_asks_for_is_kept(tmp_path, monkeypatch):
    pauses = []
    monkeypatch.setattr(time, "sleep", pauses.append)
    date = email.utils.formatdate(time.time() + 100, usegmt=True)
    asked = [Answer(status=429, headers=(("Retry-After", value),)) for value in ("7", date, "soon")]
    with serving({"/file": [*asked, Answer(BODY)]}) as server:
        download(f"{server.url}/file", tmp_path / "got", network=Network(pause=1.0))
    assert pauses[0] == 7
    assert 95 < pauses[1] <= 100
    assert pauses[2] == 4


def test_a_server_that_asks_for_a_long_pause_is_left(tmp_path):
    answer = Answer(status=503, headers=(("Retry-After", "86400"),))
    with serving({"/file": [answer]}) as server:
        with pytest.raises(UnobtainableError, match="503 .* asks to come back in 86400 s"):
            download(f"{server.url}/file", tmp_path / "got", network=QUICK)
        assert len(server.asked) == 1


@pytest.mark.parametrize("digest", [SHA256, ""])
def test_a_page_to_log_in_is_told_with_the_address_that_it_came_from(tmp_path, digest):
    moved = Answer(status=302, headers=(("Location", "/login?session=geheim"),))
    with serving({"/file": [moved], "/login?session=geheim": [Answer(PAGE)]}) as server:
        with pytest.raises(AbsentError) as caught:
            download(f"{server.url}/file", tmp_path / "got", digest, network=QUICK)
        assert f"/file: a web page (HTML) came instead, from {server.url}/login?session=***" in str(caught.value)
        assert len(server.asked) == 2
    assert "geheim" not in str(caught.value)
    assert names(tmp_path) == []


def test_a_page_to_log_in_does_not_cost_what_is_here(tmp_path):
    (tmp_path / "got.part").write_bytes(BODY[:HALF])
    with serving({"/file": [Answer(PAGE, ranges=False), Answer(BODY)]}) as server:
        with pytest.raises(AbsentError, match="web page"):
            download(f"{server.url}/file", tmp_path / "got", SHA256, network=QUICK)
        assert download(f"{server.url}/file", tmp_path / "got", SHA256, network=QUICK) == SHA256
        assert server.asked[-1] == ("/file", f"bytes={HALF}-")


def test_a_page_that_was_asked_for_is_a_file(tmp_path):
    with serving({"/file": [Answer(PAGE)]}) as server:
        download(f"{server.url}/file", tmp_path / "got", hashlib.sha256(PAGE).hexdigest(), network=QUICK)


def test_no_message_shows_what_is_secret_in_an_address(tmp_path, capsys):
    address = closed_url().replace("://", "://anna:geheim@") + "/file?token=secret&plain"
    with pytest.raises(UnobtainableError) as caught:
        download(address, tmp_path / "got", network=QUICK)
    with progress(address, 0, 10) as advance:
        advance(10)
    told = f"{caught.value} {caught.value.place} {caught.value.reason} {capsys.readouterr().err}"
    assert "/file?token=***&***: connection refused; attempt 2 of 3" in told
    assert "file: 100 %" in told
    assert not [secret for secret in ("anna", "geheim", "secret", "plain") if secret in told]


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
