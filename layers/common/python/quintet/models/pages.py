"""Paging: what a caller asks for, and one page of what it gets."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Generic, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, Field

MAX_PAGE_SIZE = 100
MAX_PAGE_BYTES = 6_000_000
"""Of a page as it is sent: Lambda hands on 6 MB, headers and all."""

T = TypeVar("T")
U = TypeVar("U")


def sent_bytes(reply: BaseModel) -> int:
    """Bytes that a reply takes as it is sent: its JSON as text within Lambda's, where each of its quotation marks and
    backslashes takes two."""
    return len(json.dumps(reply.model_dump_json(by_alias=True), ensure_ascii=False).encode())


class Paging(Protocol):
    """What every way to ask for a page comes down to."""

    @property
    def cursor(self) -> str | None:
        """Where the page before ended; overrules the offset."""

    @property
    def offset(self) -> int:
        """How many items come before this page."""

    @property
    def number(self) -> int:
        """Which page this is, from 1."""

    @property
    def size(self) -> int:
        """How many items a page has at most."""


class PageQuery(BaseModel):
    """The query parameters of a list: a page number and its size, or a cursor and a size."""

    model_config = ConfigDict(frozen=True, defer_build=True, hide_input_in_errors=True)

    page: Annotated[int, Field(ge=1, le=1_000_000, description="Page number, from 1")] = 1
    page_size: Annotated[int, Field(ge=1, le=MAX_PAGE_SIZE, description="Items per page")] = 20
    cursor: Annotated[
        str | None,
        Field(min_length=1, max_length=2048, description="Where the page before ended; overrules `page`"),
    ] = None

    @property
    def offset(self) -> int:
        """How many items come before this page."""
        return (self.page - 1) * self.page_size

    @property
    def number(self) -> int:
        """Which page this is, from 1."""
        return self.page

    @property
    def size(self) -> int:
        """How many items a page has at most."""
        return self.page_size


class SkipQuery(BaseModel):
    """The query parameters of a list: how many items to skip and to show, or a cursor and a limit."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    skip: Annotated[int, Field(ge=0, le=1_000_000, description="Items to skip")] = 0
    limit: Annotated[int, Field(ge=1, le=MAX_PAGE_SIZE, description="Items to show")] = 20
    cursor: Annotated[
        str | None,
        Field(min_length=1, max_length=2048, description="Where the page before ended; overrules `skip`"),
    ] = None

    @property
    def offset(self) -> int:
        """How many items come before this page."""
        return self.skip

    @property
    def number(self) -> int:
        """Which page this is, from 1: the one in which the first item shown would be."""
        return self.skip // self.limit + 1

    @property
    def size(self) -> int:
        """How many items a page has at most."""
        return self.limit


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list.

    `total` counts the items of the whole list, or is None where no counter is kept; `next_cursor`
    is None on the last page.
    """

    items: Sequence[T]
    total: int | None = None
    page: int = 1
    page_size: int = 20
    next_cursor: str | None = field(default=None)

    @property
    def total_pages(self) -> int:
        """How many pages the list has; 0 for an empty list and for one whose total is unknown."""
        return -(-(self.total or 0) // self.page_size)

    @property
    def has_next(self) -> bool:
        """Whether another page follows."""
        return self.next_cursor is not None or self.page < self.total_pages

    @property
    def has_prev(self) -> bool:
        """Whether a page comes before."""
        return self.page > 1

    def map(self, change: Callable[[T], U]) -> Page[U]:
        """The same page with every item changed, such as from entity to reply."""
        return Page([change(item) for item in self.items], self.total, self.page, self.page_size, self.next_cursor)


class OffsetQuery(BaseModel):
    """The query parameters of a list: how many items to pass over and to show, or a cursor and a limit."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    offset: Annotated[int, Field(ge=0, le=1_000_000, description="Items to pass over")] = 0
    limit: Annotated[int, Field(ge=1, le=MAX_PAGE_SIZE, description="Items to show")] = 20
    cursor: Annotated[
        str | None,
        Field(min_length=1, max_length=2048, description="Where the page before ended; overrules `offset`"),
    ] = None

    @property
    def number(self) -> int:
        """Which page this is, from 1: the one in which the first item shown would be."""
        return self.offset // self.limit + 1

    @property
    def size(self) -> int:
        """How many items a page has at most."""
        return self.limit
