"""Reading and setting stock."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from quintet.models import rfc3339
from quintet.models.time import frozen
from quintet.testing import Client
from tests.functions.storefront.conftest import SignIn

LAPTOP = {"sku": "LAPTOP 001/é", "name": "Laptop", "base_price": {"amount": 99999, "currency": "USD"}}
PATH = "/api/v1/admin/inventory/LAPTOP%20001%2F%C3%A9"


def test_a_new_product_has_no_stock_until_it_is_set(manager: Client) -> None:
    product = manager.post("/api/v1/admin/products", LAPTOP).data
    answer = manager.get(PATH)
    assert (answer.status, answer.body) == (
        200,
        {"data": {"sku": "LAPTOP 001/é", "quantity": 0, "updated_at": product["created_at"]}},
    )
    with frozen() as clock:
        clock.advance(minutes=10)
        answer = manager.put(PATH, {"quantity": 12})
    now = {"sku": "LAPTOP 001/é", "quantity": 12, "updated_at": rfc3339(clock.at)}
    assert (answer.status, answer.body) == (200, {"data": now})
    assert manager.get(PATH).data == now


def test_an_unknown_sku_is_not_found_and_not_made(manager: Client) -> None:
    unknown = {"error": {"code": "sku_not_found", "message": "SKU not found"}}
    for answer in (manager.put(PATH, {"quantity": 1}), manager.get(PATH)):
        assert (answer.status, answer.body) == (404, unknown)


@pytest.mark.parametrize("body", [{}, {"quantity": -1}, {"quantity": 1.5}, {"quantity": "3"}, {"quantity": 10**10}])
def test_a_bad_quantity_is_refused(manager: Client, body: dict[str, Any]) -> None:
    manager.post("/api/v1/admin/products", LAPTOP)
    answer = manager.put(PATH, body)
    assert (answer.status, answer.error["code"]) == (400, "invalid_request")
    assert answer.error["details"][0]["field"] == "quantity"
    assert manager.get(PATH).data["quantity"] == 0


def test_only_inventory_managers_may_see_and_set_stock(shop: Client, sign_in: SignIn) -> None:
    for client, status, code in (
        (shop, 401, "unauthorized"),
        (sign_in(), 403, "insufficient_permissions"),
        (sign_in("customer_experience"), 403, "insufficient_permissions"),
    ):
        for answer in (client.get(PATH), client.put(PATH, {})):
            assert (answer.status, answer.error["code"]) == (status, code)


@pytest.mark.parametrize(
    "sku", ["\u200b", "a\u200bb", "\u3000", "a\u3000b", "a\u00a0b", "\u202e1", ".", "..", " . ", "a\ufeffb", "a\ue000b"]
)
def test_a_sku_that_no_path_can_name_is_refused(manager: Client, sku: str) -> None:
    answer = manager.post("/api/v1/admin/products", LAPTOP | {"sku": sku})
    assert (answer.status, [detail["field"] for detail in answer.error["details"]]) == (400, ["sku"])


@pytest.mark.parametrize("sku", ["...", ".a", "A B", "x%41", "x%2F1", "ü;1?#", "日本"])
def test_every_sku_that_is_taken_is_reached(manager: Client, sku: str) -> None:
    assert manager.post("/api/v1/admin/products", LAPTOP | {"sku": sku}).status == 201
    path = f"/api/v1/admin/inventory/{quote(sku, safe='')}"
    assert manager.get(path).data["sku"] == sku
    assert manager.request("HEAD", path).status == 200
