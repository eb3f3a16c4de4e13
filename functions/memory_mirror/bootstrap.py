"""First accounts of the companion: an administrator, before there is one who could make others."""

import secrets

from memory_mirror.accounts.entities import Account, EmailClaim, Role, join_account
from memory_mirror.service import not_found, store
from quintet.auth.passwords import hash_password


def make_admin(email: str) -> str | None:
    """Make an administrator's account with this canonical e-mail address.

    Answers its random password, which is stored nowhere; None when the address is an administrator's already.
    Raises ValueError when it belongs to another account: roles never change.
    """
    password = secrets.token_urlsafe(15)
    account, made = ensure_account("admin", email, "Administrator", password)
    if account.role != "admin":
        raise ValueError(f"{email} is the address of an account with another role")
    return password if made else None


def ensure_account(role: Role, email: str, full_name: str, password: str) -> tuple[Account, bool]:
    """The account with an e-mail address, and whether it was made just now, its address confirmed."""
    claim = store.get(EmailClaim, email=email)
    if claim is not None:
        return store.require(Account, not_found("User"), id=claim.user_id), False
    tx = store.transaction()
    account = join_account(tx, email, full_name, role, hash_password(password), confirmed=True)
    tx.commit()
    return account, True
