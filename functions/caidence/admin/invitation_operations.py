"""Invitations: an administrator makes an approved account for somebody, who is told by mail."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from caidence.access import changes
from caidence.access.audit import Actor
from caidence.access.callers import SuperAdmin
from caidence.access.roles import Catalogue
from caidence.access.rows import ORGANIZATION_NOT_FOUND
from caidence.activity.log import record
from caidence.admin.roles import RoleName, require_role
from caidence.directory.entities import EmailClaim, Organization, User
from caidence.directory.replies import UserReply
from caidence.envelope import Id
from caidence.service import api, store
from quintet.api import ErrorType, Request
from quintet.auth.common import Password
from quintet.auth.passwords import hash_password
from quintet.messaging.outbox import Message, deliver
from quintet.models import Email, Name
from quintet.store import until_settled

EMAIL_TAKEN = ErrorType(400, "email_taken", "A user with this email already exists")


class Invitation(BaseModel):
    model_config = ConfigDict(defer_build=True, hide_input_in_errors=True)

    email: Email
    full_name: Name
    role: RoleName
    organization_id: Id | None = None
    password: Annotated[Password, Field(description="Given to the person by other means than the mail")]


@api.post(
    "/admin/invite",
    errors=[ORGANIZATION_NOT_FOUND, EMAIL_TAKEN],
    needs={"table:write", "email"},
    idempotent=True,
    example={
        "email": "ada@example.com", "full_name": "Ada Lovelace", "role": "agency_member",
        "password": "Correct-horse-9",
    },
)  # fmt: skip
def invite(body: Invitation, caller: SuperAdmin, request: Request) -> UserReply:
    """Invite a new team member by creating their account, which is approved

    The mail is sent afterwards; when that fails the account stays, and the mail is tried again.
    """
    place = (
        store.require(Organization, ORGANIZATION_NOT_FOUND, id=body.organization_id) if body.organization_id else None
    )
    password_hash = hash_password(body.password)

    def attempt() -> tuple[User, Message]:
        caller.catalogue = store.get(Catalogue) or Catalogue()
        require_role(caller, body.role)
        user = User(
            email=body.email, full_name=body.full_name, role=body.role, is_approved=True,
            organization_id=body.organization_id,
        )  # fmt: skip
        user.updated_at = user.created_at
        tx = store.transaction()
        tx.create(EmailClaim(email=user.email, user_id=user.id, password_hash=password_hash), EMAIL_TAKEN)
        changes.add_user(tx, Actor.of(caller.account, request.id), user, catalogue=caller.catalogue)
        record(tx, caller.account, "user.invited", f"Invited {user.full_name}", organization_id=user.organization_id)
        message = _mail(user, caller.account, place).join(tx)
        tx.commit()
        return user, message

    user, message = until_settled(attempt)
    deliver(store, message)
    return UserReply.of(user)


def _mail(user: User, by: User, place: Organization | None) -> Message:
    """What somebody who was invited reads; the password is no part of it."""
    where = f"{place.name} on C(AI)DENCE" if place else "C(AI)DENCE"
    return Message.email(
        user.email,
        f"You have been invited to {where}",
        f"Hello {user.full_name},\n\n"
        f"{by.full_name} ({by.email}) has made an account for you at {where}.\n\n"
        f"Sign in with this address, {user.email}, and the password that you were given. If you were given none, or "
        "want another one, ask for a new password on the sign-in page.\n\n"
        "If you did not expect this, you need not do anything.\n",
    )
