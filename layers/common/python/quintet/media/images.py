"""Pictures told by their content (JPEG, PNG or WebP, whatever the upload claims), stored and served by URL."""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from quintet.providers import storage
from quintet.settings import settings

MAX_BYTES = 5 * 1024 * 1024
URL_LIFETIME = timedelta(hours=12)


class ImageType(StrEnum):
    """The kinds taken, by their media types."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    WEBP = "image/webp"

    @property
    def extension(self) -> str:
        """What a file of this type ends in, with its dot."""
        return {ImageType.JPEG: ".jpg", ImageType.PNG: ".png", ImageType.WEBP: ".webp"}[self]


class ImageTooLarge(ValueError):
    """More bytes than are taken."""


class NotAnImage(ValueError):
    """None of the kinds taken, or damaged at its beginning."""


@dataclass(frozen=True, slots=True)
class Image:
    """What a picture says of itself; sizes are pixels."""

    type: ImageType
    width: int
    height: int


def recognise(data: bytes, max_bytes: int = MAX_BYTES) -> Image:
    """What picture `data` is.

    The structure is followed from the signature to where the pixels are, which no file of another
    kind passes by chance; pixels are not decoded. Raises ImageTooLarge and NotAnImage.
    """
    if len(data) > max_bytes:
        raise ImageTooLarge(f"Image must be at most {max_bytes // 1_048_576}MB")
    try:
        found = _jpeg(data) or _png(data) or _webp(data)
    except IndexError:  # it ends within a structure
        found = None
    if found is None or not found.width or not found.height:
        raise NotAnImage("Image must be a JPEG, PNG or WebP file")
    return found


def store_image(data: bytes, folder: str = "images", max_bytes: int = MAX_BYTES) -> str:
    """Keep a picture in S3 and answer its key, which is made of its content: `images/<SHA-256>.jpg`.

    The same picture stored again is the same object, so a repeated request leaves nothing behind.
    Raises ImageTooLarge, NotAnImage, and what `storage.put` raises.
    """
    kind = recognise(data, max_bytes).type
    key = f"{folder}/{hashlib.sha256(data).hexdigest()}{kind.extension}"
    storage.put(key, data, kind.value)
    return key


def public_url(key: str) -> str:
    """Where anybody who holds the URL can read a stored picture: make it for each reply, and keep the key.

    `QUINTET_FILES_URL` names the base of a content delivery network in front of the bucket; the URL is
    then stable. Without it S3's own presigned URL serves, for URL_LIFETIME and at most as long as the
    function's credentials last. It needs no call, and works against a laptop's S3 alike.
    """
    if has_base():
        return f"{settings().get('QUINTET_FILES_URL').rstrip('/')}/{settings().system}/{key}"
    return storage.presign_download(key, URL_LIFETIME)


def has_base() -> bool:
    """Whether a content delivery network serves what is stored, so that public URLs are stable."""
    return bool(settings().get("QUINTET_FILES_URL"))


# JPEG (ITU-T T.81 annex B): markers that begin a frame; C4, C8 and CC are other things.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_SCAN = 0xDA


def _jpeg(data: bytes) -> Image | None:
    if data[:3] != b"\xff\xd8\xff":
        return None
    at, frame = 2, None
    while True:
        if data[at] != 0xFF:
            return None
        while data[at + 1] == 0xFF:  # fill bytes
            at += 1
        marker, length = data[at + 1], data[at + 2] << 8 | data[at + 3]
        if marker == _SCAN:
            return frame if len(data) > at + 2 + length else None
        if length < 2 or marker < 0xC0 or 0xD0 <= marker <= 0xD9:
            return None
        if marker in _FRAMES:
            frame = Image(
                ImageType.JPEG, width=data[at + 7] << 8 | data[at + 8], height=data[at + 5] << 8 | data[at + 6]
            )
        at += 2 + length


# PNG (W3C, third edition, section 11.2.1): bit depths each colour type permits.
_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}


def _png(data: bytes) -> Image | None:
    header = data[12:29]
    if data[:16] != b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR" or len(data) < 33:
        return None
    if zlib.crc32(header) != int.from_bytes(data[29:33], "big") or header[12] not in _DEPTHS.get(header[13], ()):
        return None
    if not _has_pixels(data):
        return None
    return Image(ImageType.PNG, int.from_bytes(header[4:8], "big"), int.from_bytes(header[8:12], "big"))


def _has_pixels(data: bytes) -> bool:
    """Whether a PNG's chunks lead, whole, through image data to the end chunk."""
    at, pixels = 33, False
    while at + 12 <= len(data):
        length, name = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        if name == b"IEND":
            return pixels
        pixels = pixels or name == b"IDAT"
        at += 12 + length
    return False


def _webp(data: bytes) -> Image | None:
    """RFC 9649 section 2: a RIFF container whose first chunk is a picture or the extended header."""
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        return None
    size, chunk = int.from_bytes(data[4:8], "little"), int.from_bytes(data[16:20], "little")
    if size + 8 > len(data) or chunk + 12 > size:
        return None
    width, height = 0, 0
    match data[12:16]:
        case b"VP8 " if data[23:26] == b"\x9d\x01\x2a":
            width, height = (int.from_bytes(data[at : at + 2], "little") & 0x3FFF for at in (26, 28))
        case b"VP8L" if data[20] == 0x2F:
            bits = int.from_bytes(data[21:25], "little")
            width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8X" if chunk == 10:
            width, height = (int.from_bytes(data[at : at + 3], "little") + 1 for at in (24, 27))
    return Image(ImageType.WEBP, width, height)
