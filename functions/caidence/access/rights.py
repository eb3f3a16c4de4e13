"""What decides about one user, as a value: the present rights, and how an entry of the log changes them."""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from caidence.access.grants import Override, Principal, ScopedRole, barred_by
from quintet.auth.permissions import Assignment, Subject

_FIELDS: Final = ("role", "organization_id", "is_active", "is_approved")
State = Mapping[str, Any] | None


class Rights(BaseModel):
    """Everything that decides about one user, as of one moment."""

    model_config = ConfigDict(defer_build=True)

    role: str
    organization_id: str | None = None
    is_active: bool = True
    is_approved: bool = False
    overrides: list[Override] = Field(default_factory=list)
    assignments: list[ScopedRole] = Field(default_factory=list)

    @classmethod
    def of(cls, held: Principal) -> "Rights":
        """The rights that a user has now."""
        user, grants = held.user, held.grants
        return cls(
            role=user.role, organization_id=user.organization_id, is_active=user.is_active,
            is_approved=user.is_approved, overrides=grants.overrides, assignments=grants.assignments,
        )  # fmt: skip

    def subject(self, user_id: str) -> Subject:
        """What the permission engine judges them by."""
        return Subject(
            [Assignment(self.role), *(a.as_rule() for a in self.assignments)],
            [o.as_rule() for o in self.overrides],
            barred_by(user_id, is_active=self.is_active, is_approved=self.is_approved),
        )

    def after(self, action: str, before: State, after: State) -> "Rights":
        """The rights after what an entry tells: an override or a scoped role that came, changed or went, or fields."""
        if action.startswith("override."):
            gone = {state["id"] for state in (before, after) if state}
            overrides = [o for o in self.overrides if o.id not in gone]
            overrides += [Override.model_validate(after)] if after else []
            return self.model_copy(update={"overrides": sorted(overrides, key=lambda o: o.id)})
        if "scope_type" in (after or before or {}):
            places = {(state["scope_type"], state.get("scope_id")) for state in (before, after) if state}
            assignments = [a for a in self.assignments if a.place not in places]
            assignments += [ScopedRole.model_validate(after)] if after else []
            return self.model_copy(update={"assignments": assignments})
        return self.model_copy(update={name: after[name] for name in _FIELDS if after and name in after})
