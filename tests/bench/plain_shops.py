"""The other frameworks' shops: their table, their events, and jobs that measure them."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from quintet.testing.events import http_event
from tests.bench import catalogue
from tests.bench.environments import ROOT, frameworks_python
from tests.bench.jobs import CREDENTIALS, Job
from tests.bench.tape import record
from tests.support import aws, resources

SHOPS = str(ROOT / "tests/bench/shops")
TABLE = "plain-shop"
KEY = "a-secret-of-at-least-thirty-two-bytes"


@dataclass(frozen=True)
class Framework:
    """A framework, the module of its shop, and the payload format its handler reads."""

    name: str
    module: str
    version: Any


FRAMEWORKS = (Framework("FastAPI + Mangum", "fastapi_shop", "2.0"), Framework("Chalice", "chalice_shop", "1.0"))


def token() -> str:
    import time

    import jwt

    return jwt.encode({"sub": catalogue.BUYER, "aud": "shop", "exp": int(time.time()) + 3600}, KEY, "HS256")


def events(version: Any) -> dict[str, Mapping[str, Any]]:
    """One event per measured operation."""
    base = "/api/v1/catalog/products"
    first = catalogue.product_id(0)
    bearer = {"Authorization": f"Bearer {token()}"}
    return {
        "get product": http_event(
            "GET", f"{base}/{first}", path_params={"id": first}, resource=base + "/{id}", version=version
        ),
        "list products": http_event("GET", base, query={"page": 1, "page_size": 20}, version=version),
        "create order": http_event("POST", "/api/v1/orders", body=catalogue.ORDER, headers=bearer, version=version),
    }


@contextmanager
def table() -> Iterator[Any]:
    """The table these shops share, filled."""
    import boto3

    client = boto3.client("dynamodb")
    client.create_table(**resources.table_definition(TABLE))
    found = boto3.resource("dynamodb").Table(TABLE)
    try:
        with found.batch_writer() as batch:
            for number in range(catalogue.PRODUCTS):
                values = catalogue.product(number)
                keys = {"PK": f"PRODUCT#{values['id']}", "SK": "PRODUCT"}
                batch.put_item(Item={**values, **keys, "GSI2PK": "PRODUCTS#active", "GSI2SK": values["id"]})
            head = {"GSI2PK": "PRODUCTS#active", "GSI2SK": "~", "n": catalogue.PRODUCTS}
            batch.put_item(Item={"PK": "COUNT#PRODUCTS", "SK": "~", **head})
        yield found
    finally:
        client.delete_table(TableName=TABLE)


def fill_cart(found: Any) -> None:
    """The buyer's cart and the stock of what is in it."""
    lines = []
    for number, quantity in catalogue.CART:
        values = catalogue.product(number)
        found.put_item(Item={"PK": f"SKU#{values['sku']}", "SK": "STOCK", "sku": values["sku"], "quantity": 1000})
        lines.append({"product_id": values["id"], "sku": values["sku"], "quantity": quantity})
    user = catalogue.BUYER
    found.put_item(Item={"PK": f"CART#{user}", "SK": "CART", "user_id": user, "items": lines, "version": 1})


@contextmanager
def loaded(framework: Framework) -> Iterator[ModuleType]:
    """The shop's module, imported as Lambda would, from its own folder."""
    sys.path.insert(0, SHOPS)
    try:
        yield importlib.import_module(framework.module)
    finally:
        sys.path.remove(SHOPS)


def jobs() -> list[tuple[str, str, Job]]:
    """(framework, operation, job) of everything that is measured."""
    env = {"TABLE": TABLE, "JWT_SECRET": KEY}
    os.environ.update({**CREDENTIALS, **env})
    found = []
    with aws.aws_backend(), table() as filled:
        for framework in FRAMEWORKS:
            with loaded(framework) as module:
                for operation, event in events(framework.version).items():
                    expect = 201 if operation == "create order" else 200
                    tape = record(module.handler, event, expect, lambda: None, lambda: fill_cart(filled))
                    job = Job(f"{framework.name}: {operation}", frameworks_python(), [SHOPS], framework.module,
                              "handler", event, tape.first, tape.again, env, expect)  # fmt: skip
                    found.append((framework.name, operation, job))
    return found
