"""Pages of lists whose replies are flat objects: their place, the link to the next one, and pages cut from memory."""

from collections.abc import Sequence
from typing import TypeVar
from urllib.parse import urlencode

from quintet.api import Request
from quintet.models import Page, PageQuery
from quintet.store import cursors
from stoory.envelope import pagination
from stoory.service import Pagination

T = TypeVar("T")


def place(page: Page[T]) -> Pagination:
    """Where a page stands, as replies say it."""
    return Pagination(**pagination(page))


def link(request: Request, page: Page[T]) -> dict[str, str]:
    """The `Link` header to the next page (RFC 8288), relative to the list's own address; nothing on the last page."""
    if page.next_cursor is None:
        return {}
    kept = [(k, v) for k, vs in request.query.items() if k not in ("page", "cursor") for v in vs]
    return {"Link": f'<?{urlencode([*kept, ("cursor", page.next_cursor)])}>; rel="next"'}


def cut(items: Sequence[T], query: PageQuery, scope: str) -> Page[T]:
    """One page of a list that had to be read whole; `scope` names the list its cursors belong to."""
    number, size = query.page, query.page_size
    if query.cursor:
        number, _ = cursors.read(query.cursor, scope)
    more = number * size < len(items)
    cursor = cursors.write(number + 1, {}, scope) if more else None
    return Page(items[(number - 1) * size : number * size], len(items), number, size, cursor)
