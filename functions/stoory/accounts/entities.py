"""Accounts, and the phones and addresses that prove them."""

from typing import ClassVar

from pydantic import Field

from quintet.models import Timestamp, new_id
from quintet.store import Entity, Keys
from stoory.service import Role


class User(Entity):
    """Someone who can sign in: an influencer by phone, a brand or an administrator by e-mail and password."""

    kind: ClassVar[str] = "user"
    keys: ClassVar[Keys] = Keys("USER#{id}", "USER")

    id: str = Field(default_factory=new_id)
    role: Role
    phone: str | None = None
    email: str | None = None
    name: str | None = None
    phone_verified: bool = False
    email_verified: bool = False
    created_at: Timestamp
    updated_at: Timestamp


class PhoneClaim(Entity):
    """Whose a phone is."""

    kind: ClassVar[str] = "phone"
    keys: ClassVar[Keys] = Keys("PHONE#{phone}", "PHONE")

    phone: str
    user_id: str


class EmailClaim(Entity):
    """Whose an e-mail address is, and the password that proves it."""

    kind: ClassVar[str] = "email"
    keys: ClassVar[Keys] = Keys("EMAIL#{email}", "EMAIL")

    email: str
    user_id: str
    password_hash: str
