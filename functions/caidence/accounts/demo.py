"""Accounts that somebody at a terminal makes: the first root anywhere, and those of the demo data."""

import secrets
from typing import Final

from caidence.access import changes
from caidence.access.audit import Actor
from caidence.access.grants import principal
from caidence.access.levels import USER_NOT_FOUND
from caidence.access.roles import ROOT
from caidence.directory.entities import EmailClaim, User
from caidence.service import store
from quintet.models import now
from quintet.store import until_settled

OPERATOR: Final = Actor("operator", "operator", "terminal")
"""Who the log names for what no account does."""


def make_admin(email: str) -> str | None:
    """Make the account with this canonical address a root, approved and active.

    Answers the random password of a new account, which is stored nowhere; None for an account that was there. Raises
    ValueError for one that nobody has approved: whoever registered with the address need not be its owner, and knows
    the password.
    """
    password = secrets.token_urlsafe(15)
    user, made = ensure_account(email, "Administrator", ROOT, password)
    if not user.is_approved:
        raise ValueError(f"somebody has registered with {email} and was not approved: take another address")

    def attempt() -> None:
        held = principal(user.id)
        if held is None:
            raise USER_NOT_FOUND()
        raised = {"role": ROOT, "is_active": True, "is_approved": True}
        if all(getattr(held.user, name) == value for name, value in raised.items()):
            return
        tx = store.transaction()
        after = held.user.model_copy(update={**raised, "updated_at": now()})
        changes.change_user(tx, OPERATOR, held, after, "role.assign")
        tx.commit()

    until_settled(attempt)
    return password if made else None


def ensure_account(
    email: str,
    full_name: str,
    role: str,
    password: str,
    organization_id: str | None = None,
    *,
    approved: bool = True,
) -> tuple[User, bool]:
    """The account with a canonical address, and whether it was made just now, with this password.

    `role` is a built-in one; an account that was there stays as it is.
    """
    from quintet.auth.passwords import hash_password

    claim = store.get(EmailClaim, email=email)
    if claim is not None:
        return store.require(User, USER_NOT_FOUND, id=claim.user_id), False
    user = User(email=email, full_name=full_name, role=role, organization_id=organization_id, is_approved=approved)
    tx = store.transaction()
    tx.create(EmailClaim(email=email, user_id=user.id, password_hash=hash_password(password)))
    changes.add_user(tx, OPERATOR, user)
    tx.commit()
    return user, True
