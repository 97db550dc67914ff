import http.client
import json
from urllib.parse import urlsplit

import pytest

from reprose.base.errors import ReproseError
from reprose.commands.live.pages import BUILDING, BUILT, FAILED, Pages
from reprose.commands.live.server import serving

PAGE = "<html><body><p>At most 3 errors.</p></body></html>"


@pytest.fixture
def pages(tmp_path):
    """The pages of a handout that is built, and of one that is not."""
    (tmp_path / "line.html").write_text(PAGE)
    (tmp_path / "line.pdf").write_bytes(b"%PDF-1.5")
    (tmp_path / "secret.html").write_text("not a handout")
    pages = Pages(tmp_path)
    pages.take_in(["line", "other"])
    return pages


@pytest.fixture
def address(pages):
    """Where they are served."""
    with serving(pages, None) as address:
        yield address


def answer(address, path, **headers) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
    connection.request("GET", path, headers=headers)
    return connection.getresponse()


def events(response):
    """Yield what an answer that never ends says."""
    for line in response:
        if line.startswith(b"data: "):
            yield json.loads(line.removeprefix(b"data: "))


def test_a_page_is_served_as_it_was_built_with_a_script_at_its_end(address):
    text = answer(address, "/line.html").read().decode()
    before, mark, after = text.partition("<script")
    assert before == PAGE.removesuffix("</body></html>")
    assert 'src="/follow.js" data-name="line"' in after
    assert after.endswith("</body></html>")
    assert b"EventSource" in answer(address, "/follow.js").read()


def test_the_pdf_is_served_beside_the_page(address):
    found = answer(address, "/line.pdf")
    assert (found.read(), found.headers["Content-Type"]) == (b"%PDF-1.5", "application/pdf")


def test_a_handout_that_is_not_built_has_a_page_that_waits_for_it(address):
    assert b"Not built yet" in answer(address, "/other.html").read()
    assert answer(address, "/other.pdf").status == 404


def test_the_first_page_leads_to_all_handouts(address):
    text = answer(address, "/").read().decode()
    assert '"/line.html"' in text
    assert '"/other.html"' in text


@pytest.mark.parametrize(
    "path", ["/secret.html", "/../line.html", "/%2e%2e/config.yaml", "/line.txt", "/line", "/x.js"]
)
def test_nothing_but_handouts_is_served(address, path):
    assert answer(address, path).status == 404


@pytest.mark.parametrize("host", ["example.org", "example.org:8765", "127.0.0.1.example.org", ""])
def test_a_page_of_the_network_that_was_led_here_gets_no_answer(address, host):
    assert answer(address, "/line.html", Host=host).status == 403


def test_a_forwarded_port_gets_an_answer(address):
    assert answer(address, "/line.html", Host="localhost:9000").status == 200


def test_browsers_hear_how_things_stand_and_each_change(pages, address):
    heard = events(answer(address, "/events"))
    first = next(heard)
    assert (first["state"], first["pages"]["other"]) == (BUILDING, "")
    assert first["pages"]["line"] in answer(address, "/line.html").read().decode()
    pages.tell(FAILED, "error: report/problems/line.tex.j2:3: no number")
    assert next(heard)["text"] == "error: report/problems/line.tex.j2:3: no number"
    (pages.folder / "line.html").write_text(PAGE.replace("3", "2"))
    pages.take_in(["line", "other"])
    pages.tell(BUILT)
    last = next(heard)
    assert last["state"] == BUILT
    assert last["pages"]["line"] != first["pages"]["line"]
    assert last["pages"]["line"] in answer(address, "/line.html").read().decode()
    assert pages.readers == 1


def test_a_page_that_a_failed_build_set_aside_is_still_served(pages, address):
    (pages.folder / "line.html").unlink()
    pages.take_in(["line", "other"])
    assert b"At most 3 errors" in answer(address, "/line.html").read()


def test_a_port_that_is_taken_is_told_if_it_was_asked_for(pages, address):
    port = urlsplit(address).port
    with pytest.raises(ReproseError, match=rf"--port {port}: .*in use"), serving(pages, port):
        pass
    with serving(pages, None) as another:
        assert answer(another, "/line.html").status == 200


def test_a_port_that_is_none_is_told(pages):
    with pytest.raises(ReproseError, match="--port 70000: "), serving(pages, 70000):
        pass
