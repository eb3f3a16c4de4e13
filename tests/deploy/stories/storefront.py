"""The shop: an administrator stocks it, a customer buys, the mail that could not go at once goes later."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.deploy.cloud import Cloud
from tests.deploy.front import Answer, Front
from tests.deploy.stories import Outside, Stage
from tests.deploy.waiting import mail_is_down
from tests.support.oidc import CLIENT_ID, CLIENT_SECRET, REDIRECT, open_id_provider

API, ADMIN = "/api/v1", "/api/v1/admin"
BUYER, PASSWORD = "buyer@example.com", "correct horse 9"
ADDRESS = {
    "first_name": "Ada", "last_name": "Walker", "address1": "123 Main St", "city": "New York", "state": "NY",
    "postal_code": "10001", "country": "US",
}  # fmt: skip
PRICE = {"amount": 99999, "currency": "USD"}
REPORTS = {"name": "read_reports", "resource": "reports", "action": "read"}


@contextmanager
def outside(_cloud: Cloud) -> Iterator[Outside]:
    """An OpenID Connect provider in Google's place."""
    with open_id_provider() as provider:
        parameters = {
            "StorefrontGoogleClientId": CLIENT_ID,
            "StorefrontGoogleIssuer": provider.issuer,
            "StorefrontGoogleRedirectUri": REDIRECT,
        }
        yield Outside(parameters, {"google_client_secret": CLIENT_SECRET}, provider)


def tell(front: Front, stage: Stage) -> None:
    email, password = stage.admin
    session = _ok(front.post(f"{API}/auth/login", {"email": email, "password": password}))
    admin = front.as_caller(session["access_token"])
    _ok(front.get("/health"))
    product = _stock_the_shop(admin)
    buyer = _sign_up(front)
    stage.notes["buyer"] = BUYER, PASSWORD
    stage.notes["product"] = product["id"]
    _look_around(front, product)
    stage.notes["order"] = _buy(buyer, product, stage)
    _sell(admin, stage.notes["order"], stage)
    _run_the_house(admin, stage, buyer)
    _sign_in_with_google(front, stage)


def _stock_the_shop(admin: Front) -> dict[str, Any]:
    brand = _ok(admin.post(f"{ADMIN}/brands", {"name": "Acme", "slug": "acme"}))
    _ok(admin.put(f"{ADMIN}/brands/{brand['id']}", {"name": "Acme Ltd", "slug": "acme"}))
    category = _ok(admin.post(f"{ADMIN}/categories", {"name": "Laptops", "slug": "laptops"}))
    _ok(admin.put(f"{ADMIN}/categories/{category['id']}", {"name": "Portables", "slug": "laptops"}))
    given = {
        "sku": "LAPTOP-001", "name": "Laptop Pro", "description": "Light", "base_price": PRICE, "status": "active",
        "brand_id": brand["id"], "category_id": category["id"],
    }  # fmt: skip
    product: dict[str, Any] = _ok(admin.post(f"{ADMIN}/products", given))
    _ok(admin.put(f"{ADMIN}/products/{product['id']}", {**given, "name": "Laptop Pro 2"}))
    gone = _ok(admin.post(f"{ADMIN}/products", {**given, "sku": "OLD-1", "name": "Old", "status": "draft"}))
    _ok(admin.delete(f"{ADMIN}/products/{gone['id']}"))
    _ok(admin.get(f"{ADMIN}/products"))
    _ok(admin.put(f"{ADMIN}/inventory/LAPTOP-001", {"quantity": 5}))
    assert _ok(admin.get(f"{ADMIN}/inventory/LAPTOP-001"))["quantity"] == 5
    for code in ("SAVE10", "OVER"):
        _ok(admin.post(f"{ADMIN}/promotions", {"code": code, "type": "percent", "value": 10}))
    _ok(admin.delete(f"{ADMIN}/promotions/OVER"))
    _ok(admin.get(f"{ADMIN}/promotions"))
    return {**product, "category_id": category["id"]}


def _look_around(front: Front, product: dict[str, Any]) -> None:
    found = _ok(front.get(f"{API}/catalog/products", query={"keyword": "laptop"}))
    assert [one["id"] for one in found] == [product["id"]]
    assert _ok(front.get(f"{API}/catalog/products/category/{product['category_id']}"))
    assert _ok(front.get(f"{API}/catalog/products/{product['id']}"))["name"] == "Laptop Pro 2"
    assert len(_ok(front.get(f"{API}/catalog/brands"))) == 1
    assert len(_ok(front.get(f"{API}/catalog/categories"))) == 1


def _sign_up(front: Front) -> Front:
    given = {"email": BUYER, "password": PASSWORD, "first_name": "Ada", "last_name": "Walker"}
    first = _ok(front.post(f"{API}/auth/register", given))
    second = _ok(front.post(f"{API}/auth/refresh", {"refresh_token": first["refresh_token"]}))
    buyer = front.as_caller(second["access_token"])
    assert _ok(buyer.get(f"{API}/auth/profile"))["user"]["email"] == BUYER
    other = _ok(front.post(f"{API}/auth/login", {"email": BUYER, "password": PASSWORD}))
    _ok(front.as_caller(other["access_token"]).post(f"{API}/auth/logout", {"refresh_token": other["refresh_token"]}))
    return buyer


def _buy(buyer: Front, product: dict[str, Any], stage: Stage) -> str:
    line = {"product_id": product["id"], "quantity": 1}
    item = _ok(buyer.post(f"{API}/cart/items", line))["items"][0]
    _ok(buyer.patch(f"{API}/cart/items/{item['id']}", {"quantity": 3}))
    _ok(buyer.delete(f"{API}/cart/items/{item['id']}"))
    _ok(buyer.delete(f"{API}/cart"))
    _ok(buyer.post(f"{API}/cart/items", {**line, "quantity": 2}))
    assert _ok(buyer.get(f"{API}/cart"))["items"][0]["quantity"] == 2
    given = {"shipping_address": ADDRESS, "shipping_method_id": "ship_standard", "promotion_codes": ["SAVE10"]}
    key = {"Idempotency-Key": "the-first-order"}
    with mail_is_down(stage, "OrdersCreateOrder"):
        order = _ok(buyer.post(f"{API}/orders", given, headers=key))
    assert _mails(stage) == 0
    again = buyer.post(f"{API}/orders", given, headers=key)
    assert again.headers["idempotency-replayed"] == "true"
    assert _ok(again)["id"] == order["id"]
    assert [one["id"] for one in _ok(buyer.get(f"{API}/orders"))] == [order["id"]]
    assert _ok(buyer.get(f"{API}/orders/{order['id']}"))["status"] == "pending"
    return str(order["id"])


def _sell(admin: Front, order: str, stage: Stage) -> None:
    assert _ok(admin.get(f"{ADMIN}/inventory/LAPTOP-001"))["quantity"] == 3
    _ok(admin.post(f"{ADMIN}/orders/{order}/status", {"status": "paid"}))
    assert [one["status"] for one in _ok(admin.get(f"{ADMIN}/orders"))] == ["paid"]
    stage.notes["mails"] = _mails(stage)  # that of the payment left at once, that of the order still waits
    assert stage.notes["mails"] == 1


def _run_the_house(admin: Front, stage: Stage, buyer: Front) -> None:
    user = _ok(buyer.get(f"{API}/auth/profile"))["user"]["id"]
    permission = _ok(admin.post(f"{ADMIN}/permissions", REPORTS))["permission"]
    path = f"{ADMIN}/permissions/{permission['id']}"
    _ok(admin.put(path, {**REPORTS, "description": "All"}))
    _ok(admin.get(path))
    _ok(admin.get(f"{ADMIN}/permissions"))
    role = _ok(admin.post(f"{ADMIN}/roles", {"name": "stocker", "description": "Counts"}))["role"]
    held = f"{ADMIN}/roles/{role['id']}"
    _ok(admin.put(held, {"name": "stocker", "description": "Counts stock"}))
    _ok(admin.get(held))
    _ok(admin.get(f"{ADMIN}/roles"))
    for granted in (permission["id"], "manage_inventory"):
        _ok(admin.post(f"{held}/permissions", {"permission_id": granted}))
    _ok(admin.get(f"{held}/permissions"))
    _ok(admin.delete(f"{held}/permissions/{permission['id']}"))
    _ok(admin.delete(path))
    assert buyer.get(f"{ADMIN}/inventory/LAPTOP-001").status == 403
    _ok(admin.post(f"{ADMIN}/users/{user}/roles", {"role_id": role["id"]}))
    assert "stocker" in _ok(admin.get(f"{ADMIN}/users/{user}/roles"))["roles"]
    assert _ok(buyer.get(f"{ADMIN}/inventory/LAPTOP-001"))["quantity"] == 3
    _ok(admin.delete(f"{ADMIN}/users/{user}/roles/{role['id']}"))
    _ok(admin.delete(held))


def _sign_in_with_google(front: Front, stage: Stage) -> None:
    begun = _ok(front.get(f"{API}/auth/google"))
    email = "guest@gmail.example"
    sent_back = stage.outside.service.consent(
        begun["url"], email=email, email_verified=True, given_name="Gail", family_name="Guest", name="Gail Guest"
    )
    session = _ok(front.get(f"{API}/auth/google/callback", query=sent_back))
    assert _ok(front.as_caller(session["access_token"]).get(f"{API}/auth/profile"))["user"]["email"] == email


def remembered(front: Front, stage: Stage) -> dict[str, Any]:
    """The order as its buyer reads it, and the catalogue as anyone does."""
    email, password = stage.notes["buyer"]
    session = _ok(front.post(f"{API}/auth/login", {"email": email, "password": password}))
    buyer = front.as_caller(session["access_token"])
    return {
        "order": _ok(buyer.get(f"{API}/orders/{stage.notes['order']}")),
        "catalogue": _ok(front.get(f"{API}/catalog/products")),
    }


def _mails(stage: Stage) -> int:
    return sum(BUYER in str(mail) for mail in stage.cloud.mails())


def _late_mail_arrives(stage: Stage) -> None:
    """The order's mail could not go when it was placed; the schedule sends it a minute or two later."""
    deadline = time.monotonic() + 200
    while time.monotonic() < deadline:
        if _mails(stage) == stage.notes["mails"] + 1:
            return
        time.sleep(2)
    raise AssertionError(f"no late mail to {BUYER} within 200 s: {stage.cloud.mails()}")


EFFECTS = {"notifications.send_due": _late_mail_arrives}


def _ok(answer: Answer) -> Any:
    assert answer.status < 400, answer
    return answer.data if answer.status != 204 else None
