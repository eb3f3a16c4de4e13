"""Accounts that somebody at a terminal makes: the first administrator anywhere, and those of the demo data."""

import secrets
from typing import Final

from quintet.models import now
from quintet.store import until_settled
from softfactory.access.changes import add_user, change_user
from softfactory.access.roles import ADMIN, BUILT_IN_NAMED
from softfactory.people.entities import EmailClaim, HeldRole, User
from softfactory.service import api, store
from softfactory.trail.log import Act, record

PASSWORD: Final = "Quintet-local-1"
PEOPLE: Final = (
    ("admin", "admin@quintet.test", "Ada Admin"),
    ("creator", "creator@quintet.test", "Cora Creator"),
    ("user", "user@quintet.test", "Uwe User"),
    ("user", "premium@quintet.test", "Paula Premium"),
    ("moderator", "moderator@quintet.test", "Moritz Moderator"),
)
"""The role, the address and the name of everybody in the demo data."""


def seed_accounts() -> dict[str, User]:
    """The accounts of the demo data, by address; those that are there stay as they are."""
    return {email: ensure_account(email, name, role, PASSWORD)[0] for role, email, name in PEOPLE}


def make_admin(email: str) -> str | None:
    """Make the account with this canonical address an active administrator.

    Answers the random password of a new account, which is stored nowhere; None for an account that was there. Raises
    ValueError for one whose address nobody has proved: whoever signed up with it need not be its owner, and knows the
    password.
    """
    password = secrets.token_urlsafe(15)
    user, made = ensure_account(email, "Administrator", ADMIN.name, password)
    if not user.email_verified:
        raise ValueError(f"somebody has signed up with {email} and never confirmed it: take another address")

    def attempt() -> None:
        held = store.require(User, api.errors.not_found, id=user.id)
        lasting = any(each.role_id == ADMIN.id and each.expires_at is None for each in held.roles)
        if lasting and held.status == "active" and not held.is_deleted:
            return
        others = [each for each in held.roles if each.role_id != ADMIN.id]
        given = HeldRole(role_id=ADMIN.id, assigned_at=now())
        back = {"status": "active", "banned_until": None, "ban_reason": None, "deletion_due": None}
        tx = store.transaction()
        change_user(tx, held, held.model_copy(update={**back, "roles": [*others, given]}))
        told = {"role": ADMIN.name}
        record(tx, Act.system(), "role.assign", resource="user", resource_id=user.id, after=told)
        tx.commit()

    until_settled(attempt)
    return password if made else None


def ensure_account(email: str, name: str, role: str, password: str) -> tuple[User, bool]:
    """The account with a canonical address, and whether it was made just now, with this password.

    `role` is a built-in one; an account that was there stays as it is.
    """
    from quintet.auth.passwords import hash_password

    claim = store.get(EmailClaim, email=email)
    if claim is not None:
        return store.require(User, api.errors.not_found, id=claim.user_id), False
    held = HeldRole(role_id=BUILT_IN_NAMED[role].id, assigned_at=now())
    user = User(email=email, name=name, role=role, roles=[held], email_verified=True)
    tx = store.transaction()
    tx.create(EmailClaim(email=email, user_id=user.id, password_hash=hash_password(password)))
    made = add_user(tx, user)
    record(tx, Act.system(), "user.create", resource="user", resource_id=user.id, after={"role": role})
    tx.commit()
    return made, True
