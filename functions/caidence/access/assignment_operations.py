"""Giving users their roles: the one they have everywhere, or one within an organization or a brand."""

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from caidence.access import changes
from caidence.access.audit import Actor
from caidence.access.callers import User
from caidence.access.changes import LAST_ROOT
from caidence.access.grants import Grants, Principal, ScopedRole, ScopeType
from caidence.access.levels import ROLE_NOT_FOUND, USER_NOT_FOUND, located_user, require_above, require_grantable
from caidence.access.roles import ADMIN_LEVEL
from caidence.access.rows import BRAND_NOT_FOUND, ORGANIZATION_NOT_FOUND
from caidence.access.scopes import InScope, seen_scopes
from caidence.envelope import Id
from caidence.service import api as platform
from caidence.service import store
from quintet.api import ErrorType, Request
from quintet.models import now
from quintet.store import until_settled

api = platform.section("rbac")

TOO_MANY_ASSIGNMENTS = ErrorType(400, "too_many_assignments", "A user may have roles in at most 50 scopes")
MOST_ASSIGNMENTS: Final = 50


class Assign(InScope):
    user_id: Id
    role_name: Annotated[str, Field(min_length=1, max_length=50)]


class AssignReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    message: str
    user_id: str
    role: str
    scope_type: ScopeType
    scope_id: str | None


@api.post(
    "/rbac/assign",
    errors=[
        USER_NOT_FOUND, ROLE_NOT_FOUND, ORGANIZATION_NOT_FOUND, BRAND_NOT_FOUND, LAST_ROOT, TOO_MANY_ASSIGNMENTS,
    ],
    needs={"table:write"},
    example={"user_id": "0198c0de-0000-7000-8000-000000000001", "role_name": "brand_admin"},
)  # fmt: skip
def assign_role(body: Assign, caller: User, request: Request) -> AssignReply:
    """Assign a role to a user

    Without a scope it becomes the user's role. Within an organization or a brand it adds to what their role grants
    there, in the place of the one they had there before; assigning the very role they have everywhere takes that one
    back. Agency admins and above may assign, to users and with roles below their own level.
    """
    if caller.level < ADMIN_LEVEL:
        raise platform.errors.forbidden("Only agency admins and above assign roles")
    actor = Actor.of(caller.account, request.id)

    def attempt() -> None:
        held = located_user(caller, body.user_id)
        require_above(caller, held.user)
        require_grantable(caller, body.role_name)
        seen_scopes(caller, body.kind, body.scope_id)
        tx = store.transaction()
        if body.kind == "global":
            if held.user.role == body.role_name:
                return
            after = held.user.model_copy(update={"role": body.role_name, "updated_at": now()})
            changes.change_user(tx, actor, held, after, "role.assign", catalogue=caller.catalogue)
        else:
            grants = _with_role(held, body, caller.id)
            if grants is None:
                return
            changes.change_assignments(tx, actor, held, grants, catalogue=caller.catalogue)
        tx.commit()

    until_settled(attempt)
    return AssignReply(
        message="Role assigned", user_id=body.user_id, role=body.role_name, scope_type=body.kind,
        scope_id=body.scope_id,
    )  # fmt: skip


def _with_role(held: Principal, body: Assign, by: str) -> Grants | None:
    """The grants with the role in its scope; None when nothing changes."""
    place = body.kind, body.scope_id
    old = next((a for a in held.grants.assignments if a.place == place), None)
    wanted = None if body.role_name == held.user.role else body.role_name
    if (old.role if old else None) == wanted:
        return None
    assignments = [a for a in held.grants.assignments if a is not old]
    if wanted:
        assignments.append(ScopedRole(role=wanted, scope_type=place[0], scope_id=place[1], created_by=by))
    if len(assignments) > MOST_ASSIGNMENTS:
        raise TOO_MANY_ASSIGNMENTS()
    return held.grants.model_copy(update={"assignments": assignments})
