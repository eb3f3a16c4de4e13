"""Whether files are whole: cut anywhere they are not, and with something behind them they are."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from quintet.testing import Client
from softfactory.files.kinds import KINDS
from softfactory.files.sniffing import TAIL, Sample
from softfactory.files.soundness import is_whole
from tests.functions.softfactory.files.conftest import FILES, announce, objects, post_to_s3, send
from tests.functions.softfactory.files.samples import PDF, animation, document, film, picture


def whole(content: bytes, media_type: str) -> bool:
    return is_whole(Sample.of(content), KINDS[media_type])


def drawn(kind: str, mode: str = "RGB", **options: Any) -> bytes:
    out = io.BytesIO()
    found = Image.effect_noise((40, 30), 80).convert(mode)
    frames = [found.rotate(90)] if options.get("save_all") else []
    found.save(out, kind, **options, **({"append_images": frames} if frames else {}))
    return out.getvalue()


PICTURES = [
    (drawn("JPEG"), "image/jpeg"),
    (drawn("JPEG", progressive=True, comment=b"\xff\xd9"), "image/jpeg"),
    (drawn("JPEG", "CMYK", restart_marker_rows=1), "image/jpeg"),
    (drawn("PNG"), "image/png"),
    (drawn("PNG", "P"), "image/png"),
    (drawn("PNG", save_all=True), "image/png"),
    (drawn("GIF", "P"), "image/gif"),
    (animation(), "image/gif"),
    (drawn("WEBP"), "image/webp"),
    (drawn("WEBP", lossless=True), "image/webp"),
    (drawn("WEBP", "RGBA", exif=b"Exif\0\0II*\0\x08\0\0\0\0\0"), "image/webp"),
    (drawn("WEBP", save_all=True), "image/webp"),
    (drawn("BMP"), "image/bmp"),
    (drawn("BMP", "P"), "image/bmp"),
    (drawn("TIFF"), "image/tiff"),
    (drawn("TIFF", compression="tiff_lzw", strip_size=200), "image/tiff"),
    (drawn("AVIF"), "image/avif"),
]


@pytest.mark.parametrize(("content", "media_type"), PICTURES)
def test_a_picture_is_whole_whatever_follows_it(content: bytes, media_type: str) -> None:
    assert whole(content, media_type)
    if media_type != "image/avif":  # whose boxes go on to the end
        assert whole(content + b"SEFT\0\x01", media_type)


@pytest.mark.parametrize(("content", "media_type"), PICTURES)
def test_a_picture_that_is_cut_anywhere_is_not_whole(content: bytes, media_type: str) -> None:
    """But for the last byte of a GIF and the one that makes a WebP even, which some writers leave out."""
    spare = 1 if media_type in ("image/gif", "image/webp") else 0
    taken = [length for length in range(20, len(content) - spare) if whole(content[:length], media_type)]
    if media_type == "image/gif":  # between two of its frames, too
        for length in taken:
            Image.open(io.BytesIO(content[:length])).load()
        assert len(taken) < 6
    else:
        assert taken == []


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0\xff\xd9", "image/jpeg"),
        (b"\xff\xd8\xff\xc0\0\x0b\x08\0\x10\0\x10\x01\x01\x11\0\xff\xda\0\x08\x01\x01\0\0?\0\xff\xd9", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (picture("PNG")[:33] + b"\0\0\0\0IEND\xaeB`\x82", "image/png"),
        (picture("PNG")[8:], "image/png"),
        (b"GIF89a\1\0\1\0\0\0\0;", "image/gif"),
        (b"RIFF\x0c\0\0\0WEBPVP8 \0\0\0\0", "image/webp"),
        (b"BM" + bytes(60), "image/bmp"),
        (b"II*\0\x08\0\0\0\0\0", "image/tiff"),
        (film(b"avif")[:20], "image/avif"),
        (b"%PDF-", "application/pdf"),
        (b"%PDF-1.7\n%%EOF", "application/pdf"),
        (PDF + b"x" * 2000, "application/pdf"),
        (document()[:-30], "application/epub+zip"),
        (film()[:24], "video/mp4"),
        (film()[:32], "video/mp4"),
        (film(padding=9)[:36], "video/mp4"),
    ],
)
def test_what_only_begins_like_a_file_is_not_whole(content: bytes, media_type: str) -> None:
    if media_type == "image/bmp":
        content = content[:10] + struct.pack("<IIiiHHI", 54, 40, 9, 9, 1, 24, 0) + content[34:]
    assert not whole(content, media_type)


def test_a_png_whose_pixels_are_changed_or_not_packed_is_damaged() -> None:
    content = bytearray(picture("PNG"))
    at = content.index(b"IDAT") + 6
    content[at] ^= 1
    assert not whole(bytes(content), "image/png")
    chunk = b"IDAT" + b"no zlib"
    made = struct.pack(">I", 7) + chunk + struct.pack(">I", zlib.crc32(chunk))
    assert not whole(picture("PNG")[:33] + made + b"\0\0\0\0IEND\xaeB`\x82", "image/png")


def test_a_png_may_be_packed_in_pieces_of_any_size() -> None:
    content = picture("PNG")
    at = content.index(b"IDAT") - 4
    packed, made = content[at + 8 : -16], content[:at]
    for place in range(len(packed)):
        chunk = b"IDAT" + packed[place : place + 1]
        made += struct.pack(">I", 1) + chunk + struct.pack(">I", zlib.crc32(chunk))
    assert whole(made + content[-12:], "image/png")
    Image.open(io.BytesIO(made + content[-12:])).load()


def test_documents_and_films_are_whole() -> None:
    assert whole(PDF + b"\0\r\n" * 900, "application/pdf")
    assert whole(document(), "application/epub+zip")
    assert whole(film(), "video/mp4")
    assert whole(film() + b"\0\0\0\0", "video/mp4")
    assert whole(b"anything", "text/plain")
    large = film(padding=3_000_000)
    ends = Sample(large[:1000], large[-TAIL:], len(large))
    assert is_whole(ends, KINDS["video/mp4"])
    assert not is_whole(Sample(large[:1000], large[-TAIL:], len(large) - TAIL), KINDS["video/mp4"])


def test_a_film_of_which_only_the_ends_are_known_is_followed_as_far_as_they_go() -> None:
    large = film(padding=3_000_000) + film()[:28]  # its directory lies in between
    assert is_whole(Sample(large[:1000], large[-20:], len(large)), KINDS["video/mp4"])


@given(content=st.binary(max_size=300), kind=st.sampled_from(PICTURES), cut=st.integers(0, 200))
@settings(max_examples=100, deadline=None)
def test_anything_is_followed_without_failing(content: bytes, kind: tuple[bytes, str], cut: int) -> None:
    start, media_type = kind
    whole(start[:cut] + content, media_type)


@pytest.mark.parametrize("content", [drawn("JPEG"), drawn("PNG"), drawn("GIF", "P"), drawn("WEBP")])
def test_half_a_picture_is_refused(user: Client, content: bytes) -> None:
    answer = send(user, "a.png", content[: len(content) // 2])
    assert answer.status == 422
    assert answer.error["details"] == [{"field": "file", "message": "is damaged or not complete"}]
    assert objects() == []


def test_half_a_picture_that_was_announced_is_refused_on_arrival(user: Client) -> None:
    out = io.BytesIO()
    Image.effect_noise((1200, 1000), 80).save(out, "PNG")
    content = out.getvalue()
    assert len(content) > 1024 * 1024
    good, bad = announce(user, len(content)), announce(user, len(content) - 20)
    post_to_s3(good["upload"], content)
    post_to_s3(bad["upload"], content[:-20])
    assert user.get(f"{FILES}/{good['file_id']}").status == 200
    refused = user.get(f"{FILES}/{bad['file_id']}")
    assert refused.error["details"] == [{"field": "file", "message": "is damaged or not complete"}]
