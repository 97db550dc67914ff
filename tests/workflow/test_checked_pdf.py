"""A PDF is checked against what is attached to it, and against what a checkout makes."""

import json
import shutil
from io import BytesIO

import pikepdf
import pytest

pytestmark = pytest.mark.workflow
PDF = "results/sample/handouts/toy.pdf"


def verify(project, pdf, *options):
    return project.run(project.reprose("verify", str(pdf), *options), check=False)


def altered(pdf, change, folder):
    """Return a PDF like another one, with a change."""
    with pikepdf.open(BytesIO(pdf)) as document:
        change(document)
        document.save(folder / "altered.pdf")
    return folder / "altered.pdf"


def change_a_number(document):
    """Print another digit on the first page that has one."""
    for page in document.pages:
        page.contents_coalesce()
        content = page.Contents.read_bytes()
        if b"(" in content:
            page.Contents = document.make_stream(content.replace(b"(", b"(1", 1))
            return
    raise AssertionError("no text")


def attachment(document, name):
    return json.loads(document.attachments[name].get_file().read_bytes())


def attach(document, name, told):
    content = json.dumps(told).encode()
    document.attachments[name] = pikepdf.AttachedFileSpec(document, content, filename=name)


def change_a_record(document):
    records = attachment(document, "provenance.json")
    chosen = next(record for record in records if record["name"] == "toy/plain/choose")
    chosen["outputs"] = dict.fromkeys(chosen["outputs"], "0" * 64)
    attach(document, "provenance.json", records)


def change_a_key(document):
    records = attachment(document, "provenance.json")
    next(record for record in records if record["name"] == "toy/plain/choose")["key"]["select"]["better"] = "higher"
    attach(document, "provenance.json", records)


def change_a_number_and_its_digest(document):
    from reprose.document.attachments import page_digests

    change_a_number(document)
    attach(document, "pages.json", page_digests(document))


def take_a_record_out(document):
    records = attachment(document, "provenance.json")
    attach(document, "provenance.json", [record for record in records if record["name"] != "toy/plain/choose"])


def take_the_last_record_out(document):
    records = attachment(document, "provenance.json")
    attach(document, "provenance.json", [record for record in records if record["name"] != "toy/write"])


def test_a_pdf_as_it_was_built_is_right(built, tmp_path):
    shutil.copy(built.folder / PDF, tmp_path / "of a reader.pdf")
    told = verify(built, tmp_path / "of a reader.pdf")
    assert told.code == 0, told.text
    assert "pages: as they were typeset" in told.text and "byte for byte what this checkout makes" in told.text


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (change_a_number, "not as they were typeset: "),
        (change_a_number_and_its_digest, "another one than this checkout makes of the same results"),
        (change_a_record, "records: contradict each other: "),
        (change_a_key, "records: contradict each other: toy/plain/choose"),
        (take_a_record_out, "records: contradict each other: toy/plain/evaluate"),
        (take_the_last_record_out, "another one than this checkout makes of the same results"),
    ],
)
def test_what_was_altered_is_found(built, tmp_path, change, message):
    told = verify(built, altered(built.read(PDF), change, tmp_path))
    assert (told.code, message in told.text) == (1, True), told.text


def test_what_this_checkout_cannot_tell_is_said(built, fresh, tmp_path):
    shutil.copy(built.folder / PDF, tmp_path / "toy.pdf")
    told = verify(fresh, tmp_path / "toy.pdf")
    assert told.code == 2
    assert "17 of 17" in told.text or "keys: " in told.text
    assert "not built here, or not up to date" in told.text
    fresh.edit("config.yaml", "decay: 0.0", "decay: 0.25")
    told = verify(fresh, tmp_path / "toy.pdf")
    assert told.code == 2
    assert "decay" in told.text


def test_jobs_of_a_pdf_are_run_again(built, toy):
    told = verify(toy, built.folder / PDF, "--recompute", "2")
    assert told.code == 0, told.text
    assert "recomputed: 2 of 2 jobs made the same bytes again" in told.text


def test_what_is_wrong_in_one_of_several_pdfs_is_the_status(built, fresh, tmp_path):
    tampered, whole = altered(built.read(PDF), change_a_number, tmp_path), built.folder / PDF
    told = verify(fresh, whole, str(tampered))
    assert told.code == 1, told.text
    mixed = verify(fresh, whole, "toy")
    assert "Name either these or those" in mixed.text
    assert "'-1', allowed: 1, 2, ... or all" in verify(fresh, whole, "--recompute=-1").text


def test_a_file_that_is_no_handout_cannot_be_told_of(built, tmp_path):
    (tmp_path / "no.pdf").write_bytes(b"nothing")
    told = verify(built, tmp_path / "no.pdf")
    assert (told.code, "not readable as a PDF" in told.text) == (2, True)
    with pikepdf.new() as empty:
        empty.add_blank_page()
        empty.save(tmp_path / "plain.pdf")
    assert "no records are attached" in verify(built, tmp_path / "plain.pdf").text
    assert "no such file" in verify(built, tmp_path / "none.pdf").text
