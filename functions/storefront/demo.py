"""What a new shop starts with: its first administrator, and on a laptop demo data to try it with."""

import secrets
from pathlib import Path

from quintet.auth.passwords import hash_password
from quintet.store import ConditionFailed, Entity
from quintet.store.seeding import seeds
from storefront.access import role_store
from storefront.access.holdings import ADMIN
from storefront.access.roles import find_role
from storefront.accounts.entities import Account, EmailClaim
from storefront.accounts.sign_up import EMAIL_EXISTS, new_account
from storefront.catalog_import.importing import Outcome, import_catalog
from storefront.promotions.store import StoredPromotion
from storefront.service import store

PASSWORD = "Quintet-local-1"
ADMIN_EMAIL, CUSTOMER_EMAIL = "admin@quintet.test", "customer@quintet.test"
ACCOUNTS = [("administrator", ADMIN_EMAIL, PASSWORD), ("customer", CUSTOMER_EMAIL, PASSWORD)]
PRODUCTS = Path(__file__).with_name("demo_products.csv")


def make_admin(email: str) -> str | None:
    """Make the account with this canonical e-mail address an administrator.

    An account that exists keeps its password, and None is answered. Otherwise one is made, and its random password
    answered: it is stored nowhere.
    """
    password = secrets.token_urlsafe(15)
    account, made = _ensure_account(email, "Shop", "Administrator", password)
    _appoint(account)
    return password if made else None


@seeds(store)
def seed() -> None:
    """Put two accounts, a small catalogue with stock and a promotion into the table."""
    admin, _ = _ensure_account(ADMIN_EMAIL, "Ada", "Admin", PASSWORD)
    _appoint(admin)
    _ensure_account(CUSTOMER_EMAIL, "Casey", "Customer", PASSWORD)
    with PRODUCTS.open(encoding="utf-8", newline="") as stream:
        import_catalog(stream, _accepted)
    _once(StoredPromotion(code="SAVE10", type="percent", value=10, minimum_subtotal=50_000))


def _ensure_account(email: str, first_name: str, last_name: str, password: str) -> tuple[Account, bool]:
    """The account with an e-mail address, and whether it was made just now, with this name and password."""
    claim = store.get(EmailClaim, email=email)
    if claim is None:
        tx = store.transaction()
        account = new_account(tx, email, first_name, last_name, password_hash=hash_password(password))
        tx.commit()
        return account, True
    return store.require(Account, EMAIL_EXISTS, id=claim.user_id), False


def _appoint(account: Account) -> None:
    role = find_role(ADMIN)
    assert role is not None  # it is built in
    role_store.assign(account, role)


def _accepted(outcome: Outcome) -> None:
    if outcome.result == "refused":
        raise ValueError(f"{PRODUCTS.name}, line {outcome.line}: {outcome.message}")


def _once(entity: Entity) -> None:
    try:
        store.create(entity)
    except ConditionFailed:
        return
