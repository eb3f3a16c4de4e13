"""A walk through Storefront that uses every operation once, as its users do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from unittest import mock

from quintet.auth import tokens
from quintet.keys import keyring
from quintet.models import new_id, now
from quintet.net import aws as clients
from quintet.settings import settings
from quintet.testing import Client
from storefront.accounts.entities import Account
from storefront.service import api, store
from tests.bench import catalogue
from tests.bench.walk import Walk
from tests.support import aws

GOOGLE = {"QUINTET_GOOGLE_CLIENT_ID": "shop", "QUINTET_GOOGLE_REDIRECT_URI": "https://shop.example/google"}
ACCOUNT = {"email": "john@example.com", "password": "SecurePassword123!", "first_name": "John", "last_name": "Doe"}


class ShopWalk(Walk):
    """A walk of an administrator, a buyer and visitors."""

    def __init__(self) -> None:
        super().__init__(api)
        self.admin = self._signed_in("admin", "user")
        self.buyer = self.client

    def _signed_in(self, *roles: str) -> Client:
        account = Account(id=new_id(), email=f"{new_id()}@example.com", first_name="Kim", last_name="Lee",
                          roles=dict.fromkeys(roles, True), created_at=now(), updated_at=now())  # fmt: skip
        store.create(account)
        return self.client.as_caller(tokens.issue(account.id, {"email": account.email}, timedelta(hours=1))[0])


def walked() -> Walk:
    """The walk when it is done, in a shop of its own."""
    with aws.system("storefront", GOOGLE):
        name = settings().secret
        secret = json.dumps({**aws.SECRET, "google_client_secret": "hush"})
        clients.client("secretsmanager").put_secret_value(SecretId=name, SecretString=secret)
        keyring.reset()
        walk = ShopWalk()
        _accounts(walk)
        product, category = _catalogue(walk)
        _buying(walk, product)
        _roles(walk)
        _endings(walk, product, category)
        return walk


def _accounts(walk: ShopWalk) -> None:
    walk.step(walk.client, "GET", "/health")
    auth = "/api/v1/auth"
    walk.step(walk.client, "POST", auth + "/register", ACCOUNT)
    login = {name: ACCOUNT[name] for name in ("email", "password")}
    session = walk.step(walk.client, "POST", auth + "/login", login)
    session = walk.step(walk.client, "POST", auth + "/refresh", {"refresh_token": session["refresh_token"]})
    walk.buyer = walk.client.as_caller(session["access_token"])
    walk.step(walk.buyer, "GET", auth + "/profile")
    with _google():
        state = walk.step(walk.client, "GET", auth + "/google")["state"]
        walk.step(walk.client, "GET", f"{auth}/google/callback?code=given&state={state}")


@contextmanager
def _google() -> Iterator[None]:
    """Google's side, which costs no DynamoDB unit, answered here."""
    from quintet.auth import oidc

    claims = {"sub": "1234567890", "email": "jane@example.com", "email_verified": True,
              "given_name": "Jane", "family_name": "Doe"}  # fmt: skip
    with (
        mock.patch.object(oidc, "authorization_url", return_value="https://accounts.example/authorize"),
        mock.patch.object(oidc, "identify", return_value=claims),
    ):
        yield


def _catalogue(walk: ShopWalk) -> tuple[dict[str, Any], str]:
    admin, staff = "/api/v1/admin", walk.admin
    category = walk.step(staff, "POST", admin + "/categories", {"name": "Electronics"})["id"]
    walk.step(staff, "PUT", f"{admin}/categories/{category}", {"name": "Electronics", "description": "Devices"})
    brand = walk.step(staff, "POST", admin + "/brands", {"name": "TechCorp"})["id"]
    walk.step(staff, "PUT", f"{admin}/brands/{brand}", {"name": "TechCorp", "description": "Technology"})
    body = _product_body(0, category, brand)
    for number in range(1, 20):
        walk.step(staff, "POST", admin + "/products", _product_body(number, category, brand))
    product: dict[str, Any] = walk.step(staff, "POST", admin + "/products", body)
    body["description"] = "High-performance laptop for the professionals"
    walk.step(staff, "PUT", f"{admin}/products/{product['id']}", body)
    walk.step(staff, "PUT", f"{admin}/inventory/{product['sku']}", {"quantity": 10})
    walk.step(staff, "GET", f"{admin}/inventory/{product['sku']}")
    walk.step(staff, "GET", admin + "/products")
    public = "/api/v1/catalog"
    walk.step(walk.client, "GET", public + "/products")
    walk.step(walk.client, "GET", f"{public}/products/{product['id']}")
    walk.step(walk.client, "GET", f"{public}/products/category/{category}")
    walk.step(walk.client, "GET", public + "/categories")
    walk.step(walk.client, "GET", public + "/brands")
    return product, category


def _product_body(number: int, category: str, brand: str) -> dict[str, Any]:
    values = catalogue.product(number)
    kept = {k: values[k] for k in ("sku", "name", "description", "base_price", "status", "images", "attributes")}
    return {**kept, "SalePrice": values["sale_price"], "category_id": category, "brand_id": brand}


def _buying(walk: ShopWalk, product: dict[str, Any]) -> None:
    admin, cart, buyer = "/api/v1/admin", "/api/v1/cart", walk.buyer
    terms = {"code": "SAVE10", "type": "percent", "value": 10}
    walk.step(walk.admin, "POST", admin + "/promotions", terms)
    walk.step(walk.admin, "GET", admin + "/promotions")
    added = {"product_id": product["id"], "quantity": 2}
    item = walk.step(buyer, "POST", cart + "/items", added)["items"][0]["id"]
    walk.step(buyer, "PATCH", f"{cart}/items/{item}", {"quantity": 1})
    walk.step(buyer, "GET", cart)
    walk.step(buyer, "DELETE", f"{cart}/items/{item}")
    walk.step(buyer, "POST", cart + "/items", added)
    walk.step(buyer, "DELETE", cart)
    walk.step(buyer, "POST", cart + "/items", added)
    order = walk.step(buyer, "POST", "/api/v1/orders", {**catalogue.ORDER, "promotion_codes": ["SAVE10"]})["id"]
    walk.step(buyer, "GET", "/api/v1/orders")
    walk.step(buyer, "GET", f"/api/v1/orders/{order}")
    walk.step(walk.admin, "GET", admin + "/orders")
    walk.step(walk.admin, "POST", f"{admin}/orders/{order}/status", {"status": "paid"})
    walk.event("notifications.send_due")


def _roles(walk: ShopWalk) -> None:
    admin, staff = "/api/v1/admin", walk.admin
    permission = {"name": "read_reports", "resource": "reports", "action": "read", "description": "Read reports"}
    granted = walk.step(staff, "POST", admin + "/permissions", permission)["permission"]["id"]
    walk.step(staff, "GET", f"{admin}/permissions/{granted}")
    walk.step(staff, "PUT", f"{admin}/permissions/{granted}", {**permission, "description": "Read all reports"})
    walk.step(staff, "GET", admin + "/permissions")
    body = {"name": "reporter", "description": "Reads reports"}
    role = walk.step(staff, "POST", admin + "/roles", body)["role"]["id"]
    walk.step(staff, "GET", f"{admin}/roles/{role}")
    walk.step(staff, "PUT", f"{admin}/roles/{role}", {**body, "description": "Reads all reports"})
    walk.step(staff, "GET", admin + "/roles")
    walk.step(staff, "POST", f"{admin}/roles/{role}/permissions", {"permission_id": granted})
    walk.step(staff, "GET", f"{admin}/roles/{role}/permissions")
    user = walk.step(walk.buyer, "GET", "/api/v1/auth/profile")["user"]["id"]
    walk.step(staff, "POST", f"{admin}/users/{user}/roles", {"role_name": "reporter"})
    walk.step(staff, "GET", f"{admin}/users/{user}/roles")
    walk.step(staff, "DELETE", f"{admin}/users/{user}/roles/{role}")
    walk.step(staff, "DELETE", f"{admin}/roles/{role}/permissions/{granted}")
    walk.step(staff, "DELETE", f"{admin}/roles/{role}")
    walk.step(staff, "DELETE", f"{admin}/permissions/{granted}")


def _endings(walk: ShopWalk, product: dict[str, Any], category: str) -> None:
    walk.step(walk.admin, "DELETE", "/api/v1/admin/promotions/SAVE10")
    walk.step(walk.admin, "DELETE", f"/api/v1/admin/products/{product['id']}")
    walk.step(walk.buyer, "POST", "/api/v1/auth/logout")
