"""What roles give, and whether one who holds some may hand out others: pure rules, no storage.

Nobody gives, takes or changes what goes beyond their own. Staff roles open the admin routes, `admin` holds
everything, and every role holds the permissions granted to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

ADMIN, MANAGER, CUSTOMER_EXPERIENCE = "admin", "manager", "customer_experience"
STAFF = frozenset({ADMIN, MANAGER, CUSTOMER_EXPERIENCE})


@dataclass(frozen=True, slots=True)
class Holdings:
    """What someone holds: everything, entry to the admin routes, and permissions by id."""

    everything: bool = False
    staff: bool = False
    permissions: frozenset[str] = frozenset()

    def has(self, permission: str) -> bool:
        """Whether the permission with this id is held."""
        return self.everything or permission in self.permissions

    def covers(self, other: Holdings) -> bool:
        """Whether everything `other` gives is held here too."""
        if self.everything:
            return True
        return not other.everything and self.staff >= other.staff and self.permissions >= other.permissions


def is_staff(roles: Iterable[str]) -> bool:
    """Whether one of the roles with these ids is a staff role."""
    return not STAFF.isdisjoint(roles)


def holdings_of(roles: Mapping[str, Iterable[str]]) -> Holdings:
    """What roles give together; `roles` maps each role's id to the ids of its permissions."""
    permissions = frozenset(permission for granted in roles.values() for permission in granted)
    return Holdings(ADMIN in roles, is_staff(roles), permissions)
