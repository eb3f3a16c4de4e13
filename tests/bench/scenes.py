"""The measured operations of Storefront: their table, their events, and jobs that measure them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from typing import Any

from quintet.auth import tokens
from quintet.keys import keyring
from quintet.settings import settings
from quintet.testing.context import LambdaContext
from quintet.testing.events import http_event
from tests.bench import catalogue
from tests.bench.environments import ROOT, lambda_python
from tests.bench.jobs import Job
from tests.bench.tape import record
from tests.support import aws

PATH = [str(ROOT / "layers/common/python"), str(ROOT / "functions")]


@dataclass(frozen=True)
class Scene:
    """One measured operation: its handler and the request it is sent."""

    operation: str
    module: str
    function: str
    method: str
    path: str
    signed_in: bool = False
    body: Any = None
    params: Mapping[str, str] | None = None
    query: Mapping[str, Any] | None = None
    expect: int = 200
    prepare: Callable[[], None] = lambda: None

    def event(self, bearer: str) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {bearer}"} if self.signed_in else {}
        return http_event(self.method, self.path, body=self.body, query=self.query, headers=headers,
                          path_params=self.params)  # fmt: skip


def fill_products() -> None:
    """The catalogue, through the store's own transactions."""
    from storefront.catalog.products import Product, Stock
    from storefront.service import store

    for number in range(catalogue.PRODUCTS):
        tx = store.transaction()
        values = catalogue.product(number)
        tx.create(Product.model_validate(values))
        stock = {"sku": values["sku"], "product_id": values["id"], "quantity": 1000, "updated_at": catalogue.AT}
        tx.create(Stock.model_validate(stock))
        tx.commit()


def fill_cart() -> None:
    """The buyer's cart, through the shop's own operation."""
    from storefront.cart.operations import add_item

    for number, quantity in catalogue.CART:
        body = {"product_id": catalogue.product_id(number), "quantity": quantity}
        scene = Scene("", "", "", "POST", "/api/v1/cart/items", signed_in=True, body=body)
        answer = add_item(scene.event(token()), LambdaContext())
        assert answer["statusCode"] == 200, answer


def token() -> str:
    """An access token good for the time of the whole run."""
    return tokens.issue(catalogue.BUYER, {"email": "john@example.com"}, timedelta(hours=1))[0]


def scenes() -> list[Scene]:
    base, first = "/api/v1/catalog/products", catalogue.product_id(0)
    return [
        Scene("get product", "storefront.catalog.operations", "get_product", "GET", f"{base}/{first}",
              params={"id": first}),
        Scene("list products", "storefront.catalog.operations", "list_products", "GET", base,
              query={"page": 1, "page_size": 20}),
        Scene("list orders", "storefront.orders.operations", "list_orders", "GET", "/api/v1/orders", signed_in=True),
        Scene("create order", "storefront.orders.operations", "create_order", "POST", "/api/v1/orders", signed_in=True,
              body=catalogue.ORDER, expect=201, prepare=fill_cart),
    ]  # fmt: skip


def jobs() -> list[tuple[str, Job]]:
    """(operation, job) of every scene."""
    found = []
    with aws.system("storefront"):
        fill_products()
        env = {name: value for name, value in settings().values.items() if name.startswith("QUINTET_")}
        for scene in scenes():
            handler = getattr(import_module(scene.module), scene.function)
            event = scene.event(token())
            tape = record(handler, event, scene.expect, keyring.reset, scene.prepare)
            job = Job(f"Quintet: {scene.operation}", lambda_python(), PATH, scene.module, scene.function, event,
                      tape.first, tape.again, env, scene.expect)  # fmt: skip
            found.append((scene.operation, job))
    return found
