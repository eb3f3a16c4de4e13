"""The list of accounts, by role and status, and by the words of names and addresses.

By role and status it is one Query of each listing that these name, counted. A search reads the postings of its words,
and the accounts of the page; together with role or status all accounts that its words find.
"""

from typing import Annotated, Final, Literal, get_args

from pydantic import Field

from quintet.models import Length, Line, Page, now
from quintet.store import cursors
from quintet.store.merge import merged_page
from softfactory.access.ending import settle_ended
from softfactory.access.rights import Rights, all_rights
from softfactory.access.roles import BUILT_IN, CUSTOM
from softfactory.lists import ListQuery
from softfactory.people.entities import Status, User
from softfactory.people.finding import found, is_found
from softfactory.service import store

STATUSES: Final[tuple[Status, ...]] = get_args(Status)
ROLE_NAMES: Final = (*(role.name for role in BUILT_IN.values()), CUSTOM)


class UserQuery(ListQuery):
    """By role (the highest that somebody holds; `custom` for whoever holds other ones alone), by status, and by words
    that name or address have, each by its beginning."""

    role: Literal["admin", "moderator", "creator", "user", "custom"] | None = None
    status: Status | None = None
    q: Annotated[
        Annotated[Line, Length(1, 200)] | None, Field(description="Words that name or e-mail address begin with")
    ] = None
    sort: Literal["created_at", "-created_at"] = "-created_at"
    limit: Annotated[int, Field(ge=1, le=100, description="Items to show")] = 50

    def takes(self, user: User) -> bool:
        """Whether an account has the role, status and words that are asked for."""
        asked = ((self.role, user.role), (self.status, user.listed))
        return all(wanted in (None, held) for wanted, held in asked) and (self.q is None or is_found(user, self.q))


def listed(query: UserQuery) -> Page[Rights]:
    """One page of accounts with their rights.

    Listings go by what stands in an account, and roles and bans end by the clock. So where they are asked for what has
    ended is taken off first, and what cannot be is shown as it was at that moment: no row shows another role or status
    than it is listed by.
    """
    filtered = query.role is not None or query.status is not None
    at = settle_ended().at if filtered else now()
    if query.q is not None:
        page = _found(query, query.q, filtered=filtered)
    elif filtered:
        page = _by_role_and_status(query)
    else:
        page = store.page(User, "gsi1", query, reverse=not query.descending)
    return Page(all_rights(page.items, at), page.total, page.page, page.page_size, page.next_cursor)


def _by_role_and_status(query: UserQuery) -> Page[User]:
    roles, statuses = [query.role] if query.role else ROLE_NAMES, [query.status] if query.status else STATUSES
    places = [{"role": role, "listed": status} for role in roles for status in statuses]
    scope = f"users|{query.role}|{query.status}"
    return merged_page(store, User, "gsi2", query, places, scope, reverse=not query.descending)


def _found(query: UserQuery, question: str, *, filtered: bool) -> Page[User]:
    """Ids sort by when accounts were made. What changed while the postings were read is held against the query."""
    hits = sorted(found(question), reverse=query.descending)
    if filtered:
        hits = [user.id for user in _fitting(query, hits)]
    scope = f"users|{query.role}|{query.status}|{query.sort}|{question}"
    page = cursors.cut(hits, query, scope, str, descending=query.descending)
    shown = _fitting(query, list(page.items))
    total = len(hits) - (len(page.items) - len(shown))
    return Page(shown, total, page.page, page.page_size, page.next_cursor)


def _fitting(query: UserQuery, ids: list[str]) -> list[User]:
    users = store.get_all([User.ref(id=each) for each in ids])
    return [user for user in users if user is not None and query.takes(user)]
