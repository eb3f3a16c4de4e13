"""Pictures: told by content, bounded, stored under their content's name and served by URL."""

import hashlib
import struct
import zlib
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from quintet.media import images
from quintet.media.images import Image, ImageTooLarge, ImageType, NotAnImage
from quintet.providers import storage
from quintet.settings import Settings, use


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width: int = 3, height: int = 2) -> bytes:
    rows = zlib.compress(b"".join(b"\x00" + b"\x80" * 3 * width for _ in range(height)))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def jpeg(width: int = 3, height: int = 2) -> bytes:
    def segment(marker: int, data: bytes) -> bytes:
        return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data

    frame = struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\x00"
    scan = b"\x01\x01\x00\x00\x3f\x00"
    tables = segment(0xDB, bytes(65)) + segment(0xC4, bytes(20))
    return (
        b"\xff\xd8" + segment(0xE0, b"JFIF\x00\x01\x01" + bytes(7)) + tables
        + segment(0xC0, frame) + b"\xff" + segment(0xDA, scan) + b"\x12\x34\xff\xd9"
    )  # fmt: skip


def webp(kind: bytes = b"VP8L") -> bytes:
    data = {
        b"VP8L": b"\x2f" + struct.pack("<I", 2 | 1 << 14) + bytes(5),
        b"VP8 ": bytes(3) + b"\x9d\x01\x2a" + struct.pack("<HH", 3, 2) + bytes(4),
        b"VP8X": bytes(4) + (2).to_bytes(3, "little") + (1).to_bytes(3, "little"),
    }[kind]
    content = b"WEBP" + kind + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(content)) + content


KINDS = {
    "jpeg": (jpeg(), ImageType.JPEG),
    "png": (png(), ImageType.PNG),
    "webp lossless": (webp(b"VP8L"), ImageType.WEBP),
    "webp lossy": (webp(b"VP8 "), ImageType.WEBP),
    "webp extended": (webp(b"VP8X"), ImageType.WEBP),
}


@pytest.mark.parametrize("name", list(KINDS))
def test_a_picture_is_told_by_its_content(name: str) -> None:
    data, kind = KINDS[name]
    assert images.recognise(data) == Image(kind, 3, 2)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xd8\xff",
        b"\x89PNG\r\n\x1a\n",
        b"RIFF\x04\x00\x00\x00WEBP",
        b"GIF89a" + bytes(40),
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"<html>" + png(),
        b"%PDF-1.7",
        b"RIFF" + struct.pack("<I", 40) + b"WAVEfmt " + bytes(32),
        b"\xff\xd8\xff<script>alert(1)</script>" + bytes(100),
        b"\x89PNG\r\n\x1a\n<script>" + bytes(100),
        png(0, 2),
        png().replace(b"IHDR\x00\x00\x00\x03", b"IHDR\x00\x00\x00\x04"),  # the check sum no longer fits
        png().replace(b"IDAT", b"IDAX"),
    ],
)
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(NotAnImage):
        images.recognise(data)


@examples(max_examples=60, deadline=None)
@given(name=st.sampled_from(list(KINDS)), data=st.data())
def test_a_picture_cut_off_never_breaks_the_reader(name: str, data: st.DataObject) -> None:
    whole, kind = KINDS[name]
    part = whole[: data.draw(st.integers(0, len(whole) - 1))]
    try:
        assert images.recognise(part).type is kind
    except NotAnImage:
        return


@examples(max_examples=200, deadline=None)
@given(head=st.sampled_from([b"", b"\xff\xd8\xff", png()[:33], webp()[:12]]), rest=st.binary(max_size=200))
def test_any_bytes_are_a_picture_or_refused(head: bytes, rest: bytes) -> None:
    try:
        images.recognise(head + rest)
    except NotAnImage:
        return


def test_five_megabytes_are_taken_and_a_byte_more_is_not() -> None:
    padded = jpeg() + bytes(images.MAX_BYTES - len(jpeg()))
    assert images.recognise(padded).type is ImageType.JPEG
    with pytest.raises(ImageTooLarge, match="Image must be at most 5MB"):
        images.recognise(padded + b"\x00")
    with pytest.raises(ImageTooLarge):
        images.recognise(padded, max_bytes=1_048_576)


def test_a_picture_is_stored_once_under_its_contents_name(table: Settings) -> None:
    first, second = images.store_image(png()), images.store_image(png())
    assert first == second == f"images/{hashlib.sha256(png()).hexdigest()}.png"
    kept = storage.head(first)
    assert kept is not None
    assert (kept.size, kept.content_type) == (len(png()), "image/png")
    assert images.store_image(jpeg(), "profiles") == f"profiles/{hashlib.sha256(jpeg()).hexdigest()}.jpg"


def test_what_is_no_picture_is_not_stored(table: Settings) -> None:
    with pytest.raises(NotAnImage):
        images.store_image(b"<html>")


def test_a_stored_picture_is_served_by_a_signed_url(table: Settings) -> None:
    url = urlsplit(images.public_url(images.store_image(png())))
    assert url.path.endswith(f"/demo/images/{hashlib.sha256(png()).hexdigest()}.png")
    assert parse_qs(url.query)["X-Amz-Expires"] == ["43200"]


def test_a_content_delivery_network_serves_it_by_a_stable_url(table: Settings) -> None:
    with use({"QUINTET_FILES_URL": "https://files.quintet.test/"}):
        assert images.public_url("images/a.png") == "https://files.quintet.test/demo/images/a.png"
