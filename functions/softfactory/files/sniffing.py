"""What a file is by its content, whatever its sender calls it: read from its first and last bytes, never unpacked.

Signatures as in the WHATWG's MIME Sniffing standard (section 6 for pictures and films, 7.1 for markup and text) and the
formats' own specifications. A file that is two things at once is what it begins as, and is served as that alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from softfactory.files.kinds import BY_EXTENSION, KINDS, Kind

HEAD: Final = 1024 * 1024
TAIL: Final = 64 * 1024
"""Bytes of a file's beginning and end that are looked at."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A file's first `HEAD` and last `TAIL` bytes, and all of it where that is known."""

    head: bytes
    tail: bytes
    size: int
    whole: bytes | None = None

    @classmethod
    def of(cls, content: bytes) -> Sample:
        return cls(content[:HEAD], content[-TAIL:], len(content), content)

    @property
    def known(self) -> bytes:
        """As much as is known from the beginning on."""
        return self.head if self.whole is None else self.whole

    def at(self, start: int, length: int) -> bytes | None:
        """Up to `length` bytes from `start` on; None where they are not known."""
        if start + length <= len(self.known) or self.whole is not None:
            return self.known[start : start + length]
        behind = start - (self.size - len(self.tail))
        return self.tail[behind : behind + length] if behind >= 0 else None


def recognise(sample: Sample, name: str) -> Kind | None:
    """The type of a file, None where it is none that is kept.

    Its `name` tells apart only what looks alike: kinds of text, and old office documents whose directory is far inside.
    """
    head = sample.head
    for offset, magic, media in _SIGNATURES:
        if head.startswith(magic, offset):
            return KINDS[media]
    found: str | None
    if head[4:8] == b"ftyp":
        found = _brand(head)
    elif head.startswith(b"\x1aE\xdf\xa3"):
        found = _matroska(head)
    elif head.startswith(b"OggS"):
        found = "video/ogg" if b"\x80theora" in head[:4096] else None
    elif head.startswith(b"BM"):
        found = "image/bmp" if int.from_bytes(head[14:18], "little") in _BITMAP_HEADERS else _text(head, name)
    elif head.startswith(b"PK\x03\x04"):
        found = _package(sample)
    elif head.startswith(_COMPOUND):
        found = _compound(sample, name)
    else:
        found = _text(head, name)
    return KINDS[found] if found else None


_SIGNATURES: Final = (
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBPVP8", "image/webp"),
    (0, b"II*\x00", "image/tiff"),
    (0, b"MM\x00*", "image/tiff"),
    (8, b"AVI LIST", "video/x-msvideo"),
    (0, b"\x00\x00\x01\xba", "video/mpeg"),
    (0, b"\x00\x00\x01\xb3", "video/mpeg"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c", "video/x-ms-wmv"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"{\\rtf", "application/rtf"),
)
_BITMAP_HEADERS: Final = frozenset({12, 40, 52, 56, 64, 108, 124})
"""Sizes of the headers that a bitmap may have."""

_STILLS: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
_NO_FILMS: Final = frozenset({b"M4A ", b"M4B ", b"M4P ", b"crx "})
"""Sounds and raw photographs, which may say that they are compatible with films."""
_FILMS: Final = frozenset({
    b"isom", b"iso2", b"iso3", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"M4VH", b"MSNV", b"dash",
    b"f4v ", b"XAVC",
})  # fmt: skip


def _brand(head: bytes) -> str | None:
    """ISO/IEC 14496-12 section 4.3: the major brand, and the compatible ones for pictures that share one."""
    brand, compatible = head[8:12], head[16 : min(int.from_bytes(head[:4], "big"), 256)]
    if brand in (b"avif", b"avis") or (brand in _STILLS and b"avif" in compatible):
        return "image/avif"
    if brand in _STILLS:
        return "image/heic"
    if brand == b"qt  ":
        return "video/quicktime"
    if brand[:3] in (b"3gp", b"3g2"):
        return "video/3gpp"
    brands = {brand, *(compatible[at : at + 4] for at in range(0, len(compatible), 4))}
    return "video/mp4" if brand not in _NO_FILMS and brands & _FILMS else None


def _matroska(head: bytes) -> str | None:
    """RFC 8794: the document type is named within the EBML header."""
    header = head[:128]
    if b"webm" in header:
        return "video/webm"
    return "video/x-matroska" if b"matroska" in header else None


_ENTRY: Final = re.compile(rb"PK(?:\x03\x04.{22}|\x01\x02.{24})(..)", re.DOTALL)
_NAME_AT: Final = {3: 30, 1: 46}
"""By the third byte of an entry's signature: where its name begins (APPNOTE.TXT, sections 4.3.7 and 4.3.12)."""
_PARTS: Final = (
    (b"word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    (b"xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    (b"ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
)


def _package(sample: Sample) -> str | None:
    """A document that is a ZIP archive: it says its type first (ODF, EPUB, HWPX), or has the parts of one (OOXML).

    Names of entries are read from both ends; nothing is decompressed. Any other archive is no document.
    """
    head = sample.head
    if head[30:38] == b"mimetype" and head[8:10] == b"\0\0":
        size = int.from_bytes(head[22:26], "little")
        said = head[38 : 38 + min(size, 100)].decode("ascii", "replace").strip()
        return said if said in _SAID else None
    names = {*_names(head), *_names(sample.tail)}
    if b"[Content_Types].xml" not in names:
        return None
    return next((media for folder, media in _PARTS if any(name.startswith(folder) for name in names)), None)


_SAID: Final = frozenset({
    "application/epub+zip", "application/hwp+zip", "application/vnd.oasis.opendocument.text",
    "application/vnd.oasis.opendocument.spreadsheet", "application/vnd.oasis.opendocument.presentation",
})  # fmt: skip


def _names(part: bytes) -> list[bytes]:
    found = []
    for entry in _ENTRY.finditer(part):
        start = entry.start() + _NAME_AT[part[entry.start() + 2]]
        found.append(part[start : start + int.from_bytes(entry[1], "little")])
    return found


_COMPOUND: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_STREAMS: Final = (
    ("HwpSummaryInformation", "application/x-hwp"),
    ("WordDocument", "application/msword"),
    ("PowerPoint Document", "application/vnd.ms-powerpoint"),
    ("Workbook", "application/vnd.ms-excel"),
)


def _compound(sample: Sample, name: str) -> str | None:
    """[MS-CFB]: the streams' names tell the program; where none is within reach, the file's own name does."""
    for stream, media in _STREAMS:
        spelled = stream.encode("utf-16-le")
        if spelled in sample.head or spelled in sample.tail:
            return media
    called = BY_EXTENSION.get(_extension(name))
    return called.media_type if called and called.media_type in {media for _, media in _STREAMS} else None


_BINARY: Final = bytes({*range(0x09), 0x0B, *range(0x0E, 0x1B), *range(0x1C, 0x20)})
"""Bytes that no text has (MIME Sniffing, section 3)."""
_MARKUP: Final = 64 * 1024
"""Bytes within which the first element of a markup must begin."""
_MOST_DECLARATIONS: Final = 50
"""Before a first element: nobody means more of them."""
_HTML: Final = re.compile(
    r"<(?:!doctype html|html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p)(?:[\s>/]|$)", re.IGNORECASE
)
_ROOT: Final = re.compile(r"<(?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)")
_TEXTS: Final = frozenset({".csv", ".tsv", ".md", ".ics", ".json"})
"""Told by the name alone, since all of it is text."""


def _text(head: bytes, name: str) -> str | None:
    """A kind of text, None for what is none: markup by its first element, other kinds by the file's name."""
    if not head:
        return None
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = head[:_MARKUP].decode("utf-16", "replace")
    elif head.translate(None, _BINARY) != head:
        return None
    else:
        text = head[:_MARKUP].decode("utf-8-sig", "replace")
    return _markup(text.lstrip()) or _named(name)


def _named(name: str) -> str:
    extension = _extension(name)
    return BY_EXTENSION[extension].media_type if extension in _TEXTS else "text/plain"


def _markup(text: str) -> str | None:
    """HTML, SVG or other XML, None for what is no markup."""
    if not text.startswith("<"):
        return None
    if _HTML.match(text):
        return "text/html"
    is_xml = text.startswith("<?xml")
    body = _after_prolog(text)
    root = _ROOT.match(body)
    if root and root[1].lower() == "svg":
        return "image/svg+xml"
    if _HTML.match(body) or text.startswith("<!--"):
        return "text/html"
    return "application/xml" if is_xml else None


def _after_prolog(text: str) -> str:
    """What follows declarations, comments and the document type; "" where they do not end."""
    at = 0
    for _ in range(_MOST_DECLARATIONS):
        at += len(text) - at - len(text[at:].lstrip())
        closing = _closing(text, at)
        if closing is None:
            return text[at:]
        end = text.find(closing, at)
        if end < 0:
            break
        at = end + len(closing)
    return ""


def _closing(text: str, at: int) -> str | None:
    """How what begins here ends, None for what is an element or text."""
    if text.startswith("<?", at):
        return "?>"
    if text.startswith("<!--", at):
        return "-->"
    if not text.startswith("<!", at):
        return None
    bracket, end = text.find("[", at), text.find(">", at)
    return "]>" if 0 <= bracket < end else ">"  # a document type with entities of its own


def _extension(name: str) -> str:
    dot = name.rfind(".")
    return name[dot:].lower() if dot > 0 else ""
