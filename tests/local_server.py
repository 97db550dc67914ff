"""A web server on this machine that answers as a test tells it to, badly too."""

import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Answer:
    """One answer: the whole body, and what goes wrong with it."""

    body: bytes = b""
    status: int = 200
    sent: int | None = None  # bytes of the body after which the connection closes; None: all
    stalls: bool = False  # keeps the connection open instead of closing it
    drips: bool = False  # sends a byte at a time
    ranges: bool = True  # understands Range
    encoding: str = ""  # label in Content-Encoding
    measured: bool = True  # says how long the body is
    headers: tuple[tuple[str, str], ...] = ()  # further ones


@dataclass
class LocalServer:
    """The answers by path, each list used up in order until its last; and what was asked."""

    answers: dict[str, list[Answer]]
    asked: list[tuple[str, str | None]] = field(default_factory=list)  # (path, Range)
    ended: threading.Event = field(default_factory=threading.Event)
    url: str = ""

    def next_answer(self, path: str) -> Answer:
        """Return the answer to the next request for `path`."""
        waiting = self.answers.get(path, [Answer(status=404)])
        return waiting.pop(0) if len(waiting) > 1 else waiting[0]


def closed_url() -> str:
    """Return an address on this machine that nobody serves."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


@contextmanager
def serving(answers: dict[str, list[Answer]]) -> Iterator[LocalServer]:
    """Serve `answers` on 127.0.0.1 until the block ends."""
    local = LocalServer(answers)

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            respond(self, local, with_body=False)

        def do_GET(self) -> None:
            respond(self, local, with_body=True)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads, server.block_on_close = True, False
    local.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield local
    finally:
        local.ended.set()
        server.shutdown()
        thread.join()
        server.server_close()


def respond(handler: BaseHTTPRequestHandler, local: LocalServer, with_body: bool) -> None:
    """Send the next answer for the handler's path."""
    wanted = handler.headers.get("Range")
    local.asked.append((handler.path, wanted))
    answer = local.next_answer(handler.path)
    begin = int(re.fullmatch(r"bytes=(\d+)-", wanted)[1]) if wanted and answer.ranges else 0
    handler.send_response(206 if begin and answer.status == 200 else answer.status)
    if begin:
        handler.send_header("Content-Range", f"bytes {begin}-{len(answer.body) - 1}/{len(answer.body)}")
    if answer.encoding:
        handler.send_header("Content-Encoding", answer.encoding)
    if answer.measured:
        handler.send_header("Content-Length", str(len(answer.body) - begin))
    for name, value in answer.headers:
        handler.send_header(name, value)
    handler.end_headers()
    if with_body:
        send_body(handler, local, answer, answer.body[begin : answer.sent])


def send_body(handler: BaseHTTPRequestHandler, local: LocalServer, answer: Answer, body: bytes) -> None:
    """Send `body` at once or in drips, then stall if the answer says so."""
    try:
        for at in range(0, len(body), 1 if answer.drips else max(len(body), 1)):
            handler.wfile.write(body[at : at + 1] if answer.drips else body)
            if answer.drips:
                time.sleep(0.02)
            if local.ended.is_set():
                return
        if answer.stalls:
            local.ended.wait(5)
    except (BrokenPipeError, ConnectionResetError):
        pass  # the client gave up, as it should
