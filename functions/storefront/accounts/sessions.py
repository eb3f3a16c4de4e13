"""Sessions: what someone is given who has just proved who they are, and the wire models that say so."""

from datetime import timedelta

from pydantic import BaseModel, ConfigDict

from quintet.auth import families, tokens
from quintet.models import Timestamp
from quintet.store import Transaction
from storefront.accounts.entities import Account

ACCESS_LIFETIME = timedelta(minutes=15)
NO_STORE = {"Cache-Control": "no-store"}
"""Headers of every answer that carries tokens (RFC 6749, section 5.1)."""


class UserReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    id: str
    email: str
    first_name: str
    last_name: str
    active: bool
    email_verified: bool
    created_at: Timestamp
    updated_at: Timestamp


class TokensReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    access_token: str
    refresh_token: str
    expires_at: Timestamp


class SessionReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    user: UserReply
    access_token: str
    refresh_token: str
    expires_at: Timestamp


def begin(account: Account, tx: Transaction | None = None) -> SessionReply:
    """A session for `account`: an access token, and the first token of a new refresh family.

    The family is one write; in a transaction it commits with the rest.
    """
    refresh_token = families.join(tx, account.id) if tx else families.open(account.id)
    renewed = renew(account, refresh_token)
    return SessionReply(
        user=UserReply.model_validate(account, from_attributes=True),
        access_token=renewed.access_token,
        refresh_token=renewed.refresh_token,
        expires_at=renewed.expires_at,
    )


def renew(account: Account, refresh_token: str) -> TokensReply:
    """A new access token beside a refresh token that was given out already."""
    access_token, expires_at = tokens.issue(account.id, {"email": account.email}, ACCESS_LIFETIME)
    return TokensReply(access_token=access_token, refresh_token=refresh_token, expires_at=expires_at)
