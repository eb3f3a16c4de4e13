"""A form's fields as they came: multipart/form-data (RFC 7578), application/x-www-form-urlencoded (WHATWG URL)."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote

if TYPE_CHECKING:
    from multipart import MultipartSegment

MULTIPART = "multipart/form-data"
URLENCODED = "application/x-www-form-urlencoded"
MOST_PARTS = 100
LONGEST_BOUNDARY = 70
"""Characters (RFC 2046, section 5.1.1)."""

_CHARSET = "_charset_"
"""The field that names the charset of parts that name none (RFC 7578, section 4.6)."""
_CHARSETS = frozenset(
    {"utf-8", "utf-8-sig", "utf-16", "ascii", "shift_jis", "euc_jp", "iso2022_jp", "euc_kr", "cp949", "gbk", "gb2312",
     "gb18030", "big5", "koi8-r", "koi8-u", "tis-620", "cp874"}
    | {f"iso8859-{n}" for n in range(1, 17)} | {f"cp{n}" for n in range(1250, 1259)}
)  # fmt: skip
"""What browsers send, by Python's names; Python knows others that are no charsets, and slow ones."""
_EXTENDED_NAME = re.compile(r"""filename\*\s*=\s*"?utf-8''([^\s;"]*)""", re.IGNORECASE)
_ENCODINGS = frozenset({"", "7bit", "8bit", "binary"})


class MalformedForm(ValueError):
    """A body that is no form, or one that says nothing: `field` names the field at fault, `body` when there is none."""

    def __init__(self, reason: str, field: str = "body") -> None:
        super().__init__(reason)
        self.field = field


@dataclass(frozen=True, slots=True)
class Part:
    """One field of a form: `filename` is None for a plain one, `charset` is empty where the part names none."""

    name: str
    filename: str | None
    content_type: str
    content: bytes
    charset: str = ""

    @property
    def text(self) -> str:
        """A plain field's value. Raises `MalformedForm` when it is not in its charset."""
        try:
            return self.content.decode(_codec(self.charset, self.name))
        except UnicodeDecodeError:
            raise MalformedForm(f"is not {self.charset or 'UTF-8'} text", self.name) from None


def read(content_type: str, body: bytes) -> list[Part]:
    """All parts of a form body of either kind, in order. Raises `MalformedForm`, which says why and where."""
    media = content_type.partition(";")[0].strip().lower()
    if media == URLENCODED:
        return list(_pairs(content_type, body))
    found = list(_multipart(content_type, body))
    default = next((part.text.strip() for part in found if part.name == _CHARSET and part.filename is None), "")
    return [
        Part(part.name, part.filename, part.content_type, part.content, part.charset or default)
        for part in found
        if part.name != _CHARSET
    ]


def _multipart(content_type: str, body: bytes) -> Iterator[Part]:
    """The parts of a multipart body, their content byte for byte; linear in the body's size."""
    from multipart import MultipartError, MultipartSegment, ParserLimitReached, PushMultipartParser

    name = "body"
    try:
        # Header bytes come as Latin-1 and are decoded here: a strange file name must not refuse the file.
        parser = PushMultipartParser(_boundary(content_type), max_segment_count=MOST_PARTS, header_charset="latin-1")
        with parser:
            content: list[bytes] = []
            segment: MultipartSegment | None = None
            for event in parser.parse(body):
                if isinstance(event, MultipartSegment):
                    segment, content, name = event, [], _name(event)
                elif event is not None:
                    content.append(event)
                elif segment is not None:
                    yield _part(name, segment, b"".join(content))
                    name = "body"
    except ParserLimitReached as error:
        raise MalformedForm(f"The form is too large in its parts: {error}", name) from None
    except MultipartError as error:
        raise MalformedForm(f"The form cannot be read: {error}", name) from None


def _boundary(content_type: str) -> str:
    from multipart import parse_options_header

    found: str = parse_options_header(content_type)[1].get("boundary", "")
    if not 1 <= len(found) <= LONGEST_BOUNDARY or not found.isascii():
        raise MalformedForm(f"The Content-Type must name a boundary of 1 to {LONGEST_BOUNDARY} characters")
    return found


def _name(segment: MultipartSegment) -> str:
    try:
        found: str = (segment.name or "").encode("latin-1").decode()
    except UnicodeDecodeError:
        raise MalformedForm("The name of a part is not UTF-8 text") from None
    if not found:
        raise MalformedForm("A part of the form has no name")
    return found


def _part(name: str, segment: MultipartSegment, content: bytes) -> Part:
    if segment.header("Content-Transfer-Encoding", "").strip().lower() not in _ENCODINGS:
        # Deprecated by RFC 7578, section 4.7.
        raise MalformedForm("must be sent without a Content-Transfer-Encoding", name)
    return Part(name, _filename(segment), segment.content_type or "text/plain", content, segment.charset or "")


def _filename(segment: MultipartSegment) -> str | None:
    extended = _EXTENDED_NAME.search(segment.header("Content-Disposition", ""))
    if extended:  # forbidden by RFC 7578, section 4.2, and sent all the same
        return unquote(extended[1])
    if segment.filename is None:
        return None
    raw: bytes = segment.filename.encode("latin-1")
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def _pairs(content_type: str, body: bytes) -> Iterator[Part]:
    charset = ""
    for parameter in content_type.split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            charset = value.strip().strip('"')
    codec = _codec(charset, "body")
    try:
        # A byte that is no text becomes a surrogate, so that its field can be named.
        pairs = parse_qsl(body.decode("ascii", "surrogateescape"), keep_blank_values=True, encoding=codec,
                          errors="surrogateescape", max_num_fields=MOST_PARTS)  # fmt: skip
    except ValueError:
        raise MalformedForm(f"The form has more than {MOST_PARTS} fields") from None
    for name, value in pairs:
        if not name or not _sound(name):
            raise MalformedForm("A field of the form has no name" if not name else "The name of a field is not text")
        if not _sound(value):
            raise MalformedForm(f"is not {charset or 'UTF-8'} text", name)
        yield Part(name, None, "text/plain", value.encode())


def _sound(text: str) -> bool:
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


def _codec(charset: str, field: str) -> str:
    try:
        found = codecs.lookup(charset or "utf-8").name
    except (LookupError, ValueError):
        found = ""
    if found not in _CHARSETS:
        raise MalformedForm("is in a charset that is not known", field)
    return found
