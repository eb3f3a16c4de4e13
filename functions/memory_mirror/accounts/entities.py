"""Accounts: who can sign in.

Access patterns:
    an account by id                       USER#<id> / USER
    an account by e-mail                   EMAIL#<email> / EMAIL → its id and password hash; makes the address unique
    refresh-token families                 USER#<id> / FAMILY#<family>  (quintet.auth.families)
    every subject, in order                GSI3 SUBJECTS / <id>: accounts, and patients who have none
"""

from typing import ClassVar, Literal

from pydantic import Field

from memory_mirror.service import store
from memory_mirror.times.moments import Moment
from quintet.api import ErrorType
from quintet.models import new_id, now
from quintet.store import Entity, Index, Keys, Transaction

Role = Literal["user", "caregiver", "admin"]
INVALID_CREDENTIALS = ErrorType(401, "invalid_credentials", "Invalid e-mail address or password")
EMAIL_EXISTS = ErrorType(400, "email_exists", "email: an account with this address exists already")


class Account(Entity):
    """Somebody who can sign in: the person or their family, a caregiver, an administrator."""

    kind: ClassVar[str] = "account"
    keys: ClassVar[Keys] = Keys("USER#{id}", "USER", gsi3=Index("SUBJECTS", "{id}", order="ascending"))

    id: str = Field(default_factory=new_id)
    email: str
    full_name: str
    role: Role = "user"
    confirmed: bool = False
    """Whether the address was proven to be theirs."""
    created_date: Moment = Field(default_factory=now)
    updated_date: Moment = Field(default_factory=now)


class EmailClaim(Entity):
    """Whose an e-mail address is, and the password that proves it."""

    kind: ClassVar[str] = "email"
    keys: ClassVar[Keys] = Keys("EMAIL#{email}", "EMAIL")

    email: str
    user_id: str
    password_hash: str


def account_of(email: str) -> str | None:
    """The id of the account with a canonical e-mail address, None when there is none."""
    claim = store.get(EmailClaim, email=email)
    return claim.user_id if claim else None


def join_account(
    tx: Transaction, email: str, full_name: str, role: Role, password_hash: str, *, confirmed: bool = False
) -> Account:
    """Add a new account to a transaction, which raises 400 when the address is taken."""
    account = Account(email=email, full_name=full_name, role=role, confirmed=confirmed)
    tx.create(EmailClaim(email=email, user_id=account.id, password_hash=password_hash), EMAIL_EXISTS)
    tx.create(account)
    return account
