"""The types of files that are kept: what each is called, which category it belongs to, and what browsers may do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Category(StrEnum):
    """Pictures, films or documents."""

    IMAGE = "image"
    VIDEO = "video"
    DOCUMENT = "document"


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of files."""

    media_type: str
    extension: str
    """With its dot; of several the usual one."""
    category: Category
    label: str
    """A few letters for its icon."""
    shown: bool = False
    """Whether a browser may show it at its own address. Never what can hold scripts or is read as text."""
    drawn: bool = False
    """Whether a thumbnail can be made of it."""


_OFFICE: Final = "application/vnd.openxmlformats-officedocument."
_OPEN: Final = "application/vnd.oasis.opendocument."

_KINDS: Final = (
    Kind("image/jpeg", ".jpg", Category.IMAGE, "JPG", shown=True, drawn=True),
    Kind("image/png", ".png", Category.IMAGE, "PNG", shown=True, drawn=True),
    Kind("image/gif", ".gif", Category.IMAGE, "GIF", shown=True, drawn=True),
    Kind("image/webp", ".webp", Category.IMAGE, "WEBP", shown=True, drawn=True),
    Kind("image/bmp", ".bmp", Category.IMAGE, "BMP", shown=True, drawn=True),
    Kind("image/tiff", ".tiff", Category.IMAGE, "TIFF", shown=True, drawn=True),
    Kind("image/avif", ".avif", Category.IMAGE, "AVIF", shown=True, drawn=True),
    Kind("image/heic", ".heic", Category.IMAGE, "HEIC", shown=True),
    Kind("image/svg+xml", ".svg", Category.IMAGE, "SVG"),
    Kind("video/mp4", ".mp4", Category.VIDEO, "MP4", shown=True),
    Kind("video/quicktime", ".mov", Category.VIDEO, "MOV", shown=True),
    Kind("video/webm", ".webm", Category.VIDEO, "WEBM", shown=True),
    Kind("video/x-matroska", ".mkv", Category.VIDEO, "MKV", shown=True),
    Kind("video/3gpp", ".3gp", Category.VIDEO, "3GP", shown=True),
    Kind("video/ogg", ".ogv", Category.VIDEO, "OGV", shown=True),
    Kind("video/mpeg", ".mpg", Category.VIDEO, "MPG", shown=True),
    Kind("video/x-msvideo", ".avi", Category.VIDEO, "AVI", shown=True),
    Kind("video/x-ms-wmv", ".wmv", Category.VIDEO, "WMV", shown=True),
    Kind("application/pdf", ".pdf", Category.DOCUMENT, "PDF", shown=True),
    Kind("application/rtf", ".rtf", Category.DOCUMENT, "RTF"),
    Kind("application/msword", ".doc", Category.DOCUMENT, "DOC"),
    Kind("application/vnd.ms-excel", ".xls", Category.DOCUMENT, "XLS"),
    Kind("application/vnd.ms-powerpoint", ".ppt", Category.DOCUMENT, "PPT"),
    Kind("application/x-hwp", ".hwp", Category.DOCUMENT, "HWP"),
    Kind("application/hwp+zip", ".hwpx", Category.DOCUMENT, "HWPX"),
    Kind(_OFFICE + "wordprocessingml.document", ".docx", Category.DOCUMENT, "DOCX"),
    Kind(_OFFICE + "spreadsheetml.sheet", ".xlsx", Category.DOCUMENT, "XLSX"),
    Kind(_OFFICE + "presentationml.presentation", ".pptx", Category.DOCUMENT, "PPTX"),
    Kind(_OPEN + "text", ".odt", Category.DOCUMENT, "ODT"),
    Kind(_OPEN + "spreadsheet", ".ods", Category.DOCUMENT, "ODS"),
    Kind(_OPEN + "presentation", ".odp", Category.DOCUMENT, "ODP"),
    Kind("application/epub+zip", ".epub", Category.DOCUMENT, "EPUB"),
    Kind("application/json", ".json", Category.DOCUMENT, "JSON"),
    Kind("application/xml", ".xml", Category.DOCUMENT, "XML"),
    Kind("text/html", ".html", Category.DOCUMENT, "HTML"),
    Kind("text/csv", ".csv", Category.DOCUMENT, "CSV"),
    Kind("text/tab-separated-values", ".tsv", Category.DOCUMENT, "TSV"),
    Kind("text/markdown", ".md", Category.DOCUMENT, "MD"),
    Kind("text/calendar", ".ics", Category.DOCUMENT, "ICS"),
    Kind("text/plain", ".txt", Category.DOCUMENT, "TXT"),
)
KINDS: Final = {kind.media_type: kind for kind in _KINDS}
BY_EXTENSION: Final = {kind.extension: kind for kind in _KINDS}

UNTOLD: Final = "application/octet-stream"
"""What a browser says of a file whose type it does not know."""
_OTHER_NAMES: Final = {
    "application/haansofthwp": "application/x-hwp",
    "application/vnd.hancom.hwp": "application/x-hwp",
    "application/vnd.hancom.hwpx": "application/hwp+zip",
    "application/x-pdf": "application/pdf",
    "image/heif": "image/heic",
    "image/jpg": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "image/x-ms-bmp": "image/bmp",
    "image/x-png": "image/png",
    "text/rtf": "application/rtf",
    "text/xml": "application/xml",
    "video/avi": "video/x-msvideo",
}
"""Other names in use, by which clients announce types."""


def announced(content_type: str) -> Kind | None:
    """The type that a client means by a Content-Type, None where it is none that is kept."""
    media = content_type.partition(";")[0].strip().lower()
    return KINDS.get(_OTHER_NAMES.get(media, media))
