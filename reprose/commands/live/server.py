"""Serves the pages to browsers on this machine, each with a script that follows what is built."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from reprose.base.errors import ReproseError
from reprose.commands.live.pages import Pages, digest

ADDRESS = "127.0.0.1"
OWN_NAMES = (ADDRESS, "localhost")  # by others, a page of the network could have been led here
USUAL_PORT = 8765
SCRIPT = Path(__file__).with_name("follow.js")
BEAT = 10.0  # seconds after which a browser that has heard nothing is sent a sign of life
TYPES = {".html": "text/html; charset=utf-8", ".pdf": "application/pdf", ".js": "text/javascript; charset=utf-8"}
BARE = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>
<style>:root {{ color-scheme: light dark }} body {{ font: 17px/1.5 system-ui, sans-serif; margin: 3rem }}</style></head>
<body><main><h1>{title}</h1>
{body}
</main></body>
</html>
"""


@contextmanager
def serving(pages: Pages, port: int | None) -> Iterator[str]:
    """Serve the pages until the block ends; give their address. Without a `port`: the usual one, or any."""
    server = _server(pages, port)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://{ADDRESS}:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def page_of(pages: Pages, name: str) -> str:
    """Return the page of a handout with the script that follows it; before it is built, a page that says so."""
    built = pages.files.get(f"{name}.html")
    text = built.decode() if built else BARE.format(title=name, body="<p>Not built yet.</p>")
    return with_script(text, name, digest(built))


def contents(pages: Pages) -> str:
    """Return a page that lists the handouts."""
    rows = "\n".join(
        f'<li><a href="/{name}.html">{name}</a> (<a href="/{name}.pdf">PDF</a>)</li>' for name in pages.names
    )
    return with_script(BARE.format(title="Handouts", body=f"<ul>\n{rows}\n</ul>"), "", "")


def with_script(text: str, name: str, digest: str) -> str:
    """Return a page with the script at its end; it knows which page it follows, and the digest of what it shows."""
    script = f'<script src="/{SCRIPT.name}" data-name="{name}" data-digest="{digest}"></script>\n'
    before, mark, after = text.rpartition("</body>")
    return f"{before}{script}{mark}{after}" if mark else text + script


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # those that listen never end by themselves

    def server_bind(self) -> None:
        socketserver.TCPServer.server_bind(self)  # without a question to a name server
        self.server_name, self.server_port = self.server_address[:2]

    def handle_error(self, *_: object) -> None:
        """Say nothing of a browser that went away."""


def _server(pages: Pages, port: int | None) -> _Server:
    class Handler(_Handler):
        shown = pages

    try:
        return _Server((ADDRESS, port or USUAL_PORT), Handler)
    except (OSError, OverflowError) as error:
        if port:
            raise ReproseError(f"--port {port}: {error}. Take another, or leave it out.") from error
        return _Server((ADDRESS, 0), Handler)


class _Handler(BaseHTTPRequestHandler):
    shown: Pages

    def do_GET(self) -> None:
        """Answer with a page, a PDF, the script, or what happens from now on."""
        if urlsplit(f"//{self.headers.get('Host', '')}").hostname not in OWN_NAMES:
            return self.send_error(HTTPStatus.FORBIDDEN)
        name, _, kind = urlsplit(self.path).path.removeprefix("/").rpartition(".")
        if self.path == "/events":
            return self._follow()
        if self.path == f"/{SCRIPT.name}":
            return self._send(SCRIPT.read_bytes(), ".js")
        if self.path == "/":
            return self._send(contents(self.shown).encode(), ".html")
        if name not in self.shown.names or f".{kind}" not in TYPES:
            return self.send_error(HTTPStatus.NOT_FOUND)
        if kind == "html":
            return self._send(page_of(self.shown, name).encode(), ".html")
        made = self.shown.files.get(f"{name}.{kind}")
        return self._send(made, f".{kind}") if made else self.send_error(HTTPStatus.NOT_FOUND)

    def log_message(self, *_: object) -> None:
        """Keep the terminal for the builds."""

    def _send(self, content: bytes, kind: str) -> None:
        self._head(TYPES[kind])
        self.wfile.write(content)

    def _head(self, kind: str) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", kind)
        self.send_header("Cache-Control", "no-store")
        self.end_headers()

    def _follow(self) -> None:
        """Send how things stand, and each change of it, until the browser goes away."""
        self._head("text/event-stream")
        self.wfile.write(b"retry: 1000\n\n")
        with self.shown.listening():
            while True:
                number, told = self.shown.event()
                self.wfile.write(f"data: {told}\n\n".encode())
                while not self.shown.wait(number, BEAT):
                    self.wfile.write(b": still here\n\n")
