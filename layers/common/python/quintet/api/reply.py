"""Replies: what a handler may return besides a bare model, and how bytes become an API Gateway answer."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from urllib.parse import quote, urlencode

T = TypeVar("T")

Answer = tuple[int, bytes, dict[str, str]]
"""Status, body and headers."""


@dataclass(slots=True)
class Reply(Generic[T]):
    """A reply with more than its data: extra `meta`, headers, or another status than the declared one."""

    data: T
    meta: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int | None = None


@dataclass(slots=True)
class Bare(Generic[T]):
    """A reply outside the system's envelope, such as a health check."""

    data: T


@dataclass(frozen=True, slots=True)
class Binary:
    """A reply that is no JSON: a picture, a document, an export. The operation declares its media types (`produces`).

    With a `filename` a browser saves it, or shows it where it is `inline`.
    """

    content: bytes = field(repr=False)
    media_type: str = "application/octet-stream"
    filename: str | None = None
    inline: bool = False

    @property
    def disposition(self) -> str | None:
        """The Content-Disposition (RFC 6266): the name in ASCII for old clients, and whole in RFC 8187's form."""
        if self.filename is None:
            return "inline" if self.inline else None
        name = re.sub(r"[\x00-\x1f\x7f/\\]", "_", self.filename)
        plain = re.sub(r'[^ -~]|["%]', "_", name)
        extended = "" if plain == name else f"; filename*=UTF-8''{quote(name, safe='')}"
        return f'{"inline" if self.inline else "attachment"}; filename="{plain}"{extended}'


@dataclass(frozen=True, slots=True)
class Header:
    """Marks a parameter as a request header: `Annotated[str | None, Header("If-Match")]`."""

    name: str


@dataclass(frozen=True, slots=True)
class Path:
    """Marks a path parameter that must not be blank: `Annotated[str, Path(ORDER_ID_REQUIRED)]`."""

    blank: Any


JSON = "application/json"
LARGEST_REPLY = 6 * 1024 * 1024
"""Bytes of a whole proxy answer as JSON that Lambda hands on (Lambda quotas: 6 MB)."""
_SURELY_FITS = LARGEST_REPLY // 8
"""Bytes of body that fit however JSON escapes them."""
_TEXT = re.compile(r"text/|application/(json|xml|javascript)\b|[^;]*\+(json|xml)\b", re.IGNORECASE)


class ReplyTooLarge(Exception):
    """A reply that cannot be given: larger than Lambda hands on."""


def answer(status: int, body: bytes | None, headers: dict[str, str]) -> dict[str, Any]:
    """The proxy answer both payload formats understand. Raises `ReplyTooLarge`, since Lambda would cut it off."""
    if body is None:
        return {"statusCode": status, "headers": headers, "body": "", "isBase64Encoded": False}
    text, encoded = _carried(body, headers.setdefault("Content-Type", JSON))
    found = {"statusCode": status, "headers": headers, "body": text, "isBase64Encoded": encoded}
    # As the runtime writes it.
    if len(body) > _SURELY_FITS and len(json.dumps(found, ensure_ascii=False).encode()) > LARGEST_REPLY:
        raise ReplyTooLarge(f"a reply of {len(body)} bytes is above what Lambda hands on")
    return found


def _carried(body: bytes, media_type: str) -> tuple[str, bool]:
    """A body as the answer carries it, and whether that is base64."""
    if _TEXT.match(media_type):
        try:
            return body.decode(), False
        except UnicodeDecodeError:  # text in another encoding
            pass
    return base64.b64encode(body).decode(), True


def strong_etag(body: bytes) -> str:
    """A strong entity tag of a representation (RFC 9110, section 8.8.3)."""
    return f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'


def matches(header: str, etag: str, *, weak: bool) -> bool:
    """Whether an If-Match (strong) or If-None-Match (weak comparison) header names the tag (RFC 9110, 13.1)."""
    for given in header.split(","):
        tag = given.strip()
        if tag == "*" or tag == etag or (weak and tag.removeprefix("W/") == etag.removeprefix("W/")):
            return True
    return False


def next_link(query: Mapping[str, Sequence[str]], cursor: str) -> str:
    """The `Link` to a list's next page (RFC 8288), relative to the list's own address: what was asked, further on.

    `query` is `Request.asked`: what nobody reads is not repeated, so that the header stays as short as what is meant.
    """
    placed = {"page", "skip", "offset", "cursor"}
    kept = [(name, value) for name, values in query.items() if name not in placed for value in values]
    return f'<?{urlencode([*kept, ("cursor", cursor)])}>; rel="next"'
