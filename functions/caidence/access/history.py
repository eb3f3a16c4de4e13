"""What a user's rights were at a moment: events beside the present view, folded.

Every change of a user's rights appends one event to that user's history, numbered by the version of their grants, in
the transaction of the change. A role's changes have a history of their own. Every FOLDS events one carries the whole
state, so that a fold reads no more than that many, however long the history is.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, ClassVar, Final

from pydantic import BaseModel, ConfigDict, Field

from caidence.access.grants import Grants, Override, ScopedRole
from caidence.access.roles import Catalogue, StoredRole
from caidence.directory.entities import User
from caidence.service import store
from quintet.auth.permissions import Assignment, Subject
from quintet.models import now, rfc3339
from quintet.store import Entity, Keys, Transaction

FOLDS: Final = 50


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
    def of(cls, user: User, grants: Grants | None) -> "Rights":
        return cls(
            role=user.role, organization_id=user.organization_id, is_active=user.is_active,
            is_approved=user.is_approved, overrides=list(grants.overrides) if grants else [],
            assignments=list(grants.assignments) if grants else [],
        )  # fmt: skip


class Event(Entity):
    """One change: the fields of the rights that it set, or all of them (`whole`)."""

    kind: ClassVar[str] = "rights_event"
    keys: ClassVar[Keys] = Keys("RIGHTS#{user_id}", "{number}", order="ascending")

    user_id: str
    number: str
    """Ten digits, so that text sorts as numbers do."""
    at: datetime
    whole: bool
    changed: dict[str, Any]
