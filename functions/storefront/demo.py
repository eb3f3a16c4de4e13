"""Demo data for a laptop: an administrator, a customer, a small catalogue with stock, and a promotion.

Never for a deployed shop: outside the local stages `seed` refuses.
"""

from pathlib import Path
from typing import ClassVar

from quintet.settings import settings
from quintet.store import ConditionFailed, Entity, Keys
from storefront.access.holdings import ADMIN
from storefront.bootstrap import appoint, ensure_account
from storefront.catalog_import.importing import Outcome, import_catalog
from storefront.promotions.store import StoredPromotion
from storefront.service import store

PASSWORD = "Quintet-local-1"
ADMIN_EMAIL, CUSTOMER_EMAIL = "admin@quintet.test", "customer@quintet.test"
ACCOUNTS = [("administrator", ADMIN_EMAIL, PASSWORD), ("customer", CUSTOMER_EMAIL, PASSWORD)]
PRODUCTS = Path(__file__).with_name("demo_products.csv")


class Seeded(Entity):
    """That this table has had its demo data. It is not seeded again: what was sold or edited since stays so."""

    kind: ClassVar[str] = "demo"
    keys: ClassVar[Keys] = Keys("DEMO", "SEEDED")


def seed() -> None:
    """Put the demo data into the system's table, unless it was put there before.

    An interrupted call is completed by the next one. Raises RuntimeError outside the stages `local` and `dev`.
    """
    if not settings().is_local:
        raise RuntimeError(f"demo data is for local stages, not for {settings().stage!r}")
    if store.get(Seeded) is not None:
        return
    admin, _ = ensure_account(ADMIN_EMAIL, "Ada", "Admin", PASSWORD)
    appoint(admin, ADMIN)
    ensure_account(CUSTOMER_EMAIL, "Casey", "Customer", PASSWORD)
    with PRODUCTS.open(encoding="utf-8", newline="") as stream:
        import_catalog(stream, _accepted)
    _once(StoredPromotion(code="SAVE10", type="percent", value=10, minimum_subtotal=50_000))
    _once(Seeded())


def _accepted(outcome: Outcome) -> None:
    if outcome.result == "refused":
        raise ValueError(f"{PRODUCTS.name}, line {outcome.line}: {outcome.message}")


def _once(entity: Entity) -> None:
    try:
        store.create(entity)
    except ConditionFailed:
        return
