"""Accounts, and whose an e-mail address or a Google subject is."""

from typing import ClassVar

from quintet.models import Timestamp
from quintet.store import Entity, Keys

USER = "user"
"""The id of the role that every account has from the start."""


class Account(Entity):
    """Someone who can sign in. `roles` is a map, so that one role can be added or taken in place."""

    kind: ClassVar[str] = "account"
    keys: ClassVar[Keys] = Keys("USER#{id}", "ACCOUNT")

    id: str
    email: str
    first_name: str
    last_name: str
    active: bool = True
    email_verified: bool = False
    roles: dict[str, bool]
    created_at: Timestamp
    updated_at: Timestamp


class EmailClaim(Entity):
    """Whose an e-mail address is, and the password that proves it (None: signs in elsewhere only)."""

    kind: ClassVar[str] = "email"
    keys: ClassVar[Keys] = Keys("EMAIL#{email}", "EMAIL")

    email: str
    user_id: str
    password_hash: str | None = None


class GoogleClaim(Entity):
    """Which account a Google subject signs in to."""

    kind: ClassVar[str] = "google"
    keys: ClassVar[Keys] = Keys("GOOGLE#{subject}", "GOOGLE")

    subject: str
    user_id: str
    verified: bool = True
    """Whether Google had verified the account's address when this was made."""
