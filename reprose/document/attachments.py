"""What a PDF carries of its origin: the record of every job behind it, and a digest of each of its pages."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pikepdf

from reprose.base.errors import ReproseError
from reprose.jobs.record import Record

RECORDS, PAGES = "provenance.json", "pages.json"
DESCRIPTIONS = {
    RECORDS: "one record for each job: key, inputs and outputs by SHA-256",
    PAGES: "the SHA-256 of what each page draws",
}


FONT_FILES = ("/FontFile", "/FontFile2", "/FontFile3")


@dataclass(frozen=True)
class Attached:
    """What a PDF says of itself, and what its pages are."""

    records: list[Record]
    told: list[str]  # the digests of keys, as they stand beside the records
    pages: list[str]  # the digest of each page, as it is
    typeset: list[str]  # and as it was

    @property
    def altered_pages(self) -> list[int]:
        """Return the numbers of the pages that are not as they were typeset, from 1 on."""
        count = max(len(self.pages), len(self.typeset))
        return [number + 1 for number in range(count) if self.pages[number:][:1] != self.typeset[number:][:1]]

    @property
    def altered_records(self) -> list[str]:
        """Return the names of jobs whose records contradict themselves or those of the jobs that they read from."""
        made = {path: digest for record in self.records for path, digest in record.outputs.items()}
        odd = [record.name for record, told in zip(self.records, self.told, strict=True) if told != record.key_digest]
        for record in self.records:
            made_of = {path: digest for path, digest in record.inputs.items() if path in made}
            odd += [record.name for path, digest in made_of.items() if made[path] != digest]
            odd += [record.name] if set(record.inputs) != set(_inputs(record)) else []
        return list(dict.fromkeys(odd))


def attach(pdf: bytes, records: bytes) -> tuple[bytes, int]:
    """Return `pdf` with the records and the digests of its pages attached, and the number of its pages."""
    with pikepdf.open(BytesIO(pdf)) as document:
        pages = json.dumps([page_digest(page) for page in document.pages], indent=1).encode()
        for name, content in ((RECORDS, records), (PAGES, pages)):
            described = {"mime_type": "application/json", "description": DESCRIPTIONS[name]}
            document.attachments[name] = pikepdf.AttachedFileSpec(document, content, filename=name, **described)
        buffer = BytesIO()
        document.save(buffer, deterministic_id=True)
        return buffer.getvalue(), len(document.pages)


def read_attached(pdf: bytes, where: str) -> Attached:
    """Return what is attached to a PDF and what its pages are; a PDF that is none of ours is an error."""
    try:
        with pikepdf.open(BytesIO(pdf)) as document:
            told = {name: json.loads(document.attachments[name].get_file().read_bytes()) for name in (RECORDS, PAGES)}
            pages = [page_digest(page) for page in document.pages]
        records = [Record(**{name: item[name] for name in item if name != "key_digest"}) for item in told[RECORDS]]
        return Attached(records, [item["key_digest"] for item in told[RECORDS]], pages, list(told[PAGES]))
    except pikepdf.PdfError as error:
        raise ReproseError(f"{where}: not readable as a PDF: {error}") from error
    except (KeyError, TypeError, ValueError) as error:
        raise ReproseError(f"{where}: no records are attached to it, so nothing can be told of its origin.") from error


def page_digest(page: pikepdf.Page) -> str:
    """Return the SHA-256 of what a page draws: its content, and the forms, pictures and fonts that this uses."""
    digest = hashlib.sha256()
    for content in _streams(page):
        digest.update(hashlib.sha256(content).digest())
    return digest.hexdigest()


def _streams(page: pikepdf.Page) -> Iterator[bytes]:
    contents = page.obj.get("/Contents", pikepdf.Array())
    for stream in contents if isinstance(contents, pikepdf.Array) else [contents]:
        yield _content(stream)
    yield from _resources(page.resources, set())


def _resources(resources: Any, seen: set[tuple[int, int]]) -> Iterator[bytes]:
    for name, form in sorted(dict(resources.get("/XObject", {})).items()):
        yield name.encode()
        if form.objgen not in seen:
            seen.add(form.objgen)
            yield _content(form)
            yield from _resources(form.get("/Resources", {}), seen)
    for name, font in sorted(dict(resources.get("/Font", {})).items()):
        yield name.encode()
        for part in (font, *font.get("/DescendantFonts", [])):
            described = part.get("/FontDescriptor", {})
            yield from (_content(described[file]) for file in FONT_FILES if file in described)


def _content(stream: Any) -> bytes:
    try:
        return stream.read_bytes()
    except pikepdf.PdfError:  # a picture in a format of its own
        return stream.read_raw_bytes()


def _inputs(record: Record) -> list[str]:
    return [path for paths in record.key.get("inputs", {}).values() for path in paths]
