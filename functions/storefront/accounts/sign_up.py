"""New accounts: everything one consists of, and why one cannot be made."""

from quintet.api import ErrorType
from quintet.models import new_id, now
from quintet.store import Transaction
from quintet.store.errors import Refusal
from storefront.accounts.entities import USER, Account, EmailClaim

EMAIL_EXISTS = ErrorType(409, "email_exists", "Email already exists")
ACCOUNT_INACTIVE = ErrorType(403, "account_inactive", "Account is inactive")


def new_account(
    tx: Transaction,
    email: str,
    first_name: str,
    last_name: str,
    *,
    password_hash: str | None,
    email_verified: bool = False,
    taken: Refusal = EMAIL_EXISTS,
) -> Account:
    """Add an active account with role `user` to a transaction, which raises `taken` when the address is."""
    at = now()
    account = Account(
        id=new_id(),
        email=email,
        first_name=first_name,
        last_name=last_name,
        email_verified=email_verified,
        roles={USER: True},
        created_at=at,
        updated_at=at,
    )
    tx.create(EmailClaim(email=email, user_id=account.id, password_hash=password_hash), taken)
    tx.create(account)
    return account
