"""Permissions and scopes as callers name them: known ones, and an organization or a brand that they may see."""

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from caidence.access.callers import User
from caidence.access.grants import ScopeType
from caidence.access.roles import Action, Resource, actions_of
from caidence.access.rows import BRAND_NOT_FOUND, ORGANIZATION_NOT_FOUND, located
from caidence.directory.entities import Brand, Organization
from caidence.envelope import Id
from caidence.service import store
from quintet.auth.permissions import Scope


class InScope(BaseModel):
    """A scope: everywhere when none is named; an organization and a brand come with their id."""

    model_config = ConfigDict(defer_build=True)

    scope_type: ScopeType | None = None
    scope_id: Id | None = Field(default=None, validate_default=True)

    @field_validator("scope_id")
    @classmethod
    def _fits(cls, value: str | None, info: ValidationInfo) -> str | None:
        if "scope_type" not in info.data:  # it was refused itself
            return value
        kind = info.data["scope_type"] or "global"
        if kind == "global" and value is not None:
            raise ValueError("belongs to the scope organization or brand")
        if kind != "global" and value is None:
            message = f"is required with the scope {kind}"
            raise ValueError(message)
        return value

    @property
    def kind(self) -> ScopeType:
        return self.scope_type or "global"


class Permission(BaseModel):
    """A resource and an action that it knows."""

    model_config = ConfigDict(defer_build=True)

    resource: Resource
    action: Action

    @field_validator("action")
    @classmethod
    def _known(cls, value: Action, info: ValidationInfo) -> Action:
        require_known(info.data.get("resource"), value)
        return value


def require_known(resource: str | None, action: str) -> None:
    """Raise ValueError when the resource does not know the action."""
    if resource is not None and action not in actions_of(resource):
        message = f"{resource} knows only {', '.join(actions_of(resource))}"
        raise ValueError(message)


def seen_scopes(caller: User, kind: ScopeType, id: str | None) -> tuple[Scope, ...]:
    """The scopes in which something within this one is judged, the most specific first. Raises 404 for an organization
    or a brand that the caller cannot see."""
    if id is None or kind == "global":
        return ()
    if kind == "brand":
        return located(caller, Brand, id, BRAND_NOT_FOUND).scopes
    if id != caller.organization_id and not caller.is_super:
        raise ORGANIZATION_NOT_FOUND()
    return store.require(Organization, ORGANIZATION_NOT_FOUND, id=id).scopes
