"""How roles, who holds them, and permissions are shown."""

from collections.abc import Collection, Sequence
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict

from quintet.models import Timestamp
from softfactory.access.catalogue import PERMISSIONS
from softfactory.access.changes import Holder
from softfactory.access.rights import Rights
from softfactory.access.roles import Role
from softfactory.people.entities import Override
from softfactory.service import store


class RoleReply(BaseModel):
    """A role. `permissions` are those it was given; each implies the lower ones of its area."""

    model_config = ConfigDict(defer_build=True)

    role_id: str
    name: str
    description: str
    permissions: list[str]
    permission_count: int
    """How many it gives, with those that are implied."""
    user_count: int
    is_builtin: bool
    created_at: Timestamp


def role_replies(roles: Sequence[Role]) -> list[RoleReply]:
    """Roles with how many accounts hold each, counted in one read."""
    places = [{"role_id": role.id} for role in roles]
    built_in = dict(_counts("gsi1", [p for p, role in zip(places, roles, strict=True) if role.is_builtin]))
    custom = dict(_counts("gsi2", [p for p, role in zip(places, roles, strict=True) if not role.is_builtin]))
    return [_role_reply(role, {**built_in, **custom}[role.id]) for role in roles]


def _counts(index: Literal["gsi1", "gsi2"], places: list[dict[str, str]]) -> list[tuple[str, int]]:
    numbers = store.counts(Holder, index, places) if places else []
    return [(place["role_id"], number) for place, number in zip(places, numbers, strict=True)]


def _role_reply(role: Role, holders: int) -> RoleReply:
    return RoleReply(
        role_id=role.id,
        name=role.name,
        description=role.description,
        permissions=in_order(role.permissions),
        permission_count=len(role.grants),
        user_count=holders,
        is_builtin=role.is_builtin,
        created_at=role.created_at,
    )


class HeldReply(BaseModel):
    """A role that an account holds. `assigned_by` is null where the suite itself gave it, at sign-up."""

    model_config = ConfigDict(defer_build=True)

    role_id: str
    role_name: str
    assigned_at: Timestamp
    assigned_by: str | None
    expires_at: Timestamp | None


def held_replies(rights: Rights) -> list[HeldReply]:
    """The roles in force, the highest first."""
    named = {each.role_id: each for each in rights.account.roles}
    return [
        HeldReply(role_name=role.name, **named[role.id].model_dump(include=set(HeldReply.model_fields)))
        for role in rights.held
    ]


class OverrideReply(BaseModel):
    model_config = ConfigDict(defer_build=True, from_attributes=True)

    permission: str
    allowed: bool
    created_by: str
    created_at: Timestamp
    expires_at: Timestamp | None


class SourceReply(BaseModel):
    """What decides about one permission."""

    model_config = ConfigDict(defer_build=True)

    permission: str
    allowed: bool
    by: Literal["role", "override"]
    name: str
    """The role's name, or the permission that the override names."""


class PermissionsReply(BaseModel):
    """What an account may do now: `permissions` are all that it has, `sources` say for each that a rule decides which
    rule it was, `overrides` are those in force."""

    model_config = ConfigDict(defer_build=True)

    user_id: str
    permissions: list[str]
    overrides: list[OverrideReply]
    sources: list[SourceReply]

    @classmethod
    def of(cls, rights: Rights) -> Self:
        account = rights.account
        return cls(
            user_id=account.id,
            permissions=in_order(rights.effective),
            overrides=[OverrideReply.model_validate(each) for each in overrides_in_force(rights)],
            sources=[source for permission in PERMISSIONS for source in _sources(rights, permission)],
        )


def overrides_in_force(rights: Rights) -> list[Override]:
    """The overrides of an account that have not ended."""
    return [each for each in rights.account.overrides if each.expires_at is None or rights.at < each.expires_at]


def in_order(permissions: Collection[str]) -> list[str]:
    """Permissions by area and level, as the catalogue has them."""
    return [each for each in PERMISSIONS if each in permissions]


def _sources(rights: Rights, permission: str) -> list[SourceReply]:
    decision = rights.judged(permission)
    if decision.rule not in ("role", "override") or (decision.rule == "role" and not decision.allowed):
        return []
    name = decision.id if decision.rule == "override" else rights.roles[decision.id].name
    return [SourceReply(permission=permission, allowed=decision.allowed, by=decision.rule, name=name)]
