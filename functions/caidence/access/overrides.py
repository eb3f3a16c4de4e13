"""Overrides among a user's grants: placed, changed and removed, in the form of this engine and in that of the admin's.

Pure functions: each answers new grants, which `changes.change_overrides` then writes with their audit entries.
"""

from collections.abc import Callable, Mapping, Set
from typing import Final, Literal

from caidence.access.grants import Grants, Override, ScopeType
from caidence.access.roles import Resource, actions_of
from quintet.api import ErrorType
from quintet.models import now

OVERRIDE_EXISTS = ErrorType(409, "override_exists", "The user has an override for this permission and scope already")
TOO_MANY_OVERRIDES = ErrorType(400, "too_many_overrides", "A user may have at most 100 overrides")

MOST_OVERRIDES: Final = 100
"""All of them are read at every request of the user."""
AccessLevel = Literal["none", "read", "write"]
_ALLOWED: Final[Mapping[AccessLevel, Set[str]]] = {"none": set(), "read": {"read"}, "write": {"read", "write"}}


def found(grants: Grants, place: tuple[str, str, str, str | None]) -> Override | None:
    """The override of a permission in a scope."""
    return next((override for override in grants.overrides if override.place == place), None)


def placed(
    grants: Grants,
    resource: str,
    action: str,
    allowed: bool,
    by: str,
    *,
    scope_type: ScopeType = "global",
    scope_id: str | None = None,
) -> tuple[Grants, Override]:
    """The grants with a permission allowed or denied in a scope, whatever was there; and that override. Raises 400
    for more overrides than a user may have."""
    old = found(grants, (resource, action, scope_type, scope_id))
    if old is not None:
        new = old if old.is_allowed == allowed else old.model_copy(update={"is_allowed": allowed, "updated_at": now()})
        return exchanged(grants, old, new), new
    if len(grants.overrides) >= MOST_OVERRIDES:
        raise TOO_MANY_OVERRIDES()
    after = grants.model_copy()
    at = now()
    new = Override(
        id=after.numbered_id(), resource=resource, action=action, scope_type=scope_type, scope_id=scope_id,
        is_allowed=allowed, created_by=by, created_at=at, updated_at=at,
    )  # fmt: skip
    after.overrides = [*grants.overrides, new]
    return after, new


def exchanged(grants: Grants, old: Override, new: Override) -> Grants:
    """The grants with `new` where `old` is. Raises 409 when another override has its permission and scope."""
    other = found(grants, new.place)
    if other is not None and other.id != old.id:
        raise OVERRIDE_EXISTS()
    overrides = [new if override.id == old.id else override for override in grants.overrides]
    return grants.model_copy(update={"overrides": overrides})


def without(grants: Grants, gone: Callable[[Override], bool]) -> Grants:
    """The grants without those overrides."""
    return grants.model_copy(update={"overrides": [o for o in grants.overrides if not gone(o)]})


def with_access(grants: Grants, module: Resource, level: AccessLevel, by: str) -> Grants:
    """The grants with the admin's form of global overrides: `none` denies reading and writing, `read` allows the one
    and denies the other, `write` allows both."""
    for action in actions_of(module):
        grants, _ = placed(grants, module, action, action in _ALLOWED[level], by)
    return grants


def without_module(grants: Grants, module: Resource) -> Grants:
    """The grants without a module's global overrides."""
    return without(grants, lambda o: o.resource == module and o.scope_type == "global")
