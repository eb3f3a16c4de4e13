"""Who may run an organization and its brands: by the names of roles, as the document lists them.

A role that an account holds within an organization or a brand only counts there.
"""

from collections.abc import Sequence
from typing import Final

from caidence.access.callers import User
from caidence.access.roles import AGENCY_ADMIN, AGENCY_MEMBER, BRAND_ADMIN
from caidence.service import api
from quintet.auth.permissions import GLOBAL, Scope

AGENCY: Final = frozenset({AGENCY_ADMIN, AGENCY_MEMBER})
"""Agency level, beside root and super admins."""
ADMINS: Final = frozenset({AGENCY_ADMIN})
BRAND_ADMINS: Final = frozenset({AGENCY_ADMIN, BRAND_ADMIN})


def holds(caller: User, roles: frozenset[str], where: Sequence[Scope]) -> bool:
    """Whether a caller has one of the roles in the scopes of what it touches, or is a super admin."""
    held = {a.role for a in caller.subject.assignments if a.scope == GLOBAL or a.scope in where}
    return caller.is_super or not roles.isdisjoint(held)


def require(caller: User, roles: frozenset[str], where: Sequence[Scope], refusal: str) -> None:
    """Raise 403 with the text unless `holds`."""
    if not holds(caller, roles, where):
        raise api.errors.forbidden(refusal)
