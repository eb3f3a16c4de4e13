"""First accounts of the marketplace: an administrator, before there is one who could make others."""

import secrets

from quintet.auth.passwords import hash_password
from quintet.models import now, rfc3339
from stoory.accounts.entities import EmailClaim, User
from stoory.accounts.sign_up import join_email_account
from stoory.service import USER_NOT_FOUND, Role, store


def make_admin(email: str) -> str | None:
    """Make an administrator's account with this canonical e-mail address.

    Answers its random password, which is stored nowhere; None when the address is an administrator's already.
    Raises ValueError when it belongs to a brand: roles never change.
    """
    password = secrets.token_urlsafe(15)
    user, made = ensure_account(Role.ADMIN, email, "Administrator", password)
    if user.role is not Role.ADMIN:
        raise ValueError(f"{email} is the address of an account with another role")
    return password if made else None


def ensure_account(role: Role, email: str, name: str, password: str) -> tuple[User, bool]:
    """The account with an e-mail address, and whether it was made just now, its address confirmed."""
    claim = store.get(EmailClaim, email=email)
    if claim is not None:
        return store.require(User, USER_NOT_FOUND, id=claim.user_id), False
    tx = store.transaction()
    user = join_email_account(tx, role, email, name, hash_password(password))
    tx.commit()
    changes = {"email_verified": True, "updated_at": rfc3339(now())}
    return store.update(User, user.own_key(), put=changes), True
