"""Rows that stand in one place: in their maker's organization, or with the maker who belonged to none."""

from typing import TypeVar

from caidence.access.callers import User
from caidence.directory.entities import User as Account
from caidence.service import store
from quintet.models import Page, SkipQuery
from quintet.store import Entity

R = TypeVar("R", bound=Entity)


def place_of(user: Account) -> str:
    """Where what a user makes stands: in their organization, or with them alone where they belong to none."""
    return user.organization_id or user.id


def page_of_places(caller: User, kind: type[R], query: SkipQuery) -> Page[R]:
    """Rows that the caller sees, all with a listing by `place`: their organization's, newest first, then their own from
    before they belonged to one, newest first. Super admins see all."""
    if caller.is_super:
        return store.page(kind, "gsi1", query)
    place = place_of(caller.account)
    own = store.count(kind, place=caller.id) if place != caller.id else 0
    if not own:
        return store.page(kind, "main", query, place=place)
    # Two lists one after the other have no cursor in common: such a list is paged by `skip`.
    plain = SkipQuery(skip=query.skip, limit=query.limit)
    ours = store.page(kind, "main", plain, place=place)
    total, items = ours.total or 0, list(ours.items)
    if len(items) < query.limit:
        rest = SkipQuery(skip=max(0, query.skip - total), limit=query.limit - len(items))
        items += store.page(kind, "main", rest, place=caller.id).items
    return Page(items, total + own, query.number, query.size)
