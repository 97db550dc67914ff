"""The beginning of a file that is being downloaded: its bytes so far, and whether they can be continued."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

import requests

from reprose.data.archives import matches

BLOCK = 1 << 16  # bytes read at once
HEAD = 1024  # bytes kept to tell a web page from a file


class Part:
    """The beginning of a file, with the digests of its bytes so far.

    It can be continued where a digest of the whole is known, or else the version that the server names: a strong ETag
    or a date. That version is kept beside the part, for the next call.
    """

    def __init__(self, path: Path, expected: Mapping[str, str]) -> None:
        self.path = path
        self.label = path.with_name(f"{path.name}.version")
        self.expected = {kind: digest for kind, digest in expected.items() if digest}
        self.origin = ""  # the address that sent it, after redirects
        self.measured = True  # whether the server said in any way how long its answer is
        self.clear()
        if not self.known and self.label.exists():
            self.version = self.label.read_text(encoding="utf-8")
        if self.resumable and path.exists():  # left by an earlier call
            self.inherit()

    @property
    def known(self) -> bool:
        """Return whether a digest of the whole file is known."""
        return bool(self.expected)

    @property
    def resumable(self) -> bool:
        """Return whether the bytes so far can be continued."""
        return self.known or bool(self.version)

    def clear(self) -> None:
        """Forget all bytes."""
        self.size, self.head, self.resumed, self.version = 0, b"", False, ""
        self.digests = {"sha256": hashlib.sha256(), "md5": hashlib.md5(usedforsecurity=False)}

    def restart(self) -> None:
        """Forget all bytes, and what version they are of."""
        self.clear()
        self.label.unlink(missing_ok=True)

    def begin(self, response: requests.Response) -> None:
        """Start anew with an answer that sends the whole file."""
        self.restart()
        tag = response.headers.get("ETag", "")
        version = tag if tag.startswith('"') else response.headers.get("Last-Modified", "")
        if version and not self.known:
            self.label.write_text(version, encoding="utf-8")
            self.version = version

    def delete(self) -> None:
        """Delete what stands on the disk."""
        self.path.unlink(missing_ok=True)
        self.label.unlink(missing_ok=True)

    def inherit(self) -> None:
        """Take over the bytes that the file already has."""
        with open(self.path, "rb") as file:
            while block := file.read(BLOCK):
                self.add(block)

    def add(self, block: bytes) -> None:
        """Count `block` into size and digests."""
        self.size += len(block)
        self.head += block[: HEAD - len(self.head)]
        for digest in self.digests.values():
            digest.update(block)

    def request(self) -> dict[str, str]:
        """Return the headers that ask for what is lacking, if the file there is still the same."""
        if not self.size:
            return {}
        return {"Range": f"bytes={self.size}-"} | ({"If-Range": self.version} if self.version else {})

    def continues(self, content_range: str) -> bool:
        """Return whether an answer with this header goes on where the bytes end; one without it is believed."""
        return not content_range or content_range.startswith(f"bytes {self.size}-")

    def digest(self, kind: str) -> str:
        """Return the digest of the bytes so far; `kind` is 'sha256' or 'md5'."""
        return self.digests[kind].hexdigest()

    def wrong_digests(self) -> list[tuple[str, str, str]]:
        """Return kind, found and expected of each digest that the bytes do not have."""
        told = [(kind, self.digest(kind), expected) for kind, expected in self.expected.items()]
        return [entry for entry in told if not matches(*entry[1:])]
