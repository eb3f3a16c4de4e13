"""The demo data of a laptop, and nowhere else."""

from __future__ import annotations

import pytest

from quintet import settings
from quintet.testing import Client
from storefront import demo
from storefront.access.roles import Role
from storefront.catalog.products import Stock
from storefront.promotions.store import StoredPromotion
from storefront.service import store
from tests.support.calls import recorded


def test_the_demo_administrator_and_customer_can_sign_in(shop: Client) -> None:
    demo.seed()
    for (_, email, password), roles in zip(demo.ACCOUNTS, (["admin", "user"], ["user"]), strict=True):
        session = shop.post("/api/v1/auth/login", {"email": email, "password": password}).data
        assert shop.as_caller(session["access_token"]).get("/api/v1/auth/profile").data["roles"] == roles
    assert demo.ACCOUNTS[0] == ("administrator", "admin@quintet.test", "Quintet-local-1")
    role = store.get(Role, id="admin")
    assert role is not None
    assert role.holders == 1


def test_the_demo_catalogue_is_a_dozen_products_in_three_categories(shop: Client) -> None:
    demo.seed()
    products = shop.get("/api/v1/catalog/products").body
    assert products["meta"]["total_items"] == len(products["data"]) == 12
    categories = shop.get("/api/v1/catalog/categories").body["data"]
    assert [category["name"] for category in categories] == ["Accessories", "Audio", "Laptops"]
    for category in categories:
        listed = shop.get(f"/api/v1/catalog/products/category/{category['id']}").body
        assert listed["meta"]["total_items"] == 4
    assert len(shop.get("/api/v1/catalog/brands").body["data"]) == 3
    stocks = store.get_all([Stock.ref(sku=product["sku"]) for product in products["data"]])
    assert min(stock.quantity for stock in stocks) > 0
    (laptop,) = shop.get("/api/v1/catalog/products?keyword=professional").body["data"]
    assert (laptop["sku"], laptop["base_price"], laptop["SalePrice"]) == (
        "LAPTOP-001",
        {"amount": 99999, "currency": "USD"},
        {"amount": 89999, "currency": "USD"},
    )


def test_the_demo_promotion_takes_ten_per_cent_from_fifty_thousand(shop: Client) -> None:
    demo.seed()
    promotion = store.get(StoredPromotion, code="SAVE10")
    assert promotion is not None
    assert (promotion.type, promotion.value, promotion.minimum_subtotal) == ("percent", 10, 50_000)


def test_what_was_sold_or_edited_since_is_left_alone(shop: Client) -> None:
    demo.seed()
    store.update(Stock, Stock.key(sku="LAPTOP-001"), put={"quantity": 3})
    with recorded() as calls:
        demo.seed()
    assert calls.names == ["GetItem"]
    stock = store.get(Stock, sku="LAPTOP-001")
    assert stock is not None
    assert stock.quantity == 3


def test_an_interrupted_seeding_is_completed(shop: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(demo, "import_catalog", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            demo.seed()
    demo.seed()
    assert shop.get("/api/v1/catalog/products").body["meta"]["total_items"] == 12


@pytest.mark.parametrize("stage", ["prod", "staging"])
def test_a_deployed_shop_gets_no_demo_data(shop: Client, stage: str) -> None:
    with settings.use({"QUINTET_STAGE": stage}), pytest.raises(RuntimeError, match="local stages"):
        demo.seed()
    assert (
        shop.post("/api/v1/auth/login", dict(zip(("email", "password"), demo.ACCOUNTS[0][1:], strict=True))).status
        == 401
    )
