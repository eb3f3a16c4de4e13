"""Generated traffic against the whole shop, judged by its own OpenAPI: no 5xx, no undocumented status or shape.

Requests come as an administrator's, so that they reach the handlers; half of them name things that exist.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from quintet.auth import tokens
from storefront import demo
from storefront.accounts.entities import EmailClaim
from storefront.catalog.products import Product
from storefront.orders.entities import Order
from storefront.service import api, store
from tests.fuzz.support import CHECKS, aim_path, few, schema_of
from tests.support import aws

pytestmark = pytest.mark.fuzz

schema = schema_of(api)
known: dict[str, list[str]] = {}


@pytest.fixture(scope="module", autouse=True)
def shop() -> Iterator[str]:
    """The shop with its demo data in force, and the administrator's token."""
    with aws.system("storefront"):
        demo.seed()
        claim = store.get(EmailClaim, email="admin@quintet.test")
        assert claim is not None
        token, _ = tokens.issue(claim.user_id, {"email": claim.email}, timedelta(hours=2))
        products = [product.id for product in store.each(Product, "gsi1")]
        known.update(products=products, users=[claim.user_id], roles=["manager"], permissions=["manage_products"])
        yield token


@schema.parametrize()
@few
def test_generated_requests_are_answered_as_documented(case: Any, shop: str) -> None:
    aim_path(case, known)
    case.call_and_validate(checks=CHECKS, headers={"Authorization": f"Bearer {shop}"})


def test_the_traffic_left_the_books_right(shop: str) -> None:
    """After whatever was sent: every total is the number of members listed."""
    for index in ("gsi1", "gsi2"):
        assert store.count(Product, index) == sum(1 for _ in store.each(Product, index))
    assert store.count(Order, "gsi2") == sum(1 for _ in store.each(Order, "gsi2"))
