"""Roles and permissions: which there are, and whether a set of roles allows something.

The built-in ones are constants with fixed ids, so that a fresh table needs no seeding; the first change of one
stores it, and what is stored wins.
"""

import unicodedata
from collections.abc import Iterable
from functools import cache
from typing import ClassVar

from pydantic import Field

from quintet.store import Entity, Keys
from storefront.access.holdings import ADMIN, CUSTOMER_EXPERIENCE, MANAGER, Holdings, holdings_of
from storefront.accounts.entities import USER, Account
from storefront.service import store


class Role(Entity):
    """A named set of permissions. `holders` counts the accounts that have it, where that is counted at all."""

    kind: ClassVar[str] = "role"
    keys: ClassVar[Keys] = Keys("ROLES", "ROLE#{id}")

    id: str
    name: str
    description: str = ""
    permissions: dict[str, bool] = Field(default_factory=dict)
    holders: int = 0


class Permission(Entity):
    """The right to take an action on a resource."""

    kind: ClassVar[str] = "permission"
    keys: ClassVar[Keys] = Keys("PERMISSIONS", "PERMISSION#{id}")

    id: str
    name: str
    resource: str
    action: str
    description: str = ""


class NameClaim(Entity):
    """Whose a name is within its space (`role` or `permission`)."""

    kind: ClassVar[str] = "name"
    keys: ClassVar[Keys] = Keys("NAME#{space}#{name}", "NAME")

    space: str
    name: str
    owner: str


_ROLES = {
    ADMIN: "Full system access",
    MANAGER: "Administrative access for business operations",
    CUSTOMER_EXPERIENCE: "Customer support access",
    USER: "Standard authenticated user",
}
_PERMISSIONS = {
    "products": "Full access to products",
    "inventory": "Full access to inventory management",
    "promotions": "Full access to promotions",
    "orders": "Full access to orders",
}
_GRANTED = {MANAGER: [f"manage_{resource}" for resource in _PERMISSIONS]}


@cache
def built_in_roles() -> dict[str, Role]:
    """The roles every shop starts with, by id."""
    return {
        name: Role(id=name, name=name, description=text, permissions=dict.fromkeys(_GRANTED.get(name, ()), True))
        for name, text in _ROLES.items()
    }


@cache
def built_in_permissions() -> dict[str, Permission]:
    """The permissions that operations ask for, by id."""
    made = (
        Permission(id=f"manage_{resource}", name=f"manage_{resource}", resource=resource, action="manage",
                   description=text)
        for resource, text in _PERMISSIONS.items()
    )  # fmt: skip
    return {permission.id: permission for permission in made}


def roles_of(user_id: str) -> frozenset[str]:
    """The ids of the roles an account holds now; none for an unknown or inactive account. One consistent read."""
    account = store.get(Account, id=user_id)
    return frozenset(account.roles) if account and account.active else frozenset()


def allowed(roles: frozenset[str], permission: str) -> bool:
    """Whether roles allow what needs `permission` (its id). At most one read."""
    return holdings(roles).has(permission)


def holdings(roles: Iterable[str]) -> Holdings:
    """What the roles with these ids give together: one batch read, none for `admin`, which holds everything."""
    ids = frozenset(roles)
    if ADMIN in ids:
        return holdings_of({ADMIN: ()})
    return given_by(find_roles(ids).values())


def given_by(roles: Iterable[Role]) -> Holdings:
    """What roles that were read give together."""
    return holdings_of({role.id: role.permissions for role in roles})


def find_roles(ids: Iterable[str]) -> dict[str, Role]:
    """The roles with these ids that exist, by id: one batch read."""
    wanted = sorted(set(ids))
    stored = store.get_all([Role.ref(id=role_id) for role_id in wanted])
    found = [role or built_in_role(role_id) for role_id, role in zip(wanted, stored, strict=True)]
    return {role.id: role for role in found if role is not None}


def find_role(id: str) -> Role | None:
    """The role with this id."""
    return store.get(Role, id=id) or built_in_role(id)


def built_in_role(id: str) -> Role | None:
    """The built-in role with this id as it is before any change."""
    found = built_in_roles().get(id)
    return found.model_copy(deep=True) if found else None


def find_permission(id: str) -> Permission | None:
    """The permission with this id."""
    found = store.get(Permission, id=id) or built_in_permissions().get(id)
    return found.model_copy() if found else None


def all_roles() -> list[Role]:
    """Every role: the built-in ones first, then the others as they were made. One consistent Query."""
    stored = {role.id: role for role in store.query(Role, begins="ROLE#", reverse=False, consistent=True).items}
    return list({**built_in_roles(), **stored}.values())


def all_permissions() -> list[Permission]:
    """Every permission, ordered like the roles. One consistent Query."""
    stored = {p.id: p for p in store.query(Permission, begins="PERMISSION#", reverse=False, consistent=True).items}
    return list({**built_in_permissions(), **stored}.values())


def folded(name: str) -> str:
    """A name as it is compared: differences of case and of width do not count."""
    return unicodedata.normalize("NFKC", name).casefold()


def role_id_named(name: str) -> str | None:
    """The id of the role with this name. The first names of the built-in roles always mean those."""
    wanted = folded(name)
    if wanted in built_in_roles():
        return wanted
    claim = store.get(NameClaim, space=Role.kind, name=wanted)
    return claim.owner if claim else None
