"""Giving and taking rights: which role is meant, and who may."""

from datetime import UTC, datetime
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from quintet.models import now
from softfactory.access.callers import User as Caller
from softfactory.access.catalogue import Permission
from softfactory.access.changes import ROLE_GONE
from softfactory.access.rights import Rights, rights_of
from softfactory.access.roles import BUILT_IN, BUILT_IN_NAMED, Role, RoleName, folded
from softfactory.people.entities import User
from softfactory.people.fields import Id
from softfactory.service import api, store

FOR_EVER: Final = datetime(9999, 1, 1, tzinfo=UTC)


class RoleChoice(BaseModel):
    """A role by its id or by its name; exactly one of them."""

    model_config = ConfigDict(defer_build=True)

    role_id: Id | None = None
    role_name: Annotated[str | None, Field(min_length=1, max_length=100)] = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.role_id is None) == (self.role_name is None):
            raise ValueError("give either role_id or role_name")
        return self

    def found(self) -> Role:
        """The role that is meant; 404 where there is none."""
        if self.role_id is not None:
            return role_of(self.role_id)
        return _role_named(self.role_name or "")


def role_of(role_id: str) -> Role:
    """The role with this id; 404 where there is none."""
    return BUILT_IN.get(role_id) or store.require(Role, ROLE_GONE, id=role_id)


def _role_named(name: str) -> Role:
    wanted = folded(name)
    if wanted in BUILT_IN_NAMED:
        return BUILT_IN_NAMED[wanted]
    return store.require(Role, ROLE_GONE, id=store.require(RoleName, ROLE_GONE, name=wanted).role_id)


def require_grantable(caller: Caller, permissions: frozenset[Permission], until: datetime | None = FOR_EVER) -> None:
    """Raise 403 unless the caller holds all of these, and will until then (None: now is enough): nobody gives, changes
    or takes what is above them, or gives it for longer than they have it."""
    held = caller.rights
    for at in {held.at, until or held.at}:
        lacking = permissions - Rights(held.account, held.roles, at).effective
        if lacking:
            raise api.errors.forbidden(f"You do not hold {', '.join(sorted(lacking))} yourself")


def require_above(caller: Caller, account: User) -> Rights:
    """The rights of an account that the caller is about to change; 403 where that is an administrator's and the caller
    is none, or may do anything that the caller may not."""
    found = rights_of(account, now())
    if found.is_admin and not caller.rights.is_admin:
        raise api.errors.forbidden("Only an administrator may do this to an administrator")
    if not caller.rights.is_admin and not found.effective <= caller.rights.effective:
        raise api.errors.forbidden("This account may do what you may not")
    return found
