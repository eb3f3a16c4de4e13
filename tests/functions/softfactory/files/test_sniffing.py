"""What a file is by its content: the types that are kept, what looks like one and is another, and what is none."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softfactory.files.kinds import KINDS, announced
from softfactory.files.sniffing import HEAD, Sample, recognise
from tests.functions.softfactory.files.samples import (
    HTML,
    PDF,
    SVG,
    animation,
    archive,
    compound,
    document,
    film,
    picture,
)

OFFICE = "application/vnd.openxmlformats-officedocument."


def named(content: bytes, name: str = "file") -> str | None:
    found = recognise(Sample.of(content), name)
    return found.media_type if found else None


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (picture("JPEG"), "image/jpeg"),
        (picture("PNG"), "image/png"),
        (picture("WEBP"), "image/webp"),
        (picture("BMP"), "image/bmp"),
        (picture("TIFF"), "image/tiff"),
        (animation(), "image/gif"),
        (film(b"avif", b"mif1"), "image/avif"),
        (film(b"mif1", b"avifheic"), "image/avif"),
        (film(b"heic"), "image/heic"),
        (film(), "video/mp4"),
        (film(b"zzzz", b"avc1isom"), "video/mp4"),
        (film(b"qt  "), "video/quicktime"),
        (film(b"3gp5"), "video/3gpp"),
        (b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\x82\x84webm", "video/webm"),
        (b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\x82\x88matroska", "video/x-matroska"),
        (b"OggS\0\x02" + b"\0" * 22 + b"\x80theora", "video/ogg"),
        (b"RIFF\x24\0\0\0AVI LIST", "video/x-msvideo"),
        (b"\0\0\x01\xba!", "video/mpeg"),
        (PDF, "application/pdf"),
        (b"{\\rtf1 a}", "application/rtf"),
        (document(), OFFICE + "wordprocessingml.document"),
        (document("xl/workbook.xml"), OFFICE + "spreadsheetml.sheet"),
        (document("ppt/presentation.xml"), OFFICE + "presentationml.presentation"),
        (archive(first=("mimetype", "application/vnd.oasis.opendocument.text")),
         "application/vnd.oasis.opendocument.text"),
        (archive(first=("mimetype", "application/epub+zip")), "application/epub+zip"),
        (archive(first=("mimetype", "application/hwp+zip")), "application/hwp+zip"),
        (compound("WordDocument"), "application/msword"),
        (compound("Workbook"), "application/vnd.ms-excel"),
        (compound("HwpSummaryInformation"), "application/x-hwp"),
        (SVG, "image/svg+xml"),
        (b'\xef\xbb\xbf<?xml version="1.0"?>\n<!-- a --><!DOCTYPE svg [<!ENTITY a "b">]>\n<svg:svg/>', "image/svg+xml"),
        (HTML, "text/html"),
        (b"  \n<!-- a comment --><p>", "text/html"),
        (b"<script>alert(1)</script>", "text/html"),
        ("<!doctype html><p>".encode("utf-16"), "text/html"),
        (b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"/>', "text/html"),
        (b'<?xml version="1.0"?><feed/>', "application/xml"),
        ("안녕하세요".encode(), "text/plain"),
        ("안녕하세요, 매출".encode("cp949"), "text/plain"),
        (b"BMW is a car", "text/plain"),
        (b"a < b", "text/plain"),
    ],
)  # fmt: skip
def test_a_file_is_what_its_content_says(content: bytes, media_type: str) -> None:
    assert named(content, "photo.exe") == media_type


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x7fELF\x02\x01\x01\0",
        b"MZ\x90\0\x03\0\0\0",
        archive("AndroidManifest.xml", "classes.dex"),
        archive("readme.txt"),
        archive("word/document.xml"),
        archive(first=("mimetype", "application/java-archive")),
        compound("MsiInstaller"),
        film(b"M4A "),
        film(b"crx ", b"crx isom"),
        film(b"jp2 ", b"jp2 "),
        b"ID3\x03\0\0\0",
        b"RIFF\x24\0\0\0WAVEfmt ",
        b"text and then\0binary",
        b"OggS\0\x02" + b"\0" * 22 + b"OpusHead",
        b"\x1aE\xdf\xa3\x9f",
        b"\x1f\x8b\x08\0",
    ],
)
def test_what_is_no_picture_film_or_document_is_none(content: bytes) -> None:
    assert named(content, "file.png") is None


def test_a_polyglot_is_what_it_begins_as() -> None:
    assert named(b"GIF89a/*" + b"\0" * 20 + b"*/=1;alert(1)", "a.js") == "image/gif"
    assert named(PDF + HTML) == "application/pdf"
    assert named(HTML + PDF) == "text/html"
    assert named(picture("GIF") + document()) == "image/gif"
    assert named(SVG[:-6] + PDF) == "image/svg+xml"


def test_names_tell_apart_only_kinds_of_text_and_old_office_documents() -> None:
    assert named(b"a,b\n1,2", "sales.CSV") == "text/csv"
    assert named(b"# Title", "notes.md") == "text/markdown"
    assert named(b"{}", "a.json") == "application/json"
    assert named(b"alert(1)", "a.js") == "text/plain"
    assert named(HTML, "a.csv") == "text/html"
    assert named(compound("Something"), "old.xls") == "application/vnd.ms-excel"
    assert named(compound("Something"), "setup.pdf") is None


def test_a_document_that_keeps_its_parts_at_its_end_is_known_by_its_directory() -> None:
    large = document(padding=0)
    parts = archive("docProps/app.xml", "[Content_Types].xml", "xl/workbook.xml", padding=HEAD * 2)
    assert named(large) == OFFICE + "wordprocessingml.document"
    stored = Sample(parts[:30], parts[-400:], len(parts))
    found = recognise(stored, "book")
    assert found is not None
    assert found.media_type == OFFICE + "spreadsheetml.sheet"


def test_a_prolog_without_end_is_read_once() -> None:
    assert named(b"<?xml?>" + b"<!---->" * 9000 + b"<svg/>") == "application/xml"
    assert named(b"<?xml " + b"<" * 60_000) == "application/xml"


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400), st.sampled_from([b"", b"PK\x03\x04", b"\xff\xd8\xff", b"<?xml ", b"<!DOCTYPE a [",
       b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\0\0\0\x20ftyp", b"RIFF"]), st.text(max_size=20))  # fmt: skip
def test_anything_is_read_without_failing(content: bytes, start: bytes, name: str) -> None:
    found = recognise(Sample.of(start + content), name)
    assert found is None or KINDS[found.media_type] is found


def test_nothing_that_holds_scripts_or_is_text_is_shown_by_browsers() -> None:
    shown = {kind.media_type for kind in KINDS.values() if kind.shown}
    assert all(media.startswith(("image/", "video/")) or media == "application/pdf" for media in shown)
    assert not shown & {"image/svg+xml", "text/html", "application/xml", "text/plain"}


@pytest.mark.parametrize(
    ("said", "media_type"),
    [
        ("image/JPG", "image/jpeg"),
        ("text/plain; charset=utf-8", "text/plain"),
        (" application/pdf ", "application/pdf"),
    ],
)
def test_types_have_other_names(said: str, media_type: str) -> None:
    found = announced(said)
    assert found is not None
    assert found.media_type == media_type


@pytest.mark.parametrize("said", ["", "application/x-msdownload", "audio/mpeg", "image", "image/png\n"[:5] + "x"])
def test_other_types_are_not_kept(said: str) -> None:
    assert announced(said) is None
