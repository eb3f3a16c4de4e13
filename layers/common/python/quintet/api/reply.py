"""Replies: what a handler may return besides a bare model, and how bytes become an API Gateway answer."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

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
class Header:
    """Marks a parameter as a request header: `Annotated[str | None, Header("If-Match")]`."""

    name: str


@dataclass(frozen=True, slots=True)
class Path:
    """Marks a path parameter that must not be blank: `Annotated[str, Path(ORDER_ID_REQUIRED)]`."""

    blank: Any


JSON = "application/json"


def answer(status: int, body: bytes | None, headers: dict[str, str]) -> dict[str, Any]:
    """The proxy answer both payload formats understand."""
    if body is None:
        return {"statusCode": status, "headers": headers, "body": "", "isBase64Encoded": False}
    headers.setdefault("Content-Type", JSON)
    return {"statusCode": status, "headers": headers, "body": body.decode(), "isBase64Encoded": False}


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
