"""Cursors: where a page ended, opaque and signed, good only for the listing and the caller it was given to."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from quintet.errors import ErrorType
from quintet.models.pages import Page, Paging
from quintet.store.codec import Item

T = TypeVar("T")

INVALID_CURSOR = ErrorType(400, "invalid_cursor", "The cursor is not valid for this list")

_holder: ContextVar[str] = ContextVar("cursor_holder", default="")


@contextmanager
def held_by(holder: str) -> Iterator[None]:
    """Bind cursors written and read inside to one caller and operation; the pipeline does it per call."""
    token = _holder.set(holder)
    try:
        yield
    finally:
        _holder.reset(token)


def write(page: int, position: Item, scope: str) -> str:
    """A cursor for the page that starts after `position` (a LastEvaluatedKey of strings)."""
    plain = {name: value["S"] for name, value in position.items()}
    body = json.dumps([page, plain], separators=(",", ":")).encode()
    return _text(_signatures(body, scope)[0] + body)


def read(cursor: str, scope: str) -> tuple[int, Item]:
    """The page number and start position of a cursor. Raises 400 `invalid_cursor` for any other text."""
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except ValueError:
        raise INVALID_CURSOR() from None
    if _text(raw) != cursor:  # base64 decoders forgive what an honest client never sends
        raise INVALID_CURSOR()
    signature, body = raw[:16], raw[16:]
    if not any(hmac.compare_digest(signature, one) for one in _signatures(body, scope)):
        raise INVALID_CURSOR()
    page, plain = _parsed(body)
    return page, {name: {"S": value} for name, value in plain.items()}


def cut(
    items: Sequence[T], query: Paging, scope: str, place: Callable[[T], str], *, descending: bool = True
) -> Page[T]:
    """One page of a list that had to be read whole, ordered by `place`, which tells its items apart.

    A cursor holds the place of the last item shown, so that what comes or goes before it repeats and hides nothing.
    """
    number, start = query.number, query.offset
    if query.cursor:
        number, position = read(query.cursor, scope)
        last = position["place"]["S"]
        start = sum(1 for item in items if (place(item) >= last if descending else place(item) <= last))
    shown, more = items[start : start + query.size], start + query.size < len(items)
    cursor = write(number + 1, {"place": {"S": place(shown[-1])}}, scope) if more else None
    return Page(shown, len(items), number, query.size, cursor)


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _parsed(body: bytes) -> tuple[int, dict[str, str]]:
    page, plain = json.loads(body)
    return page, plain


def _signatures(body: bytes, scope: str) -> list[bytes]:
    """By the key that signs, then by those of before that still verify."""
    from quintet.keys.keyring import secret

    message: Any = b"\x00".join((_holder.get().encode(), scope.encode(), body))
    return [hmac.new(key, message, hashlib.sha256).digest()[:16] for key in secret().cursor_keys]
