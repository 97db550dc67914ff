"""A page whose look was changed in any way has another digest; one that was only packed otherwise has the same."""

import json
from io import BytesIO

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String

from reprose.base.errors import ReproseError
from reprose.document.attachments import attach, page_digests, read_attached


def document():
    """Return a document of two pages with a font, a picture, a link from one to the other."""
    made = pikepdf.new()
    widths = Array([500] * 10)
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Times, FirstChar=48, LastChar=57, Widths=widths)
    font.Encoding = Dictionary(Differences=Array([48, Name.zero, Name.one]))
    fonts = made.make_indirect(font)
    for text in (b"BT /F 9 Tf (0.912) Tj ET", b"BT /F 9 Tf (0.5) Tj ET"):
        page = made.add_blank_page(page_size=(200, 200))
        page.Contents = made.make_stream(text)
        page.Resources = Dictionary(Font=Dictionary(F=fonts))
    link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 9, 9]), Dest=Array([made.pages[1].obj]))
    made.pages[0].Annots = made.make_indirect(Array([link]))
    return made


def cover(made):
    """Lay a note with another number over a page."""
    drawn = made.make_stream(b"BT /F 9 Tf (0.999) Tj ET", Type=Name.XObject, Subtype=Name.Form)
    drawn.BBox = Array([0, 0, 90, 20])
    note = Dictionary(Type=Name.Annot, Subtype=Name.FreeText, Rect=Array([0, 0, 90, 20]), AP=Dictionary(N=drawn))
    made.pages[0].Annots.append(note)


def encode(made):
    made.pages[0].Resources.Font.F.Encoding.Differences[1] = Name.nine


def widen(made):
    made.pages[0].Resources.Font.F.Widths[2] = 0


def turn(made):
    made.pages[0].Rotate = 180


def crop(made):
    made.pages[0].CropBox = Array([0, 0, 9, 9])


def lead_elsewhere(made):
    made.pages[0].Annots[0].A = Dictionary(S=Name.URI, URI=String("https://example.org"))


def hide(made):
    made.Root.OCProperties = Dictionary(D=Dictionary(BaseState=Name.OFF))


def make_transparent(made):
    made.pages[0].Resources.ExtGState = Dictionary(G=Dictionary(ca=0))


def write(made):
    made.pages[0].Contents = made.make_stream(b"BT /F 9 Tf (0.913) Tj ET")


@pytest.mark.parametrize(
    "change",
    [cover, encode, widen, turn, crop, lead_elsewhere, hide, make_transparent, write],
    ids=lambda f: f.__name__,
)
def test_a_page_that_looks_otherwise_is_found(change):
    buffer = BytesIO()
    document().save(buffer)
    pdf, _ = attach(buffer.getvalue(), b"[]")
    with pikepdf.open(BytesIO(pdf)) as made:
        change(made)
        altered = BytesIO()
        made.save(altered)
    assert 1 in read_attached(altered.getvalue(), "x.pdf").altered_pages


def test_a_page_that_is_packed_otherwise_is_the_same():
    buffer = BytesIO()
    document().save(buffer)
    pdf, count = attach(buffer.getvalue(), b"[]")
    with pikepdf.open(BytesIO(pdf)) as made:
        packed = BytesIO()
        made.save(packed, linearize=True, object_stream_mode=pikepdf.ObjectStreamMode.disable, compress_streams=False)
    read = read_attached(packed.getvalue(), "x.pdf")
    assert (count, read.altered_pages) == (2, [])
    assert len(set(read.pages)) == 2


def test_pages_that_are_taken_out_put_in_or_put_in_another_order_are_found():
    buffer = BytesIO()
    document().save(buffer)
    pdf, _ = attach(buffer.getvalue(), b"[]")
    for change in (
        lambda pages: pages.reverse(),
        lambda pages: pages.append(pages[0]),
        lambda pages: pages.remove(p=1),
    ):
        with pikepdf.open(BytesIO(pdf)) as made:
            change(made.pages)
            altered = BytesIO()
            made.save(altered)
        assert read_attached(altered.getvalue(), "x.pdf").altered_pages


def test_what_refers_to_itself_is_walked_once():
    made = document()
    made.pages[0].Resources.Font.F.Own = made.pages[0].Resources.Font.F
    assert len(page_digests(made)) == 2


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"name": "a", "key": {}, "inputs": {}, "outputs": {}, "key_digest": ""},
        {"name": "a", "key": {"outputs": {"provenance": "x"}}, "inputs": [], "outputs": {}, "key_digest": ""},
        {
            "name": "a",
            "key": {"outputs": {"provenance": "x"}, "inputs": 1},
            "inputs": {},
            "outputs": {},
            "key_digest": "",
        },
        {"name": "a", "key": {"outputs": {"provenance": "x"}}, "inputs": {"y": 1}, "outputs": {}, "key_digest": ""},
    ],
)
def test_records_that_are_damaged_are_told_in_words(record):
    buffer = BytesIO()
    document().save(buffer)
    pdf, _ = attach(buffer.getvalue(), json.dumps([record]).encode())
    with pytest.raises(ReproseError, match="x.pdf: no records are attached to it that can be read"):
        read_attached(pdf, "x.pdf")
