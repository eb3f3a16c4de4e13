"""Whether a file is whole: its structure is followed to its end, pixels are not decoded.

What a cut upload, or a few bytes that only begin like a picture, lack is found so at the price of reading: no decoder
meets what a stranger sent before a preview is asked for. What follows a picture's end is nobody's business: cameras put
films and notes there.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Final, Literal

from softfactory.files.dimensions import FRAMES
from softfactory.files.kinds import KINDS, Category, Kind
from softfactory.files.sniffing import Sample

_MOST: Final = 50_000
"""Segments, chunks, boxes or strips that a file may be made of: far more than any writer makes."""
_MOST_BLOCKS: Final = 500_000
"""Blocks that a GIF may be made of: twice what 50 MB of full ones are."""


def wants_all(kind: Kind) -> bool:
    """Whether a file of a type is followed through all of its content; else its two ends are enough."""
    return kind.category is Category.IMAGE and kind.media_type in _CHECKS


def is_whole(sample: Sample, kind: Kind) -> bool:
    """Whether a file of a type ends where its structure says; True for types that are not followed."""
    check = _CHECKS.get(kind.media_type)
    try:
        return check is None or check(sample)
    except (IndexError, zlib.error):  # it ends within a structure, or what is packed is no such thing
        return False


_MARKER: Final = re.compile(rb"\xff([\x02-\xcf\xd8-\xfe])")
"""Beginnings of segments (ITU-T T.81, table B.1): neither the zero that follows a 255 among pixels, nor restarts."""


def _jpeg(sample: Sample) -> bool:
    content, at, scan = sample.known, 2, -1
    frame = pixels = False
    for _ in range(_MOST):
        found = _MARKER.search(content, at)
        if found is None:
            return False
        pixels = pixels or 0 <= scan < found.start()
        marker, at = found[1][0], found.end()
        if marker == 0xD9:
            return frame and pixels
        if marker != 0xD8:
            at += content[at] << 8 | content[at + 1]
        frame = frame or marker in FRAMES
        scan = at if marker == 0xDA else -1
    return False


_BEGINNING: Final = 64 * 1024
"""Packed bytes of a chunk within which there surely is a pixel."""


def _png(sample: Sample) -> bool:
    """W3C PNG, sections 5.3 and 5.6: the chunks that decoders need are undamaged, and the pixels begin as packed."""
    content, at, packed, pixels = memoryview(sample.known), 8, zlib.decompressobj(), False
    for _ in range(_MOST):
        name, end = bytes(content[at + 4 : at + 8]), at + 12 + int.from_bytes(content[at : at + 4], "big")
        if end > len(content) or (at == 8) != (name == b"IHDR"):
            return False
        check = int.from_bytes(content[end - 4 : end], "big")
        if name[:1].isupper() and zlib.crc32(content[at + 4 : end - 4]) != check:
            return False
        if name == b"IEND":
            return pixels
        if name == b"IDAT" and not pixels:
            pixels = bool(packed.decompress(content[at + 8 : min(end - 4, at + 8 + _BEGINNING)], 1))
        at = end
    return False


def _gif(sample: Sample) -> bool:
    """GIF89a specification, section 12 and appendix B. Some writers leave out the trailer, the last byte of all."""
    content, frames, blocks = sample.known, 0, 0
    at = 13 + _table(content[10])
    while at < len(content):
        if content[at] == 0x2C:
            at += 11 + _table(content[at + 9])
            frames += content[at] > 0
        elif content[at] == 0x21:
            at += 2
        else:  # the trailer, or what somebody put behind
            break
        while size := content[at]:
            at, blocks = at + 1 + size, blocks + 1
            if blocks > _MOST_BLOCKS:
                return False
        at, blocks = at + 1, blocks + 1
    return frames > 0


def _table(flags: int) -> int:
    """Bytes of the colours that a GIF's flags tell of."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _webp(sample: Sample) -> bool:
    """RFC 9649, sections 2.3 to 2.7."""
    content, pixels, at = sample.known, False, 12
    end = 8 + _little(content, 4, 4)
    for _ in range(_MOST):
        if at + 8 > end:
            break
        name, size = content[at : at + 4], _little(content, at + 4, 4)
        if at + 8 + size > len(content):
            return False
        begins = {
            b"VP8 ": content[at + 11 : at + 14] == b"\x9d\x01\x2a",
            b"VP8L": content[at + 8 : at + 9] == b"\x2f",
            b"ANMF": size > 24,
        }
        pixels = pixels or begins.get(name, False)
        at += 8 + size + size % 2
    return pixels and end <= len(content) + 1  # some leave out the byte that makes it even


def _bmp(sample: Sample) -> bool:
    """Whether all rows of a bitmap are there; of a packed one, whether they begin."""
    content = sample.known
    if _little(content, 14, 4) == 12:
        width, height, bits, packing = _little(content, 18, 2), _little(content, 20, 2), _little(content, 24, 2), 0
    else:
        width, height = (int.from_bytes(content[at : at + 4], "little", signed=True) for at in (18, 22))
        bits, packing = _little(content, 28, 2), _little(content, 30, 4)
    rows = (width * bits + 31) // 32 * 4 * abs(height) if packing in (0, 3) else 1
    return _little(content, 10, 4) + rows <= len(content)


def _little(content: bytes, at: int, size: int) -> int:
    return int.from_bytes(content[at : at + size], "little")


_STRIPS: Final = {273: 279, 324: 325}
"""TIFF 6.0, sections 8 and 15: the fields that say where pixels are, and those that say how many bytes."""
_WIDTHS: Final = {3: 2, 4: 4}
"""Bytes of the numbers of a field, by its type."""


def _tiff(sample: Sample) -> bool:
    """TIFF 6.0, section 2: whether the first picture's directory and the pixels that it tells of are there."""
    content = sample.known
    order: Literal["little", "big"] = "little" if content[:2] == b"II" else "big"

    def number(at: int, size: int) -> int:
        if at + size > len(content):
            raise IndexError
        return int.from_bytes(content[at : at + size], order)

    def numbers(at: int) -> list[int]:
        width, count = _WIDTHS.get(number(at + 2, 2), 0), min(number(at + 4, 4), _MOST)
        first = at + 8 if width * count <= 4 else number(at + 8, 4)
        return [number(first + place * width, width) for place in range(count if width else 0)]

    start = number(4, 4)
    fields = {number(at, 2): at for at in range(start + 2, start + 2 + 12 * number(start, 2), 12)}
    parts = [
        place + size
        for places, sizes in _STRIPS.items()
        if places in fields and sizes in fields
        for place, size in zip(numbers(fields[places]), numbers(fields[sizes]), strict=False)
    ]
    return bool(parts) and max(parts) <= len(content)


def _boxed(needed: bytes) -> Callable[[Sample], bool]:
    """ISO/IEC 14496-12, section 4.2: boxes follow each other up to the end, as far as that can be seen, and those are
    among them without which nothing can be shown."""

    def check(sample: Sample) -> bool:
        seen: set[bytes] = set()
        for name, end in _boxes(sample):
            if end is None:
                return True
            if end > sample.size:
                return False
            seen.add(name)
        return {needed, b"mdat"} <= seen

    return check


def _boxes(sample: Sample) -> Iterator[tuple[bytes, int | None]]:
    """Names of the boxes and where each ends; None at the end of what is known of the file."""
    at = 0
    for _ in range(_MOST):
        if at + 8 > sample.size:
            return
        header = sample.at(at, 16)
        if header is None:
            yield b"", None
            return
        size = int.from_bytes(header[:4], "big")
        if size == 1:
            size = int.from_bytes(header[8:], "big")
        if 0 < size < 8:  # no box, but what somebody put behind
            return
        end = at + size if size else sample.size
        yield header[4:8], end
        at = end


_VIEWED: Final = 1024
"""Bytes at a document's end in which viewers look for where its directory begins."""


def _pdf(sample: Sample) -> bool:
    """ISO 32000-1, section 7.5.5."""
    end = sample.tail.rstrip(b"\0\t\n\f\r ")[-_VIEWED:]
    return re.search(rb"startxref\s+[0-9]+\s+%%EOF", end) is not None


def _zip(sample: Sample) -> bool:
    """APPNOTE.TXT, section 4.3.16: an archive's directory has its end, near that of the file."""
    return b"PK\x05\x06" in sample.tail


_PACKAGES: Final = ("vnd.openxmlformats", "vnd.oasis", "+zip")
_CHECKS: Final[Mapping[str, Callable[[Sample], bool]]] = MappingProxyType({
    **{media: _zip for media in KINDS if any(word in media for word in _PACKAGES)},
    "image/jpeg": _jpeg, "image/png": _png, "image/gif": _gif, "image/webp": _webp, "image/bmp": _bmp,
    "image/tiff": _tiff, "image/avif": _boxed(b"meta"), "image/heic": _boxed(b"meta"), "video/mp4": _boxed(b"moov"),
    "video/quicktime": _boxed(b"moov"), "video/3gpp": _boxed(b"moov"), "application/pdf": _pdf,
})  # fmt: skip
