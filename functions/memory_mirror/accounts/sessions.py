"""Sessions: what someone is given who has just proved who they are, and the wire models that say so."""

from datetime import timedelta

from pydantic import BaseModel, ConfigDict

from memory_mirror.accounts.entities import Account, Role
from memory_mirror.times.moments import Moment
from quintet.auth import families, tokens
from quintet.store import Transaction

ACCESS_LIFETIME = timedelta(minutes=15)
NO_STORE = {"Cache-Control": "no-store"}
"""Headers of every answer that carries tokens (RFC 6749, section 5.1)."""


class UserReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    id: str
    email: str
    full_name: str
    role: Role
    confirmed: bool
    created_date: Moment
    updated_date: Moment


class SessionReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    access_token: str
    refresh_token: str
    expires_at: Moment
    user: UserReply


def begin(account: Account, tx: Transaction | None = None) -> SessionReply:
    """A session for an account: an access token, and the first token of a new refresh family.

    The family is one write; in a transaction it commits with the rest.
    """
    return renew(account, families.join(tx, account.id) if tx else families.open(account.id))


def renew(account: Account, refresh_token: str) -> SessionReply:
    """A session that goes on, with an access token of now."""
    claims = {
        "role": account.role,
        "email": account.email,
        "name": account.full_name,
        "confirmed": account.confirmed,
    }
    token, expires_at = tokens.issue(account.id, claims, ACCESS_LIFETIME)
    user = UserReply.model_validate(account, from_attributes=True)
    return SessionReply(access_token=token, refresh_token=refresh_token, expires_at=expires_at, user=user)
