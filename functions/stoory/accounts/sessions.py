"""Sessions: what someone is given who has just proved who they are, and the wire models that say so."""

from datetime import timedelta
from typing import Self

from pydantic import BaseModel, ConfigDict

from quintet.auth import tokens
from quintet.models import Timestamp
from stoory.accounts.entities import User
from stoory.service import Role

ACCESS_LIFETIME = timedelta(minutes=15)
NO_STORE = {"Cache-Control": "no-store"}
"""Headers of every answer that carries tokens (RFC 6749, section 5.1)."""


class UserReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    id: str
    phone: str | None
    email: str | None
    role: Role
    name: str | None
    phone_verified: bool
    email_verified: bool
    created_at: Timestamp
    updated_at: Timestamp

    @classmethod
    def of(cls, user: User) -> Self:
        """A stored account as replies show it."""
        return cls.model_validate(user, from_attributes=True)


class SessionReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    user: UserReply
    token: str
    refreshToken: str  # noqa: N815 (the document's spelling)
    message: str


class Tokens(BaseModel):
    model_config = ConfigDict(defer_build=True)

    token: str
    refreshToken: str  # noqa: N815


class TokensReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    data: Tokens


def access_token(user: User) -> str:
    """A token that says who someone is and their role, for ACCESS_LIFETIME."""
    token, _ = tokens.issue(user.id, {"role": user.role.value}, ACCESS_LIFETIME)
    return token


def session(user: User, refresh_token: str, message: str) -> SessionReply:
    """The answer to a sign-in whose refresh family is committed."""
    return SessionReply(user=UserReply.of(user), token=access_token(user), refreshToken=refresh_token, message=message)
