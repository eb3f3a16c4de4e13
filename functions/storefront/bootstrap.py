"""First accounts of a shop: an administrator, before there is one who could appoint them."""

import secrets

from quintet.auth.passwords import hash_password
from storefront.access import role_store
from storefront.access.holdings import ADMIN
from storefront.access.roles import find_role
from storefront.accounts.entities import Account, EmailClaim
from storefront.accounts.sign_up import EMAIL_EXISTS, new_account
from storefront.service import store


def make_admin(email: str) -> str | None:
    """Make the account with this canonical e-mail address an administrator.

    An account that exists keeps its password, and None is answered. Otherwise one is made, and its random password
    answered: it is stored nowhere.
    """
    password = secrets.token_urlsafe(15)
    account, made = ensure_account(email, "Shop", "Administrator", password)
    appoint(account, ADMIN)
    return password if made else None


def ensure_account(email: str, first_name: str, last_name: str, password: str) -> tuple[Account, bool]:
    """The account with an e-mail address, and whether it was made just now, with this name and password."""
    claim = store.get(EmailClaim, email=email)
    if claim is None:
        tx = store.transaction()
        account = new_account(tx, email, first_name, last_name, password_hash=hash_password(password))
        tx.commit()
        return account, True
    return store.require(Account, EMAIL_EXISTS, id=claim.user_id), False


def appoint(account: Account, role_id: str) -> None:
    """Give an account a built-in role."""
    role = find_role(role_id)
    assert role is not None, role_id
    role_store.assign(account, role)
