"""How large a picture is when it is unpacked, read from its first bytes, so that bombs are refused before decoding."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

MOST_MEGAPIXELS: Final = 50
"""Of a picture: what a function's memory holds, unpacked, several times over."""
MOST_OF_A_PHOTO: Final = 100
"""Megapixels of a JPEG, which is unpacked no larger than it takes: as large as cameras make them."""

Size = tuple[int, int]
"""Width and height in pixels."""


class Truncated(ValueError):
    """The bytes end before a picture's size is told."""


def measure(head: bytes, media_type: str) -> Size | None:
    """A picture's size; None for types that are not measured here, and for pictures that do not say it where others do.

    Raises Truncated.
    """
    reader = _READERS.get(media_type)
    try:
        return reader(head) if reader else None
    except IndexError:
        raise Truncated from None


def most_megapixels(media_type: str) -> int:
    """How large a picture of a type may be."""
    return MOST_OF_A_PHOTO if media_type == "image/jpeg" else MOST_MEGAPIXELS


def is_bomb(size: Size, media_type: str) -> bool:
    """Whether a picture unpacks to more than is taken."""
    return size[0] * size[1] > most_megapixels(media_type) * 1_000_000


def _png(head: bytes) -> Size | None:
    """W3C PNG, section 11.2.1."""
    _reaches(head, 24)
    return _pair(head, 16, 4, "big") if head[12:16] == b"IHDR" else None


def _gif(head: bytes) -> Size | None:
    """GIF89a specification, section 18: the screen that all frames are painted on."""
    _reaches(head, 10)
    return _pair(head, 6, 2, "little")


def _bmp(head: bytes) -> Size | None:
    _reaches(head, 26)
    if head[14] == 12:
        return _pair(head, 18, 2, "little")
    width, height = (int.from_bytes(head[at : at + 4], "little", signed=True) for at in (18, 22))
    return abs(width), abs(height)  # the height of one that runs from top to bottom is negative


def _webp(head: bytes) -> Size | None:
    """RFC 9649, sections 2.5 to 2.7."""
    _reaches(head, 30)
    match head[12:16]:
        case b"VP8 ":
            width, height = _pair(head, 26, 2, "little")
            return width & 0x3FFF, height & 0x3FFF
        case b"VP8L":
            bits = int.from_bytes(head[21:25], "little")
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8X":
            width, height = _pair(head, 24, 3, "little")
            return width + 1, height + 1
    return None


FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Markers that begin a frame (ITU-T T.81, table B.1)."""


def _jpeg(head: bytes) -> Size | None:
    at = 2
    while head[at] == 0xFF:
        marker = head[at + 1]
        if marker == 0xFF:  # a fill byte
            at += 1
            continue
        if marker in FRAMES:
            height, width = (head[at + place] << 8 | head[at + place + 1] for place in (5, 7))
            return width, height
        if marker < 0xC0 or 0xD0 <= marker <= 0xDA:
            return None
        at += 2 + (head[at + 2] << 8 | head[at + 3])
    return None


def _reaches(head: bytes, length: int) -> None:
    if len(head) < length:
        raise Truncated


def _pair(head: bytes, at: int, size: int, order: str) -> Size:
    first, second = head[at : at + size], head[at + size : at + 2 * size]
    if order == "big":
        return int.from_bytes(first, "big"), int.from_bytes(second, "big")
    return int.from_bytes(first, "little"), int.from_bytes(second, "little")


_READERS: Final[Mapping[str, Callable[[bytes], Size | None]]] = MappingProxyType(
    {"image/jpeg": _jpeg, "image/png": _png, "image/gif": _gif, "image/bmp": _bmp, "image/webp": _webp}
)
