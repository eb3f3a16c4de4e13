"""Rows of organizations as callers may reach them: another organization's row is not there, a forbidden one is 403.

Every operation on such rows goes through here, so that no handler can forget the tenant or the permission.
"""

from collections.abc import Callable
from typing import TypeVar

from caidence.access.callers import Permitted, User
from caidence.directory.entities import Brand, Organization
from caidence.directory.owned import Owned
from caidence.service import api, store
from quintet.api import ApiError, ErrorType
from quintet.auth.permissions import Scope
from quintet.models import Page, SkipQuery

R = TypeVar("R", bound=Owned)

ORGANIZATION_NOT_FOUND = ErrorType(404, "organization_not_found", "Organization not found")
BRAND_NOT_FOUND = ErrorType(404, "brand_not_found", "Brand not found")
BRAND_INACTIVE = ErrorType(400, "brand_inactive", "The brand is deactivated")


def located(caller: User, kind: type[R], id: str, missing: ErrorType) -> R:
    """A row by its id; raises `missing` when it is not there, or another organization's.

    One read of the caller's own partition. A super admin, who has none, finds it by an index first.
    """
    organization = caller.organization_id
    if caller.is_super:
        found = store.query(kind, "gsi1", begins=id, limit=1).items
        organization = found[0].organization_id if found and found[0].id == id else None
    row = store.get(kind, organization_id=organization, id=id) if organization else None
    if row is None:
        raise missing()
    return row


def row(caller: Permitted, kind: type[R], id: str, missing: ErrorType) -> R:
    """A row that the caller may see, judged in the row's own scopes: `missing`, or 403 with the rule that denies."""
    found = located(caller, kind, id, missing)
    caller.require(found.scopes)
    return found


def page(caller: Permitted, kind: type[R], query: SkipQuery, *, weigh: Callable[[R], int] | None = None) -> Page[R]:
    """One page of the rows that a permitted caller sees, judged in their organization; `weigh` as of `seen`."""
    caller.require(() if caller.is_super else caller.account.scopes)
    return seen(caller, kind, query, weigh=weigh)


def seen(caller: User, kind: type[R], query: SkipQuery, *, weigh: Callable[[R], int] | None = None) -> Page[R]:
    """One page of the caller's organization's rows, newest first: of all organizations for a super admin, and none for
    an account without an organization. Whoever calls this has judged the permission. `weigh` is for rows of which a
    reply may not carry a page (`Store.page`)."""
    if caller.is_super:
        return store.page(kind, "gsi1", query, weigh=weigh)
    if caller.organization_id is None:
        return Page([], 0, query.number, query.size)
    return store.page(kind, "main", query, weigh=weigh, organization_id=caller.organization_id)


def home(caller: User, organization_id: str | None, brand_id: str | None = None) -> tuple[str, Brand | None]:
    """Where a new row goes: its organization, and the brand when one is named. Both must be the caller's to name.

    A super admin names one, be it the account's own, or a brand of it. Raises 404 for a foreign organization or brand,
    422 for a super admin who names none, 403 for an account without.
    """
    own = None if caller.is_super else caller.organization_id
    if organization_id is not None and not caller.is_super and organization_id != own:
        raise ORGANIZATION_NOT_FOUND()
    wanted = organization_id or own
    if wanted is None and brand_id is None:
        raise _nameless(caller)
    brand = located(caller, Brand, brand_id, BRAND_NOT_FOUND) if brand_id else None
    if brand is not None and wanted is not None and brand.organization_id != wanted and organization_id is not None:
        raise BRAND_NOT_FOUND()
    target = brand.organization_id if brand is not None else wanted
    assert target is not None
    if target != own:
        store.require(Organization, ORGANIZATION_NOT_FOUND, id=target)
    return target, brand


def place_for(caller: Permitted, organization_id: str | None, brand_id: str | None = None) -> tuple[str, str | None]:
    """Where a new row of a permitted caller goes, judged there: in its brand if it has one, else its organization."""
    organization, brand = _judged_home(caller, organization_id, brand_id)
    return organization, brand.id if brand else None


def active_place_for(
    caller: Permitted, organization_id: str | None, brand_id: str | None = None
) -> tuple[str, str | None]:  # fmt: skip
    """`place_for`, for what needs a brand that is not deactivated: 400 otherwise."""
    organization, brand = _judged_home(caller, organization_id, brand_id)
    if brand is not None and not brand.is_active:
        raise BRAND_INACTIVE()
    return organization, brand.id if brand else None


def _judged_home(caller: Permitted, organization_id: str | None, brand_id: str | None) -> tuple[str, Brand | None]:
    organization, brand = home(caller, organization_id, brand_id)
    caller.require(brand.scopes if brand else (Scope("organization", organization),))
    return organization, brand


def _nameless(caller: User) -> ApiError:
    if not caller.is_super:
        return api.errors.forbidden("The account belongs to no organization")
    return api.errors.invalid_body(
        details=[{"field": "organization_id", "message": "Field required", "type": "missing"}]
    )
