"""What a PDF carries of its origin: the record of every job behind it, and a digest of each of its pages."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
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
MADE = ("data", "results")  # folders of what jobs leave; in them, one for each tier
ASIDE = {"/Parent", "/P", "/StructParent", "/StructParents", "/Metadata", "/PieceInfo", "/LastModified"}  # draw nothing
PACKING = {"/Length", "/Filter", "/DecodeParms"}  # how a stream is kept, not what it holds
DRAWN = ("/MediaBox", "/CropBox", "/Rotate", "/UserUnit", "/Annots", "/Group")  # beside contents and resources
OF_ALL = ("/OCProperties", "/AcroForm")  # of the document: what is shown and hidden, and fields to fill in


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
            kept = tuple(f"{folder}/{record.key.get('tier')}/" for folder in MADE)
            odd += [record.name for path in record.inputs if path.startswith(kept) and path not in made]
            odd += [record.name] if set(record.inputs) != set(_inputs(record)) else []
        return list(dict.fromkeys(odd))


def attach(pdf: bytes, records: bytes) -> tuple[bytes, int]:
    """Return `pdf` with the records and the digests of its pages attached, and the number of its pages."""
    with pikepdf.open(BytesIO(pdf)) as document:
        pages = json.dumps(page_digests(document), indent=1).encode()
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
            pages = page_digests(document)
        records = [Record(**{name: item[name] for name in item if name != "key_digest"}) for item in told[RECORDS]]
        _check(records)
        return Attached(records, [item["key_digest"] for item in told[RECORDS]], pages, list(told[PAGES]))
    except pikepdf.PdfError as error:
        raise ReproseError(f"{where}: not readable as a PDF: {error}") from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ReproseError(
            f"{where}: no records are attached to it that can be read, so nothing can be told of its origin."
        ) from error


def _check(records: Iterable[Record]) -> None:
    """Raise an error of Python where a record lacks what all records hold."""
    for record in records:
        str(record.key["outputs"]["provenance"])
        for path, digest in (
            *record.inputs.items(),
            *record.outputs.items(),
            *((path, "") for path in _inputs(record)),
        ):
            path.encode(), digest.encode()


def page_digests(document: pikepdf.Pdf) -> list[str]:
    """Return the SHA-256 of what each page draws: its content, and all that this refers to, such as fonts and notes."""
    streams: dict[tuple[int, int], str] = {}
    return [_page_digest(page, document.Root, streams) for page in document.pages]


def _page_digest(page: pikepdf.Page, root: pikepdf.Object, streams: dict[tuple[int, int], str]) -> str:
    contents = page.obj.get("/Contents", pikepdf.Array())
    drawn = contents if isinstance(contents, pikepdf.Array) else [contents]
    shown = {**{name: page.obj.get(name) for name in DRAWN}, **{name: root.get(name) for name in OF_ALL}}
    seen: dict[tuple[int, int], int] = {}
    digest = hashlib.sha256()
    for content in drawn:
        digest.update(hashlib.sha256(_content(content)).digest())
    for value in (page.resources, *shown.values()):
        for text in _walk(value, seen, streams):
            digest.update(text.encode() + b"\0")
    return digest.hexdigest()


def _walk(value: Any, seen: dict[tuple[int, int], int], streams: dict[tuple[int, int], str]) -> Iterator[str]:
    """Yield what an object holds and refers to, each referred to once; `streams` keeps the digests of streams."""
    if isinstance(value, pikepdf.Object) and value.is_indirect:
        known = len(seen)
        if seen.setdefault(value.objgen, known) != known:
            yield f"@{seen[value.objgen]}"
            return
    if isinstance(value, pikepdf.Array):
        yield "["
        for item in value:
            yield from _walk(item, seen, streams)
        yield "]"
    elif isinstance(value, pikepdf.Dictionary | pikepdf.Stream):
        yield from _walk_table(value, seen, streams)
    elif isinstance(value, Decimal):
        yield f"{value.normalize():f}"
    else:
        yield bytes(value).hex() if isinstance(value, pikepdf.String) else str(value)


def _walk_table(value: Any, seen: dict[tuple[int, int], int], streams: dict[tuple[int, int], str]) -> Iterator[str]:
    if value.get("/Type") == "/Page":  # where a link leads
        yield "page"
        return
    names = {*value.keys()} - ASIDE
    if isinstance(value, pikepdf.Stream):
        if value.objgen not in streams:
            streams[value.objgen] = hashlib.sha256(_content(value)).hexdigest()
        yield streams[value.objgen]
        names -= PACKING
    yield "<"
    for name in sorted(names):
        yield name
        yield from _walk(value[name], seen, streams)
    yield ">"


def _content(stream: Any) -> bytes:
    try:
        return stream.read_bytes()
    except pikepdf.PdfError:  # a picture in a format of its own
        return stream.read_raw_bytes()


def _inputs(record: Record) -> list[str]:
    return [path for paths in record.key.get("inputs", {}).values() for path in paths]
